"""FTS5, with an index of the beginnings of one and two characters."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from careloop.search.engines.sqlite import expression
from careloop.search.tokenizer import Term

CREATE = (
    "CREATE VIRTUAL TABLE search_name USING fts5(parts, tokenize = 'unicode61 remove_diacritics 0', prefix = '1 2')"
)
DROP = "DROP TABLE search_name"


def put(number: int, parts: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT OR REPLACE INTO search_name (rowid, parts) VALUES (%s, %s)", [number, " ".join(parts)])


def remove(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_name WHERE rowid = %s", [number])


def find(asked: Sequence[Term], *, before: int, limit: int) -> list[int]:
    wanted = " AND ".join(expression(term) for term in asked)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rowid FROM search_name WHERE search_name MATCH %s AND rowid < %s ORDER BY rowid DESC LIMIT %s",
            [wanted, before, limit],
        )
        return [int(number) for (number,) in cursor.fetchall()]
