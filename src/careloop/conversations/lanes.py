"""Long lists, read and counted from the heads of their lanes.

A lane is what lies side by side in one index, in the order of a list: the open conversations of one team, the
unresolved complaints of one team. What a person sees in a view is a handful of lanes. A page is merged from the
first rows of each, and counting stops at a bound, so that neither grows with the conversations; one index over all
teams would be walked from the top until a small team's thirty rows are found.

Conditions are literal SQL, since only a literal proves to SQLite that a partial index holds every row asked for.
Values that people chose are always bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from careloop.accounts.models import User

TABLE = "conversations_conversation"
MOST_AT_ONCE = 400  # SQLite joins at most 500 SELECTs


@dataclass(frozen=True)
class Lane:
    where: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Order:
    """A column in which lanes are sorted, the id behind it; ``where`` is what has a place in this order at all."""

    column: str
    is_falling: bool
    where: str = ""

    @property
    def by(self) -> str:
        way = " DESC" if self.is_falling else ""
        return f"id{way}" if self.column == "id" else f"{self.column}{way}, id{way}"

    @property
    def fields(self) -> tuple[str, ...]:
        """For ``order_by`` of the rows that were found."""
        sign = "-" if self.is_falling else ""
        return tuple(f"{sign}{name}" for name in dict.fromkeys((self.column, "id")))

    def behind(self, after: tuple[datetime, int] | None) -> tuple[str, list[Any]]:
        if after is None:
            return "", []
        sign = "<" if self.is_falling else ">"
        if self.column == "id":
            return f" AND id {sign} %s", [after[1]]
        moment = connection.ops.adapt_datetimefield_value(after[0])
        return f" AND ({self.column}, id) {sign} (%s, %s)", [moment, after[1]]


LATEST_ACTIVITY = Order("last_activity_at", is_falling=True)
SOONEST_DUE = Order("next_due_at", is_falling=False, where=" AND next_due_at IS NOT NULL")
# The same index, backwards: what was begun last comes first.
WITHOUT_DEADLINE = Order("id", is_falling=True, where=" AND next_due_at IS NULL")


def of_teams(user: User | AnonymousUser, *conditions: str, values: Sequence[Any] = ()) -> list[Lane]:
    """What ``visible_to`` lets this person see, taken apart: one lane a condition for each team, and for no team.

    ``values`` are bound in each condition.
    """
    if not user.is_authenticated or not user.is_active:
        return []
    teams = sorted(user.seen_team_ids)
    lanes = [Lane(f"team_id = %s AND {each}", (team, *values)) for team in teams for each in conditions]
    return lanes + [Lane(f"team_id IS NULL AND {each}", tuple(values)) for each in conditions]


def in_hand(user: User, condition: str) -> list[Lane]:
    """One lane of what this person holds, as far as they may see it."""
    own = f"assignee_id = %s AND {condition}"
    if user.is_administrator:
        return [Lane(own, (user.pk,))]
    teams = sorted(user.team_ids)
    marks = ", ".join(["%s"] * len(teams))
    seen = f"(team_id IN ({marks}) OR team_id IS NULL)" if teams else "team_id IS NULL"
    return [Lane(f"{own} AND {seen}", (user.pk, *teams))]


def heads(
    lanes: Sequence[Lane], order: Order, after: tuple[datetime, int] | None, limit: int, *, table: str = TABLE
) -> Q:
    """A condition for the first ``limit`` rows of each lane behind the cursor.

    ``table`` is another room's whose rows carry the team of their conversation. Whoever asks sorts them by
    ``order.fields`` and cuts at ``limit``: the first of all are among the first of each.
    """
    behind, bound = order.behind(after)
    found = Q(pk__in=())
    for some in _batched(lanes, MOST_AT_ONCE):
        parts = [
            f"SELECT id FROM (SELECT id FROM {table} WHERE {lane.where}{order.where}{behind} "  # noqa: S608
            f"ORDER BY {order.by} LIMIT {int(limit)}) AS lane_{number}"
            for number, lane in enumerate(some)
        ]
        values = [value for lane in some for value in (*lane.values, *bound)]
        found |= Q(pk__in=RawSQL(" UNION ALL ".join(parts), values))  # noqa: S611 - literals of ours, values bound
    return found


def customers_of(user: User, *, before: int, limit: int) -> RawSQL:
    """The newest ``limit`` customers that each lane of this person's teams knows, as numbers below ``before``."""
    parts: list[str] = []
    values: list[Any] = []
    for lane in of_teams(user, "customer_id < %s", values=[before]):
        parts.append(
            f"SELECT customer_id FROM (SELECT DISTINCT customer_id FROM {TABLE} WHERE {lane.where} "  # noqa: S608
            f"ORDER BY customer_id DESC LIMIT {int(limit)}) AS lane_{len(parts)}"
        )
        values += lane.values
    return RawSQL(" UNION ".join(parts) or "SELECT 0 WHERE 1 = 0", values)  # noqa: S611 - literals, values bound


def knows_more_than(user: User, most: int) -> bool:
    """Whether the lanes of this person's teams hold more customers than this; who is in two lanes counts twice."""
    parts: list[str] = []
    values: list[Any] = []
    for lane in of_teams(user, "customer_id > 0"):
        known = f"SELECT DISTINCT customer_id FROM {TABLE} WHERE {lane.where}"  # noqa: S608
        parts.append(f"SELECT * FROM ({known}) AS lane_{len(parts)}")  # noqa: S608
        values += lane.values
    if not parts:
        return False
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM ({' UNION ALL '.join(parts)} LIMIT %s) AS known", [*values, most + 1])  # noqa: S608
        return bool(cursor.fetchone()[0] > most)


def count_each(groups: Sequence[Sequence[Lane]], most: int, *, table: str = TABLE) -> list[int]:
    """How many rows lie in each group of lanes, counted no further than ``most``. One query, read from indexes."""
    parts: list[str] = []
    values: list[Any] = []
    for lanes in groups:
        counts = [_counted(some, most, table) for some in _batched(lanes, MOST_AT_ONCE)]
        parts.append(" + ".join(counts) or "0")
        values += [value for lane in lanes for value in lane.values]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)
        return [min(number, most) for number in cursor.fetchone()]


def _counted(lanes: Sequence[Lane], most: int, table: str) -> str:
    rows = " UNION ALL ".join(f"SELECT 1 AS one FROM {table} WHERE {lane.where}" for lane in lanes)  # noqa: S608
    return f"(SELECT COUNT(*) FROM ({rows} LIMIT {int(most)}) AS counted)"  # noqa: S608


def _batched(lanes: Sequence[Lane], size: int) -> list[Sequence[Lane]]:
    return [lanes[start : start + size] for start in range(0, len(lanes), size)]
