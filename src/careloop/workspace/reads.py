"""Opening a sensitive conversation leaves a row: what the desk tells the audit room."""

from __future__ import annotations

from django.http import HttpRequest

from careloop.audit.models import SensitiveRead
from careloop.audit.services.reading import note_read
from careloop.common.http import address_of
from careloop.conversations.models import Conversation
from careloop.workspace.access import person
from careloop.workspace.priorities import URGENT, Priority
from careloop.workspace.understanding import Understanding


def note_opened(
    request: HttpRequest, conversation: Conversation, understanding: Understanding, priority: Priority | None
) -> None:
    """For the pane, which has already read both signs of danger: an ordinary conversation costs no query.

    A mark set by a person puts the conversation before all others, so only urgent ones are asked about marks.
    """
    if understanding.dangers or (priority is not None and priority.dot == URGENT.dot):
        note(request, conversation)


def note(request: HttpRequest, conversation: Conversation) -> None:
    """For the other doors to a conversation's words and files: one query, and an insert when it is sensitive."""
    note_read(person(request), conversation.pk, door=SensitiveRead.Door.DESK, address=address_of(request))
