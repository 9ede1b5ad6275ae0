"""The queue in score order, read without sweeping it.

The rows of one team, tier and class lie in the index in the order they are served: the oldest first; those of the
statutory tier by their due time, whatever their class. So the queue in order is a merge of sorted lists, at most 129 a
team. One query reads the head of each list by index. A page of n rows can only come from the n lists whose heads come
first, and from the k-th of these at most n - k + 1 rows: a second query reads just those, the merge happens here. So
nothing grows with the length of the queue, nor with how many of its classes are taken.

A page goes on from a cursor, a place in the order at a fixed moment `as_of`: while someone turns pages, time
stands still for the order, and no row is shown twice or left out because its age grew.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import nsmallest
from typing import Any, NamedTuple

from django.db import connection
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from careloop.common.errors import InvalidInput
from careloop.routing.priority import CLASS_COUNT, ORDINARY, PREEMPTS, STATUTORY, class_slope, rank

TABLE = "routing_queueentry"
MOST_AT_ONCE = 200  # SQLite joins at most 500 SELECTs
ROUNDING = timedelta(milliseconds=1)
BEFORE_EVERYTHING = datetime(1, 1, 2, tzinfo=UTC)
COLUMNS = "id, tier, klass, waiting_since, due_at"
SORTED_BY = {PREEMPTS: "waiting_since, id", STATUTORY: "due_at, waiting_since, id", ORDINARY: "waiting_since, id"}


class Place(NamedTuple):
    """One row's place in the order; smaller comes first. ``late`` falls as the rank grows."""

    tier: int
    late: float
    waiting_since: datetime
    id: int
    klass: int


class Head(NamedTuple):
    """The first row of a list, and the team the list is of (by its place in the scope)."""

    place: Place
    lane: int


@dataclass(frozen=True)
class Scope:
    """Which rows: of these teams (None among them: without a team), in one state, and fit for whom."""

    teams: frozenset[int | None] | None
    state: str = "queued"
    claimed_by: int | None = None
    languages: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()

    def lanes(self) -> list[tuple[str, list[Any]]]:
        """A condition for each team. What one person holds is short, and its teams do not matter."""
        return [("1 = 1", [])] if self.teams is None else [_of(team) for team in sorted(self.teams, key=str)]

    def where(self) -> tuple[str, list[Any]]:
        """The part of WHERE beside team, tier and class. No languages: all fit; ``lacking`` skills do not."""
        sql = "state = %s"
        values: list[Any] = [self.state]
        if self.claimed_by is not None:
            sql, values = f"{sql} AND claimed_by_id = %s", [*values, self.claimed_by]
        if self.languages:
            sql += f" AND (language = '' OR language IN ({_marks(self.languages)}))"
            values += self.languages
        if self.lacking:
            sql += f" AND skill NOT IN ({_marks(self.lacking)})"
            values += self.lacking
        return sql, values


@dataclass(frozen=True)
class Cursor:
    """Behind this place, at this moment."""

    as_of: datetime
    place: Place

    def __str__(self) -> str:
        tier, late, since, row, klass = self.place
        text = json.dumps([self.as_of.isoformat(), tier, late, since.isoformat(), row, klass])
        return base64.urlsafe_b64encode(text.encode()).decode()

    @classmethod
    def read(cls, text: str) -> Cursor:
        """The cursor a page was left with. Raises InvalidInput on anything else."""
        try:
            as_of, tier, late, since, row, klass = json.loads(base64.urlsafe_b64decode(text.encode()))
            place = Place(int(tier), float(late), aware(since), int(row), int(klass))
            return cls(aware(as_of), place)
        except (ValueError, TypeError, OverflowError, binascii.Error) as error:
            raise InvalidInput("bad_cursor", _("This page is no longer there. Start again from the top.")) from error


def first_places(scope: Scope, as_of: datetime, limit: int, after: Cursor | None = None) -> list[Place]:
    """The first `limit` places of the queue in order, behind the cursor. Two queries; one if a single row is asked."""
    heads = sorted(_heads(scope, as_of, after))
    if limit == 1 and after is None:
        return [head.place for head in heads[:1]]
    # A head that rounding let through, though it was shown, says nothing about its list, which may give a page.
    shown = [head for head in heads if after is not None and head.place <= after.place]
    wanted = [(head, 2 * limit) for head in shown]
    wanted += [(head, limit - place) for place, head in enumerate(heads[len(shown) : len(shown) + limit])]
    found = _rows(scope, wanted, as_of, after)
    return nsmallest(limit, (place for place in found if after is None or place > after.place))


def place_of(
    tier: int, klass: int, waiting_since: datetime, due_at: datetime | None, row: int, as_of: datetime
) -> Place:
    """Danger and ordinary work by class and age; a statutory clock by its due time."""
    if tier == STATUTORY and due_at is not None:
        return Place(tier, due_at.timestamp(), waiting_since, row, klass)
    return Place(tier, -rank(klass, (as_of - waiting_since).total_seconds() / 3600), waiting_since, row, klass)


def _heads(scope: Scope, as_of: datetime, after: Cursor | None) -> list[Head]:
    """The first row of each list behind the cursor: one look into the index for each list that there could be, so
    that a long queue is not read to find out which there are."""
    starts, bound = _starts(after)
    found: list[Any] = []
    lanes = list(enumerate(scope.lanes()))
    for some in (lanes[first : first + MOST_AT_ONCE] for first in range(0, len(lanes), MOST_AT_ONCE)):
        parts = [each for number, lane in some for each in _heads_of_team(scope, number, lane, after)]
        sql = f"WITH place (tier, klass, since, behind) AS (VALUES {starts}) " + _joined(parts)
        found += _read(sql, [*bound, *(value for _, values in parts for value in values)])
    return [Head(_place(row, as_of), number) for number, *row in found]


def _heads_of_team(
    scope: Scope, number: int, lane: tuple[str, list[Any]], after: Cursor | None
) -> Iterator[tuple[str, list[Any]]]:
    """The heads of a team's classes, and the head of its statutory list unless that was shown to its end."""
    team, team_values = lane
    where, values = scope.where()
    columns = ", ".join(f"entry.{column}" for column in COLUMNS.split(", "))
    first = (
        f"SELECT id FROM {TABLE} WHERE {team} AND {where} AND tier = place.tier AND klass = place.klass "  # noqa: S608
        "AND waiting_since >= place.since AND (waiting_since > place.since OR id > place.behind) "
        "ORDER BY waiting_since, id LIMIT 1"
    )
    sql = f"SELECT {number}, {columns} FROM place CROSS JOIN {TABLE} AS entry WHERE entry.id = ({first})"  # noqa: S608
    yield sql, [*team_values, *values]
    if after is None or after.place.tier <= STATUTORY:
        sql, bound = _list(scope, lane, STATUTORY, None, 1, after)
        yield f"SELECT {number}, {COLUMNS} FROM ({sql}) AS statutory", bound  # noqa: S608


def _rows(scope: Scope, wanted: Sequence[tuple[Head, int]], as_of: datetime, after: Cursor | None) -> list[Place]:
    """The next rows of each of these lists, as many as are wanted of it."""
    lanes = scope.lanes()
    found: list[Any] = []
    for first in range(0, len(wanted), MOST_AT_ONCE):
        parts: list[tuple[str, list[Any]]] = []
        for head, most in wanted[first : first + MOST_AT_ONCE]:
            sql, bound = _list(scope, lanes[head.lane], head.place.tier, head.place.klass, most, after)
            parts.append((f"SELECT * FROM ({sql}) AS list_{len(parts)}", bound))  # noqa: S608
        found += _read(_joined(parts), [value for _, values in parts for value in values])
    return [_place(row, as_of) for row in found]


def _list(
    scope: Scope, lane: tuple[str, list[Any]], tier: int, klass: int | None, most: int, after: Cursor | None
) -> tuple[str, list[Any]]:
    """The next rows of one list by its index: the oldest of a class, or the first due of the statutory tier."""
    team, team_values = lane
    where, values = scope.where()
    if tier == STATUTORY or klass is None:
        which, behind = f"tier = {STATUTORY}", _due_behind(after)
    else:
        which, behind = f"tier = {int(tier)} AND klass = {int(klass)}", _older_than(tier, klass, after)
    sql = (
        f"SELECT {COLUMNS} FROM {TABLE} WHERE {team} AND {where} AND {which}{behind[0]} "  # noqa: S608
        f"ORDER BY {SORTED_BY[tier]} LIMIT {int(most)}"
    )
    return sql, [*team_values, *values, *behind[1]]


def _starts(after: Cursor | None) -> tuple[str, list[Any]]:
    """Where each class of the two tiers that are sorted by age begins, as rows of VALUES."""
    rows = [
        (tier, klass, *_start(tier, klass, after))
        for tier in (PREEMPTS, ORDINARY)
        if after is None or tier >= after.place.tier
        for klass in range(CLASS_COUNT)
    ]
    return ", ".join(f"({tier}, {klass}, %s, {row})" for tier, klass, _, row in rows), [_bound(row[2]) for row in rows]


def _start(tier: int, klass: int, after: Cursor | None) -> tuple[datetime, int]:
    """Behind which moment and row a class goes on. In the cursor's own class exactly; in another class, older rows
    than a moment worked out from the cursor's rank were shown, and the few that rounding lets through are cut later."""
    if after is None or tier != after.place.tier:
        return BEFORE_EVERYTHING, 0
    if klass == after.place.klass:
        return after.place.waiting_since, after.place.id
    try:
        return after.as_of - timedelta(hours=-after.place.late / class_slope(klass)) - ROUNDING, 0
    except OverflowError:  # In a flat class only something older than all time would have come before.
        return BEFORE_EVERYTHING, 0


def _older_than(tier: int, klass: int, after: Cursor | None) -> tuple[str, list[Any]]:
    since, row = _start(tier, klass, after)
    if since == BEFORE_EVERYTHING:
        return "", []
    moment = _bound(since)
    return " AND waiting_since >= %s AND (waiting_since > %s OR id > %s)", [moment, moment, row]


def _due_behind(after: Cursor | None) -> tuple[str, list[Any]]:
    """Exactly behind the cursor: many may be due at one moment."""
    if after is None or after.place.tier != STATUTORY:
        return "", []
    due, since = _bound(datetime.fromtimestamp(after.place.late, UTC)), _bound(after.place.waiting_since)
    return " AND (due_at, waiting_since, id) > (%s, %s, %s)", [due, since, after.place.id]


def _place(row: Sequence[Any], as_of: datetime) -> Place:
    number, tier, klass, since, due = row
    return place_of(tier, klass, aware(since), aware(due) if due else None, number, as_of)


def _read(sql: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _joined(parts: Sequence[tuple[str, list[Any]]]) -> str:
    return " UNION ALL ".join(sql for sql, _ in parts)


def _of(team: int | None) -> tuple[str, list[Any]]:
    return ("team_id IS NULL", []) if team is None else ("team_id = %s", [team])


def _marks(values: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(values))


def _bound(moment: datetime) -> object:
    return connection.ops.adapt_datetimefield_value(moment)


def aware(value: object) -> datetime:
    """A moment from a raw query or a cursor: SQLite hands out text in UTC, PostgreSQL aware datetimes."""
    moment = value if isinstance(value, datetime) else parse_datetime(str(value))
    if moment is None:
        raise ValueError("not a moment")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
