"""All that an open conversation shows, gathered once for the page and for the answer to every action."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from careloop.conversations.models import Conversation, State
from careloop.conversations.models.conversation import FIRST_NUMBER
from careloop.replies.services.drafts import draft_of
from careloop.sla.services.panel import clock_lines
from careloop.surveys.services.reading import is_survey_withheld
from careloop.workspace import customers, drawing, lists, thread
from careloop.workspace.access import person
from careloop.workspace.looks import draft_word
from careloop.workspace.priorities import priority_of
from careloop.workspace.reads import note_opened
from careloop.workspace.understanding import understanding_of
from careloop.workspace.why import why_theirs

STRANGER = _("Somebody this conversation does not know quoted its number, token or mail.")
REVIEW_REASONS: dict[str, str | Promise] = {
    "stranger_number_from_stranger": _("Somebody we do not know quoted the number of another conversation."),
    "stranger_token": STRANGER,
    "stranger_message_id": STRANGER,
    "stranger_references": STRANGER,
    "stranger_external_thread": STRANGER,
}


def pane(request: HttpRequest, conversation: Conversation, *, before: int | None = None) -> dict[str, Any]:
    standing, understanding = after_message(request, conversation, before=before), understanding_of(conversation)
    note_opened(request, conversation, understanding, standing["priority"])
    return {
        **standing,
        "understanding": understanding,
        **_draft(request, conversation),
        "review_reason": _review_reason(conversation),
        **customers.panel(person(request), conversation),
        "related_number": (conversation.related_to_id or 0) + FIRST_NUMBER,
        **_standing(conversation),
        "survey_is_withheld": bool(understanding.dangers) and is_survey_withheld(conversation),
    }


def after_message(request: HttpRequest, conversation: Conversation, *, before: int | None = None) -> dict[str, Any]:
    """What a message of ours changes: the thread, the state, the clocks and the place in the queue."""
    clocks = clock_lines(conversation)
    return {
        "conversation": conversation,
        "view": current_view(request),
        **messages(request, conversation, before=before),
        "clocks": clocks,
        "clock": next((line for line in clocks if line.is_pressing), None),
        "why_theirs": why_theirs(conversation),
        "priority": priority_of(conversation),
    }


def messages(request: HttpRequest, conversation: Conversation, *, before: int | None = None) -> dict[str, Any]:
    """The newest messages, drawn, or those before one."""
    part = thread.part_of(conversation, before=before)
    return {
        "conversation": conversation,
        "messages_shown": thread.drawn(part.lines, conversation.number, drawing.csrf_field(request)),
        "earlier": part.earlier,
        "newest": part.newest if before is None else "",
    }


def current_view(request: HttpRequest) -> lists.View:
    """The list the person came from, by the address of the page that asks."""
    match = request.resolver_match
    slug = match.kwargs.get("view") if match else None
    if slug is None:
        slug = request.headers.get("HX-Current-URL", "").partition("/desk/")[2].partition("/")[0]
    return lists.VIEWS.get(slug, lists.VIEWS["open"])


def _draft(request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
    kept = draft_of(conversation, person(request))
    if kept is None:
        return {}
    return {"draft": kept.text, "draft_kind": kept.kind, "draft_saved": draft_word(kept.updated_at)}


def _review_reason(conversation: Conversation) -> str:
    return str(REVIEW_REASONS.get(conversation.review_reason, conversation.review_reason))


def _standing(conversation: Conversation) -> dict[str, Any]:
    """How it was resolved or until when it sleeps; nothing is asked for one that is open."""
    if conversation.state == State.RESOLVED:
        return {"resolution": conversation.resolutions.select_related("by").order_by("-at", "-id").first()}
    if conversation.state == State.SNOOZED:
        return {"snooze": conversation.snoozes.filter(woken_at=None).first()}
    return {}
