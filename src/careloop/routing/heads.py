"""The queue in score order, read without sweeping it.

The rows of one team, tier and class lie in the index in the order they are served: the oldest first. So the
queue in order is a merge of at most 64 sorted lists a tier. One query finds which lists are not empty, one reads
the first few rows of each by index, the merge happens here. Nothing grows with the length of the queue.

A page goes on from a cursor, a place in the order at a fixed moment `as_of`: while someone turns pages, time
stands still for the order, and no row is shown twice or left out because its age grew.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import nsmallest
from typing import Any, NamedTuple

from django.db import connection
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from careloop.common.errors import InvalidInput
from careloop.routing.priority import STATUTORY, class_slope, rank

TABLE = "routing_queueentry"
MOST_LISTS = 400  # SQLite joins at most 500 SELECTs
CLASSES = 64
PLACES = f"WITH RECURSIVE place (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM place WHERE n < {3 * CLASSES - 1}) "  # noqa: S608
ROUNDING = timedelta(milliseconds=1)

List = tuple[int | None, int, int]  # team, tier, class


class Place(NamedTuple):
    """One row's place in the order; smaller comes first. ``late`` falls as the rank grows."""

    tier: int
    late: float
    waiting_since: datetime
    id: int
    klass: int


@dataclass(frozen=True)
class Scope:
    """Which rows: of these teams (None among them: without a team), in one state, and fit for whom."""

    teams: frozenset[int | None] | None
    state: str = "queued"
    claimed_by: int | None = None
    languages: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()

    def standing(self) -> tuple[str, list[Any]]:
        """In which state, and in whose hands."""
        if self.claimed_by is None:
            return "state = %s", [self.state]
        return "state = %s AND claimed_by_id = %s", [self.state, self.claimed_by]

    def where(self) -> tuple[str, list[Any]]:
        """The part of WHERE beside team, tier and class. No languages: all fit; ``lacking`` skills do not."""
        sql, values = self.standing()
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
    """The first `limit` places of the queue in order, behind the cursor. Two queries (more beyond 400 lists)."""
    lists = [each for each in _lists(scope) if after is None or each[1] >= after.place.tier]
    found: list[Place] = []
    for start in range(0, len(lists), MOST_LISTS):
        found += _rows(scope, lists[start : start + MOST_LISTS], as_of, limit, after)
    return nsmallest(limit, (place for place in found if after is None or place > after.place))


def place_of(
    tier: int, klass: int, waiting_since: datetime, due_at: datetime | None, row: int, as_of: datetime
) -> Place:
    """Danger and ordinary work by class and age; a statutory clock by its due time."""
    if tier == STATUTORY and due_at is not None:
        return Place(tier, due_at.timestamp(), waiting_since, row, klass)
    return Place(tier, -rank(klass, (as_of - waiting_since).total_seconds() / 3600), waiting_since, row, klass)


def _lists(scope: Scope) -> list[List]:
    """Which lists have rows, whoever they suit: one look into the index for each place a list could have, so that
    a long queue is not read to find out. What one person holds is short, and its teams do not matter."""
    standing, values = scope.standing()
    if scope.teams is None:
        sql, bound = f"SELECT DISTINCT NULL, tier, klass FROM {TABLE} WHERE {standing}", values  # noqa: S608
    else:
        sql, bound = PLACES, []
        parts = []
        for team in scope.teams:
            team_sql, team_values = _team_in([team])
            parts.append(
                f"SELECT {'NULL' if team is None else int(team)}, n / {CLASSES}, n %% {CLASSES} FROM place "  # noqa: S608
                f"WHERE EXISTS (SELECT 1 FROM {TABLE} WHERE {team_sql} AND {standing} "
                f"AND tier = n / {CLASSES} AND klass = n %% {CLASSES})"
            )
            bound += [*team_values, *values]
        sql += " UNION ALL ".join(parts) or "SELECT NULL, 0, 0 WHERE 1 = 0"
    with connection.cursor() as cursor:
        cursor.execute(sql, bound)
        return list(cursor.fetchall())


def _rows(scope: Scope, lists: Sequence[List], as_of: datetime, limit: int, after: Cursor | None) -> list[Place]:
    if not lists:
        return []
    parts: list[str] = []
    values: list[Any] = []
    for each in lists:
        sql, bound = _one_list(scope, each, limit, after)
        parts.append(f"SELECT * FROM ({sql}) AS list_{len(parts)}")  # noqa: S608
        values += bound
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        found = cursor.fetchall()
    return [
        place_of(tier, klass, aware(since), aware(due) if due else None, row, as_of)
        for row, tier, klass, since, due in found
    ]


def _one_list(scope: Scope, each: List, limit: int, after: Cursor | None) -> tuple[str, list[Any]]:
    """The next rows of one list by its index: the oldest, or for statutory clocks the first due."""
    team, tier, klass = each
    where, values = scope.where()
    team_sql, team_values = _team_in([team]) if scope.teams is not None else ("1 = 1", [])
    behind, behind_values = _behind(tier, klass, after)
    order = "due_at, waiting_since, id" if tier == STATUTORY else "waiting_since, id"
    sql = (
        f"SELECT id, tier, klass, waiting_since, due_at FROM {TABLE} "  # noqa: S608
        f"WHERE {team_sql} AND {where} AND tier = %s AND klass = %s{behind} ORDER BY {order} LIMIT {int(limit)}"
    )
    return sql, [*team_values, *values, tier, klass, *behind_values]


def _behind(tier: int, klass: int, after: Cursor | None) -> tuple[str, list[Any]]:
    """Leave out what was shown before. In the cursor's own class exactly; in another class, older rows than a
    moment worked out from the cursor's rank were shown, and the few that rounding lets through are cut later."""
    if after is None or tier != after.place.tier:
        return "", []
    if tier == STATUTORY:
        return " AND due_at >= %s", [_bound(datetime.fromtimestamp(after.place.late, UTC) - ROUNDING)]
    if klass == after.place.klass:
        since = _bound(after.place.waiting_since)
        return " AND (waiting_since > %s OR (waiting_since = %s AND id > %s))", [since, since, after.place.id]
    try:
        since = after.as_of - timedelta(hours=-after.place.late / class_slope(klass)) - ROUNDING
    except OverflowError:  # In a flat class only something older than all time would have come before.
        return "", []
    return " AND waiting_since >= %s", [_bound(since)]


def _team_in(teams: Iterable[int | None]) -> tuple[str, list[Any]]:
    known = [team for team in teams if team is not None]
    parts = [f"team_id IN ({_marks(known)})"] if known else []
    parts += ["team_id IS NULL"] if None in teams else []
    return f"({' OR '.join(parts) or '1 = 0'})", list(known)


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
