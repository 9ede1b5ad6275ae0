"""FTS5 for passages; a table of its own, since their words are weighed and not merely found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from django.db import connection

CREATE = (
    "CREATE VIRTUAL TABLE search_passage USING fts5(body, tokenize = 'unicode61 remove_diacritics 0');"
    "CREATE VIRTUAL TABLE search_passage_words USING fts5vocab(search_passage, row)"
)
DROP = "DROP TABLE search_passage_words; DROP TABLE search_passage"


def put(passage_id: int, tokens: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT OR REPLACE INTO search_passage (rowid, body) VALUES (%s, %s)", [passage_id, " ".join(tokens)]
        )


def remove(passage_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_passage WHERE rowid = %s", [passage_id])


def count() -> int:
    """About how many passages there are; the highest id is close enough for weights and costs nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(rowid), 0) FROM search_passage")
        return int(cursor.fetchone()[0])


def holding(tokens: Sequence[str], most: int) -> Mapping[str, int]:
    """How many passages hold each word; words that none holds are left out."""
    marks = ", ".join(["%s"] * len(tokens))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT term, doc FROM search_passage_words WHERE term IN ({marks})", list(tokens))  # noqa: S608
        return {term: int(found) for term, found in cursor.fetchall()}


def find(weights: Mapping[str, float], limit: int) -> Iterator[tuple[int, list[str]]]:
    """(passage, its words in order), best first by FTS5's own BM25, of which smaller is better."""
    asked = " OR ".join(f'"{token}"' for token in weights)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rowid, body FROM search_passage WHERE search_passage MATCH %s"
            " ORDER BY bm25(search_passage), rowid DESC LIMIT %s",
            [asked, limit],
        )
        for passage, body in cursor.fetchall():
            yield int(passage), body.split()
