"""Who listens to what: the one table of side effects.

``now`` runs in the transaction of the change, ``later`` is a task enqueued in it. The main path is not here:
it is called by name in ``careloop.lifecycle.inbound``.
"""

from __future__ import annotations

from careloop.accounts import events as people
from careloop.business_hours import events as hours
from careloop.common.events import Subscriptions, later, now
from careloop.conversations import events as conversation
from careloop.customers import events as customer
from careloop.intake import events as intake
from careloop.lifecycle import events as lifecycle
from careloop.routing import events as queue
from careloop.sla import events as clock
from careloop.surveys import events as survey
from careloop.triage import events as triage

__all__ = ["SUBSCRIPTIONS", "later", "now"]

_SEND = later("careloop.channels.email.tasks.deliver_posted")
# In a portal matter what we say is delivered by standing on the customer's page.
_ON_PAGE = now("careloop.portal.listeners.on_said", channel="portal")
_INDEX = now("careloop.conversations.searching.index_message")
_NOBODY_WAITS = now("careloop.routing.listeners.on_nobody_waits")
# The owner has room again once the answer is out.
_ANSWERED = (_NOBODY_WAITS, later("careloop.routing.tasks.pull_on_room"))
# What a conversation is has become certain: the promise and the place in the queue follow.
_SAID_BY_A_PERSON = (now("careloop.sla.listeners.on_corrected"), now("careloop.routing.listeners.on_corrected"))
_RECOMPUTE = (later("careloop.sla.tasks.recompute_clocks"),)
# A clock that a message, a correction or reopening set is followed by prioritising anyway.
_CLOCK_MOVED = tuple(
    now("careloop.routing.listeners.on_clock_moved", because=because)
    for because in ("checked", "hours", "target", "customer", "law")
)
_LAW = now("careloop.routing.listeners.on_clock_moved")
_LAW_ENDED = now("careloop.routing.listeners.on_clock_moved", clock="final_reply")
# A deadline of the law that comes close or passes brings its case back before people, whoever waits for whom.
_LAW_PRESSES = tuple(
    now("careloop.routing.listeners.on_law_presses", clock=kind)
    for kind in ("acknowledgement", "interim", "final_reply")
)

SUBSCRIPTIONS: Subscriptions = {
    intake.BOUNCE_RECEIVED: (now("careloop.channels.email.bounced.note_bounce"),),
    lifecycle.UNDERSTOOD: (
        later("careloop.channels.email.tasks.acknowledge_received", channel="email"),
        later("careloop.portal.tasks.acknowledge_received", channel="portal"),
    ),
    conversation.DELIVERY_RETRIED: (_SEND,),
    conversation.MESSAGE_RECEIVED: (
        _INDEX,
        now("careloop.portal.listeners.on_received", channel="portal"),
    ),
    conversation.MESSAGE_POSTED: (
        _INDEX,
        _SEND,
        _ON_PAGE,
        now("careloop.sla.listeners.on_reply"),
        now("careloop.analytics.listeners.on_reply"),
        *_ANSWERED,
    ),
    conversation.AUTOMATIC_POSTED: (_INDEX, _SEND, _ON_PAGE),
    conversation.NOTE_ADDED: (_INDEX,),
    conversation.CONVERSATION_RESOLVED: (
        now("careloop.sla.listeners.on_resolved"),
        now("careloop.analytics.listeners.on_resolved"),
        now("careloop.replies.services.past.on_resolved"),
        *_ANSWERED,
        later("careloop.surveys.tasks.ask_after_resolution"),
        later("careloop.care.tasks.open_after_resolution"),
    ),
    survey.SURVEY_RELEASED: (later("careloop.surveys.tasks.ask_after_release"),),
    conversation.CONVERSATION_REOPENED: (
        now("careloop.sla.listeners.on_reopened"),
        now("careloop.routing.listeners.on_reopened"),
        now("careloop.care.listeners.on_reopened"),
        now("careloop.replies.services.past.on_reopened"),
    ),
    conversation.COURTESY_NOTED: (
        now("careloop.sla.listeners.on_courtesy"),
        now("careloop.routing.listeners.on_courtesy"),
    ),
    conversation.CONVERSATION_WOKEN: (now("careloop.routing.listeners.on_woken"),),
    triage.TRAINING_ASKED: (later("careloop.triage.tasks.train_head"),),
    triage.TAXONOMY_SPLIT: (later("careloop.triage.tasks.carry_over_split"),),
    triage.THRESHOLD_CHANGED: (later("careloop.triage.tasks.mark_unsure"),),
    triage.TRIAGE_PREDICTED: (now("careloop.triage.listeners.on_predicted"),),
    triage.SECOND_OPINION: _SAID_BY_A_PERSON,
    triage.TRIAGE_CORRECTED: _SAID_BY_A_PERSON,
    triage.TRIAGE_CONFIRMED: _SAID_BY_A_PERSON,
    triage.TRIAGE_WITHDRAWN: _SAID_BY_A_PERSON,
    conversation.CONVERSATION_SNOOZED: (_NOBODY_WAITS,),
    conversation.CONVERSATION_ASSIGNED: (
        now("careloop.routing.listeners.on_assigned"),
        now("careloop.triage.listeners.on_assigned"),
    ),
    hours.CALENDAR_PUBLISHED: _RECOMPUTE,
    clock.TEAM_HOURS_CHANGED: _RECOMPUTE,
    clock.TARGET_CHANGED: _RECOMPUTE,
    customer.CUSTOMER_CHANGED: (
        later("careloop.sla.tasks.recompute_clocks", is_tier=True),
        later("careloop.routing.tasks.rescore_customer"),
    ),
    customer.CUSTOMER_MERGED: (
        *_RECOMPUTE,
        later("careloop.routing.tasks.rescore_customer"),
        later("careloop.customers.tasks.rank_spend"),
    ),
    customer.ORDER_KEPT: (later("careloop.customers.tasks.rank_spend"),),
    customer.SPEND_RANKED: (later("careloop.routing.tasks.rescore_customer"),),
    clock.CLOCK_STARTED: _CLOCK_MOVED,
    clock.CLOCK_RETARGETED: _CLOCK_MOVED,
    clock.CLOCK_EXTENDED: (_LAW,),
    clock.CLOCK_PAUSED: (_LAW,),
    clock.CLOCK_RESUMED: (_LAW,),
    clock.CLOCK_MET: (_LAW_ENDED,),
    clock.CLOCK_CANCELLED: (_LAW_ENDED,),
    clock.CLOCK_WARNED: _LAW_PRESSES,
    clock.CLOCK_BREACHED: (now("careloop.routing.listeners.on_breached"), *_LAW_PRESSES),
    people.PRESENCE_CHANGED: (later("careloop.routing.tasks.pull_on_presence"),),
    queue.SIMULATION_ASKED: (later("careloop.routing.tasks.run_simulation"),),
    queue.PRIORITY_CHANGED: (later("careloop.routing.tasks.rescore_queue"),),
}
