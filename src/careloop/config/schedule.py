"""Everything that happens again and again, in one list. Slots are in UTC; see `common.jobs.recurring`."""

from datetime import timedelta

from careloop.common.jobs.recurring import Recurring

SCHEDULE = [
    Recurring(
        "look at questions",
        "careloop.improvements.tasks.look_at_questions",
        every=timedelta(days=7),
        offset=timedelta(hours=19),
        sentence="Sort the week's questions that no article answers into groups of alike ones.",
    ),
    Recurring(
        "forget knocks",
        "careloop.portal.tasks.forget_knocks",
        every=timedelta(days=1),
        offset=timedelta(hours=4),
        sentence="Delete yesterday's counts of who wrote through the portal.",
    ),
    Recurring(
        "poll mailboxes",
        "careloop.channels.email.tasks.poll_mailboxes",
        every=timedelta(seconds=20),
        sentence="Look into every mailbox for new mail.",
    ),
    Recurring(
        "send what waits",
        "careloop.channels.email.tasks.send_what_waits",
        every=timedelta(minutes=5),
        sentence="Take up mails that no background job is about any more.",
    ),
    Recurring(
        "forget mail counts",
        "careloop.channels.email.tasks.forget_old_counts",
        every=timedelta(days=1),
        offset=timedelta(hours=3),
        sentence="Delete the counts of sent mails that no cap looks at any more.",
    ),
    Recurring(
        "forget finished jobs",
        "careloop.common.jobs.tasks.forget_finished_jobs",
        every=timedelta(days=1),
        offset=timedelta(hours=2),
        sentence="Delete background jobs that were done or discarded a week ago.",
    ),
    Recurring(
        "forget old reads",
        "careloop.audit.tasks.forget_old_reads",
        every=timedelta(days=1),
        offset=timedelta(hours=5),
        sentence="Delete who opened which sensitive conversation when it has been kept long enough.",
    ),
    Recurring(
        "watch clocks",
        "careloop.sla.tasks.watch_clocks",
        every=timedelta(minutes=1),
        sentence="Warn of deadlines that come near and mark those that have passed.",
    ),
    Recurring(
        "retrain where due",
        "careloop.triage.tasks.retrain_where_due",
        every=timedelta(days=1),
        offset=timedelta(hours=18),
        sentence="Train the heads of triage that got enough new labels; what is better beyond noise answers.",
    ),
    Recurring(
        "count answers",
        "careloop.triage.tasks.count_answers",
        every=timedelta(hours=1),
        offset=timedelta(minutes=20),
        sentence="Count by week what triage answered and what people corrected, and warn of a week that drifted.",
    ),
    Recurring(
        "trim reviews",
        "careloop.triage.tasks.trim_reviews",
        every=timedelta(hours=1),
        offset=timedelta(minutes=40),
        sentence="Keep of each day the questions of the review queue that are worth most, and none for over two weeks.",
    ),
    Recurring(
        "forecast customers",
        "careloop.care.tasks.forecast_customers",
        every=timedelta(days=1),
        offset=timedelta(hours=1, minutes=30),
        sentence="Expect anew of customers what they buy, spend and whether they stay; rank what they spent.",
    ),
]
