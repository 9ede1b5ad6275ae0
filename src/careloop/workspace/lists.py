"""The views of the desk: which conversations, in which order, and how many wait in each.

A view is a slug, a label and one sentence of queryset words. Every list is paged by key; a page's cursor names the
last row seen, so that new arrivals neither repeat nor hide one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from careloop.common.cursors import read_cursor, write_cursor
from careloop.conversations.models import Conversation
from careloop.conversations.models.conversation import Kind, State
from careloop.conversations.models.inbox import Inbox

if TYPE_CHECKING:
    from careloop.accounts.models import User
    from careloop.conversations.querysets import ConversationQuerySet

PAGE_ROWS = 30
DUE_SOON = timedelta(hours=4)
UNDATED = "~"
UNRESOLVED = (State.OPEN, State.WAITING, State.SNOOZED)

Rule = Callable[["User"], Q]


@dataclass(frozen=True)
class View:
    slug: str
    label: str | Promise
    rule: Rule
    sort: str = "activity"
    group: str = "main"


def _open(**more: object) -> Q:
    return Q(state=State.OPEN, **more)


def _due_soon(user: User) -> Q:
    return Q(state__in=(State.OPEN, State.SNOOZED), next_due_at__lt=timezone.now() + DUE_SOON)


MAIN_VIEWS = (
    View("mine", _("My open"), lambda user: _open(assignee=user)),
    View("unassigned", _("Unassigned"), lambda user: _open(assignee=None)),
    View("due", _("Due soon"), _due_soon, sort="due"),
    View("open", _("All open"), lambda user: _open()),
    View("complaints", _("Complaints"), lambda user: Q(kind=Kind.COMPLAINT, state__in=UNRESOLVED)),
    View("review", _("To look at"), lambda user: Q(needs_review=True)),
    View("waiting", _("Waiting for customer"), lambda user: Q(state=State.WAITING)),
    View("snoozed", _("Snoozed"), lambda user: Q(state=State.SNOOZED)),
    View("resolved", _("Resolved"), lambda user: Q(state=State.RESOLVED)),
)


def _of_channel(channel: str) -> Rule:
    return lambda user: Q(channel=channel, state__in=UNRESOLVED)


CHANNEL_VIEWS = tuple(
    View(str(kind.value), kind.label, _of_channel(str(kind.value)), group="channel") for kind in Inbox.Kind
)
VIEWS = {view.slug: view for view in (*MAIN_VIEWS, *CHANNEL_VIEWS)}
# What never ends is not counted: the number would say nothing and cost a scan.
COUNTED = tuple(view for view in VIEWS.values() if view.slug != "resolved")

SORTS = {"activity": _("Latest activity"), "due": _("Soonest due"), "priority": _("Highest priority")}


@dataclass(frozen=True)
class Page:
    """One page of rows; ``after`` is the cursor of the next, empty on the last."""

    rows: list[Conversation]
    after: str


def rows_in(view: View, user: User) -> QuerySet[Conversation]:
    return Conversation.objects.visible_to(user).filter(view.rule(user))


def page_of(view: View, user: User, *, sort: str, after: str = "") -> Page:
    """The next rows of a view. Raises :class:`InvalidInput` on a cursor that is not ours."""
    rows = Conversation.objects.visible_to(user).filter(view.rule(user)).for_list()
    found = _by_due(rows, after) if sort == "due" else list(rows.newest_first(read_cursor(after))[: PAGE_ROWS + 1])
    shown = found[:PAGE_ROWS]
    return Page(shown, cursor_of(shown[-1], sort) if len(found) > PAGE_ROWS else "")


def _by_due(rows: ConversationQuerySet, after: str) -> list[Conversation]:
    """Deadlines first, soonest on top; what has none follows, latest activity on top."""
    undated = after.startswith(UNDATED)
    found = [] if undated else list(rows.soonest_due_first(read_cursor(after))[: PAGE_ROWS + 1])
    if len(found) > PAGE_ROWS:
        return found
    cursor = read_cursor(after.removeprefix(UNDATED)) if undated else None
    rest = rows.filter(next_due_at=None).newest_first(cursor)
    return found + list(rest[: PAGE_ROWS + 1 - len(found)])


def cursor_of(row: Conversation, sort: str) -> str:
    if sort == "due" and row.next_due_at is not None:
        return write_cursor(row.next_due_at, row.pk)
    return (UNDATED if sort == "due" else "") + write_cursor(row.last_activity_at, row.pk)


def counts_for(user: User) -> dict[str, int]:
    """How many conversations each counted view holds, in one query."""
    counted = {view.slug: Count("pk", filter=view.rule(user)) for view in COUNTED}
    return Conversation.objects.visible_to(user).filter(Q(state__in=UNRESOLVED) | Q(needs_review=True)).aggregate(
        **counted
    )
