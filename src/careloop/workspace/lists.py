"""The views of the desk: which conversations, in which order, and how many wait in each.

A view is a slug, a label, one sentence of queryset words, and the lanes of the indexes in which its rows lie. Every
list is paged by key; a page's cursor names the last row seen, so that new arrivals neither repeat nor hide one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from careloop.common.cursors import read_cursor, write_cursor
from careloop.common.db.prepared import prepared
from careloop.conversations import lanes
from careloop.conversations.models import Conversation
from careloop.conversations.models.conversation import Kind, State
from careloop.conversations.models.inbox import Inbox
from careloop.routing.services.queue import score_sorted
from careloop.workspace.named import lanes_naming, lanes_naming_anew, mark_unread, naming

if TYPE_CHECKING:
    from careloop.accounts.models import User
    from careloop.common.cursors import Cursor

PAGE_ROWS = 30
DUE_SOON = timedelta(hours=4)
UNDATED = "~"
UNRESOLVED = (State.OPEN, State.WAITING, State.SNOOZED)

# Counting goes no further; "999+" says as much to a person as the number would.
COUNTED_TO = 1000
BY_DUE, BY_ACTIVITY, BY_BOTH = ("due",), ("activity",), ("activity", "due")

Rule = Callable[["User"], Q]
Lanes = Callable[["User"], list[lanes.Lane]]


@dataclass(frozen=True)
class View:
    slug: str
    label: str | Promise
    rule: Rule
    lanes: Lanes
    orders: tuple[str, ...] = BY_BOTH

    @property
    def sort(self) -> str:
        """The order it is opened in."""
        return self.orders[0]

    @property
    def sorts(self) -> dict[str, str | Promise]:
        """The orders this view can be read in."""
        return {key: SORTS[key] for key in self.orders}


def _mine(user: User) -> Q:
    return Q(state=State.OPEN, assignee=user)


def _lane_of_mine(user: User) -> list[lanes.Lane]:
    return lanes.in_hand(user, "state = 'open'")


def _due_soon(_user: User) -> Q:
    return Q(state__in=(State.OPEN, State.SNOOZED), next_due_at__lt=timezone.now() + DUE_SOON)


def _lanes_due_soon(user: User) -> list[lanes.Lane]:
    soon = connection.ops.adapt_datetimefield_value(timezone.now() + DUE_SOON)
    due = "state = '{}' AND next_due_at < %s"
    return lanes.of_teams(user, due.format("open"), due.format("snoozed"), values=[soon])


def _anybody(**rule: object) -> Rule:
    """The same rows whoever asks."""
    return lambda _user: Q(**rule)


def _in(condition: str) -> Lanes:
    """The lanes of the teams this person sees, with the condition of one index."""
    return lambda user: lanes.of_teams(user, condition)


# The queue knows the order of the first two exactly; other views have no place in it. What is due soon is read by
# its deadline, and where nothing is due or little lies, by its activity: no index gives these another order.
MAIN_VIEWS = (
    View("mine", _("My open"), _mine, _lane_of_mine, (*BY_BOTH, "priority")),
    View(
        "unassigned", _("Unassigned"), _anybody(state=State.OPEN, assignee=None),
        _in("state = 'open' AND assignee_id IS NULL"), (*BY_BOTH, "priority"),
    ),
    View("due", _("Due soon"), _due_soon, _lanes_due_soon, BY_DUE),
    View("open", _("All open"), _anybody(state=State.OPEN), _in("state = 'open'")),
    View("mentions", _("Mentions"), naming, lanes_naming, BY_ACTIVITY),
    View(
        "complaints", _("Complaints"), _anybody(kind=Kind.COMPLAINT, state__in=UNRESOLVED),
        _in("NOT (state = 'resolved') AND kind = 'complaint'"),
    ),
    View("review", _("To look at"), _anybody(needs_review=True), _in("needs_review"), BY_ACTIVITY),
    View("waiting", _("Waiting for customer"), _anybody(state=State.WAITING), _in("state = 'waiting'")),
    View("snoozed", _("Snoozed"), _anybody(state=State.SNOOZED), _in("state = 'snoozed'")),
    View("resolved", _("Resolved"), _anybody(state=State.RESOLVED), _in("state = 'resolved'"), BY_ACTIVITY),
)  # fmt: skip


CHANNEL_VIEWS = tuple(
    View(
        str(kind.value), kind.label, _anybody(channel=str(kind.value), state__in=UNRESOLVED),
        _in(f"NOT (state = 'resolved') AND channel = '{kind.value}'"),
    )
    for kind in Inbox.Kind
)  # fmt: skip
VIEWS = {view.slug: view for view in (*MAIN_VIEWS, *CHANNEL_VIEWS)}
# What never ends is not counted: the number would say nothing. Of mentions only the unread are.
COUNTED = tuple(view for view in VIEWS.values() if view.slug not in ("resolved", "mentions"))

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
    if sort == "priority":
        return _by_priority(user, after, is_mine=view.slug == "mine")
    theirs = view.lanes(user)
    found = _by_due(theirs, after) if sort == "due" else _head(theirs, lanes.LATEST_ACTIVITY, read_cursor(after))
    shown = found[:PAGE_ROWS]
    if view.slug == "mentions":
        mark_unread(shown, user)
    return Page(shown, cursor_of(shown[-1], sort) if len(found) > PAGE_ROWS else "")


def _head(
    theirs: list[lanes.Lane], order: lanes.Order, after: Cursor | None, most: int = PAGE_ROWS + 1
) -> list[Conversation]:
    """The first rows of these lanes behind the cursor. The top of a list is asked for all day: its SQL is kept."""
    if after is None:
        top = _top(tuple((lane.where, len(lane.values)) for lane in theirs), order, most)
        return top(*(value for lane in theirs for value in lane.values))
    return list(_behind(theirs, order, after, most))


@lru_cache(maxsize=512)
def _top(shape: tuple[tuple[str, int], ...], order: lanes.Order, most: int) -> prepared[Conversation]:
    """For lanes of this shape; the values of all of them, one after the other, are its arguments."""

    def build(*values: Any) -> QuerySet[Conversation]:
        theirs = iter(values)
        return _behind([lanes.Lane(where, tuple(islice(theirs, count))) for where, count in shape], order, None, most)

    return prepared(build)


def _behind(theirs: list[lanes.Lane], order: lanes.Order, after: Cursor | None, most: int) -> QuerySet[Conversation]:
    rows = Conversation.objects.for_rows().filter(lanes.heads(theirs, order, after, most))
    return rows.order_by(*order.fields)[:most]


def _by_priority(user: User, after: str, *, is_mine: bool) -> Page:
    """The queue in score order: of what is in this person's hands, or of what nobody has yet."""
    page = score_sorted(user, after=after, limit=PAGE_ROWS, is_mine=is_mine)
    return Page([entry.conversation for entry in page.entries], page.next)


def _by_due(theirs: list[lanes.Lane], after: str) -> list[Conversation]:
    """Deadlines first, soonest on top; what has none follows, begun last on top."""
    undated = after.startswith(UNDATED)
    found = [] if undated else _head(theirs, lanes.SOONEST_DUE, read_cursor(after))
    if len(found) > PAGE_ROWS:
        return found
    cursor = read_cursor(after.removeprefix(UNDATED)) if undated else None
    return found + _head(theirs, lanes.WITHOUT_DEADLINE, cursor, PAGE_ROWS + 1 - len(found))


def cursor_of(row: Conversation, sort: str) -> str:
    if sort == "due" and row.next_due_at is not None:
        return write_cursor(row.next_due_at, row.pk)
    return (UNDATED if sort == "due" else "") + write_cursor(row.last_activity_at, row.pk)


def counts_for(user: User) -> dict[str, int]:
    """How many conversations each counted view holds, no further than ``COUNTED_TO``, in one query."""
    counted = {view.slug: view.lanes(user) for view in COUNTED} | {"mentions": lanes_naming_anew(user)}
    return dict(zip(counted, lanes.count_each(list(counted.values()), COUNTED_TO), strict=True))
