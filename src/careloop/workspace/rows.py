"""A row of the list, worked out once so that the template only prints.

Thirty rows are on a page and a page should be ready in a few milliseconds: everything a row shows comes from the
list's own query and one more for the priorities, and is plain text here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, pgettext, pgettext_lazy
from markupsafe import Markup

from careloop.conversations.models import Conversation, State
from careloop.workspace import drawing, looks
from careloop.workspace.assets import forget_on_rebuild
from careloop.workspace.badges import Badge

SOON_SECONDS = 3600
# The first pages of a busy team in both languages; a drawn row takes about a kilobyte and a half.
REMEMBERED = 4_000


class Row(NamedTuple):
    pk: int
    number: int
    who: str
    initial: str
    tone: int
    subject: str
    preview: str
    when: str
    when_css: str
    is_vip: bool
    is_waiting: bool
    badges: tuple[Badge, ...]
    stamp: str


@dataclass(frozen=True, slots=True)
class _Page:
    """What all rows of a page are seen with."""

    now: datetime
    language: str | None
    by_due: bool


def rows_for(conversations: Iterable[Conversation], priorities: Mapping[int, Badge], *, sort: str) -> list[Row]:
    page = _Page(timezone.now(), get_language(), sort == "due")
    return [_row(each, priorities.get(each.pk), page) for each in conversations]


@lru_cache(maxsize=REMEMBERED)
def drawn(row: Row, href: str, *, is_chosen: bool = False) -> Markup:
    """The row as it stands in the list. A row shows nothing but its own text, so that a drawn one is remembered."""
    return drawing.draw_alone("row.html", row=row, href=href, is_chosen=is_chosen)


forget_on_rebuild(drawn)


def _row(conversation: Conversation, priority: Badge | None, page: _Page) -> Row:
    name = conversation.customer.name or conversation.reference
    when, css = _when(conversation, page)
    title = conversation.title or gettext("(no subject)")
    return Row(
        pk=conversation.pk,
        number=conversation.number,
        who=name,
        initial=looks.initial(name),
        tone=looks.tone(conversation.customer_id),
        subject=title,
        preview=conversation.preview if conversation.preview != title else "",
        when=when,
        when_css=css,
        is_vip=conversation.customer.is_vip,
        is_waiting=conversation.is_waiting,
        badges=tuple(_badges(conversation, priority, page)),
        stamp=f"{conversation.last_activity_at.timestamp():.3f}{conversation.state}{conversation.assignee_id or ''}",
    )


def _when(conversation: Conversation, page: _Page) -> tuple[str, str]:
    due = conversation.next_due_at
    if not page.by_due or due is None:
        return looks.since(conversation.last_activity_at, page.now, page.language), ""
    left = (due - page.now).total_seconds()
    span = looks.span(left, page.language)
    if left < 0:
        return pgettext("past a deadline, short", "%(time)s late") % {"time": span}, "row__when--late"
    return span, "row__when--soon" if left < SOON_SECONDS else ""


def _badges(conversation: Conversation, priority: Badge | None, page: _Page) -> Iterable[Badge]:
    if getattr(conversation, "is_mention_unread", False):
        yield _standing("named", page.language)
    if conversation.state == State.RESOLVED:
        yield _standing("resolved", page.language)
        return
    if conversation.state in (State.WAITING, State.SNOOZED):
        yield _standing(conversation.state, page.language)
    elif conversation.next_due_at is not None and conversation.next_due_at < page.now:
        yield _standing("overdue", page.language)
    if priority is not None:
        yield priority


_STANDINGS: dict[str, tuple[Promise | str, str]] = {
    "named": (pgettext_lazy("a badge: somebody named you", "@ new"), "violet"),
    "overdue": (pgettext_lazy("a badge", "overdue"), "red"),
    State.RESOLVED: (State.RESOLVED.label, "green"),
    State.WAITING: (pgettext_lazy("a badge: for the customer", "waiting"), ""),
    State.SNOOZED: (pgettext_lazy("a badge", "snoozed"), ""),
}


@lru_cache(maxsize=64)
def _standing(name: str, _language: str | None) -> Badge:
    label, tone = _STANDINGS[name]
    return Badge(str(label), tone)
