"""Who listens to what: the one table of side effects.

``now`` runs in the transaction of the change, ``later`` is a task enqueued in it. The main path is not here:
it is called by name in ``careloop.lifecycle.inbound``.
"""

from __future__ import annotations

from careloop.common.events import Subscriptions, later, now
from careloop.conversations import events as conversation

__all__ = ["SUBSCRIPTIONS", "later", "now"]

_INDEX = now("careloop.conversations.searching.index_message")

SUBSCRIPTIONS: Subscriptions = {
    conversation.MESSAGE_RECEIVED: (_INDEX,),
    conversation.MESSAGE_POSTED: (_INDEX, now("careloop.sla.listeners.on_reply")),
    conversation.AUTOMATIC_POSTED: (_INDEX,),
    conversation.NOTE_ADDED: (_INDEX,),
    conversation.CONVERSATION_RESOLVED: (
        now("careloop.sla.listeners.on_resolved"),
        later("careloop.surveys.tasks.ask_after_resolution"),
    ),
    conversation.COURTESY_NOTED: (now("careloop.sla.listeners.on_courtesy"),),
}
