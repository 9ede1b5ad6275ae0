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
from careloop.routing.services.queue import score_sorted

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

    @property
    def sorts(self) -> dict[str, str | Promise]:
        """The orders this view can be read in."""
        return {key: label for key, label in SORTS.items() if key != "priority" or self.slug in SCORED}


def _mine(user: User) -> Q:
    return Q(state=State.OPEN, assignee=user)


def _due_soon(_user: User) -> Q:
    return Q(state__in=(State.OPEN, State.SNOOZED), next_due_at__lt=timezone.now() + DUE_SOON)


def _anybody(**rule: object) -> Rule:
    """The same rows whoever asks."""
    return lambda _user: Q(**rule)


MAIN_VIEWS = (
    View("mine", _("My open"), _mine),
    View("unassigned", _("Unassigned"), _anybody(state=State.OPEN, assignee=None)),
    View("due", _("Due soon"), _due_soon, sort="due"),
    View("open", _("All open"), _anybody(state=State.OPEN)),
    View("complaints", _("Complaints"), _anybody(kind=Kind.COMPLAINT, state__in=UNRESOLVED)),
    View("review", _("To look at"), _anybody(needs_review=True)),
    View("waiting", _("Waiting for customer"), _anybody(state=State.WAITING)),
    View("snoozed", _("Snoozed"), _anybody(state=State.SNOOZED)),
    View("resolved", _("Resolved"), _anybody(state=State.RESOLVED)),
)


CHANNEL_VIEWS = tuple(
    View(str(kind.value), kind.label, _anybody(channel=str(kind.value), state__in=UNRESOLVED)) for kind in Inbox.Kind
)
VIEWS = {view.slug: view for view in (*MAIN_VIEWS, *CHANNEL_VIEWS)}
# What never ends is not counted: the number would say nothing and cost a scan.
COUNTED = tuple(view for view in VIEWS.values() if view.slug != "resolved")

SORTS = {"activity": _("Latest activity"), "due": _("Soonest due"), "priority": _("Highest priority")}
# The queue knows the order of these two exactly; other views have no place in it.
SCORED = ("mine", "unassigned")


@dataclass(frozen=True)
class Page:
    """One page of rows; ``after`` is the cursor of the next, empty on the last."""

    rows: list[Conversation]
    after: str


def rows_in(view: View, user: User) -> QuerySet[Conversation]:
    return Conversation.objects.visible_to(user).filter(view.rule(user))


def page_of(view: View, user: User, *, sort: str, after: str = "") -> Page:
    """The next rows of a view. Raises :class:`InvalidInput` on a cursor that is not ours."""
    if sort == "priority":
        return _by_priority(user, after, is_mine=view.slug == "mine")
    rows = Conversation.objects.visible_to(user).filter(view.rule(user)).for_rows()
    found = _by_due(rows, after) if sort == "due" else list(rows.newest_first(read_cursor(after))[: PAGE_ROWS + 1])
    shown = found[:PAGE_ROWS]
    return Page(shown, cursor_of(shown[-1], sort) if len(found) > PAGE_ROWS else "")


def _by_priority(user: User, after: str, *, is_mine: bool) -> Page:
    """The queue in score order: of what is in this person's hands, or of what nobody has yet."""
    page = score_sorted(user, after=after, limit=PAGE_ROWS, is_mine=is_mine)
    return Page([entry.conversation for entry in page.entries], page.next)


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
    return (
        Conversation.objects.visible_to(user)
        .filter(Q(state__in=UNRESOLVED) | Q(needs_review=True))
        .aggregate(**counted)
    )
