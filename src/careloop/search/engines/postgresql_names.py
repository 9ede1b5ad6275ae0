"""tsvector of the parts; a part that many names hold is looked for among the newest first, as in messages."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from careloop.search.engines.postgresql import LOOKED_THROUGH, expression
from careloop.search.tokenizer import Term

CREATE = (
    "CREATE TABLE search_name (id bigint PRIMARY KEY, parts tsvector NOT NULL);"
    "CREATE INDEX search_name_parts ON search_name USING gin (parts)"
)
DROP = "DROP TABLE search_name"
PUT = (
    "INSERT INTO search_name (id, parts) VALUES (%s, %s::tsvector)"
    " ON CONFLICT (id) DO UPDATE SET parts = excluded.parts"
)
NEWEST = (
    "SELECT id FROM (SELECT * FROM search_name WHERE id < %s ORDER BY id DESC LIMIT %s) AS newest"
    " WHERE parts @@ %s::tsquery ORDER BY id DESC LIMIT %s"
)
BY_PARTS = "SELECT id FROM search_name WHERE parts @@ %s::tsquery AND id + 0 < %s ORDER BY id + 0 DESC LIMIT %s"


def put(number: int, parts: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PUT, [number, vector(parts)])


def vector(parts: Sequence[str]) -> str:
    return " ".join(f"'{part}':{at}" for at, part in enumerate(parts, start=1))


def remove(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_name WHERE id = %s", [number])


def find(asked: Sequence[Term], *, before: int, limit: int) -> list[int]:
    wanted = " & ".join(expression(term) for term in asked)
    newest = _read(NEWEST, [before, LOOKED_THROUGH, wanted, limit])
    return newest if len(newest) >= limit else _read(BY_PARTS, [wanted, before, limit])


def _read(sql: str, values: list[int | str]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [int(number) for (number,) in cursor.fetchall()]
