"""Everything that happens again and again, in one list. Slots are in UTC; see `common.jobs.recurring`."""

from datetime import timedelta

from careloop.common.jobs.recurring import Recurring

SCHEDULE = [
    Recurring(
        "forget finished jobs",
        "careloop.common.jobs.tasks.forget_finished_jobs",
        every=timedelta(days=1),
        offset=timedelta(hours=2),
        sentence="Delete background jobs that were done or discarded a week ago.",
    ),
    Recurring(
        "watch clocks",
        "careloop.sla.tasks.watch_clocks",
        every=timedelta(minutes=1),
        sentence="Warn of deadlines that come near and mark those that have passed.",
    ),
]
