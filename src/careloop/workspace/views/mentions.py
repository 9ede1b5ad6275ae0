"""Mentions: whom a note can name, and word that somebody was named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from careloop.accounts.models import User
from careloop.common.models import Event
from careloop.conversations import events
from careloop.conversations.models import Conversation, Mention
from careloop.conversations.services.mentioning import colleagues_of
from careloop.workspace.access import conversation_of, desk, person
from careloop.workspace.answers import announced, conversation_url

MOST_COLLEAGUES = 300


@require_safe
@desk
def colleagues(request: HttpRequest, number: int) -> HttpResponse:
    """Those whom a note in this conversation can reach; the composer narrows them down as one types."""
    people = colleagues_of(conversation_of(request, number)).exclude(pk=person(request).pk)[:MOST_COLLEAGUES]
    return render(request, "workspace/_colleagues.html", {"colleagues": _callable(list(people))})


@require_safe
@desk
def news(request: HttpRequest, event: int) -> HttpResponse:
    """A notice for the person the event is about, if they have not looked yet; nothing for everybody else."""
    mention = _mention_of(person(request), event)
    response = HttpResponse(status=204)
    if mention is None:
        return response
    author = mention.message.author
    notice = _("%(who)s mentioned you in %(reference)s") % {
        "who": author.display_name if author else "Careloop",
        "reference": mention.conversation.reference,
    }
    toast = {"text": notice, "level": "info", "url": conversation_url(mention.conversation)}
    return announced(response, toast=toast)


def _mention_of(user: User, event: int) -> Mention | None:
    found = Event.objects.filter(pk=event, name=events.COLLEAGUE_MENTIONED).first() if event < 2**63 else None
    if found is None or found.subject_id is None:
        return None
    rows = Mention.objects.of(user).unread().filter(conversation__in=Conversation.objects.visible_to(user))
    return rows.filter(pk=found.subject_id).select_related("conversation", "message__author").first()


def _callable(people: Iterable[User]) -> Iterator[tuple[User, str, str]]:
    """Each with the name of their mail, and what to write after the sign: the mail's name where two share one."""
    people = list(people)
    shared = Counter(each.display_name for each in people)
    for each in people:
        handle = each.email.partition("@")[0]
        yield each, handle, each.display_name if shared[each.display_name] == 1 and each.display_name else handle
