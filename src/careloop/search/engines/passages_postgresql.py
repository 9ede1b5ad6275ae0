"""tsvector for passages. PostgreSQL ranks without knowing how rare a word is, so the weights are given to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from django.db import connection

CREATE = (
    "CREATE TABLE search_passage (id bigint PRIMARY KEY, body text NOT NULL, words tsvector NOT NULL);"
    "CREATE INDEX search_passage_words ON search_passage USING gin (words)"
)
DROP = "DROP TABLE search_passage"


def put(passage_id: int, tokens: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO search_passage (id, body, words) VALUES (%s, %s, %s::tsvector)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body, words = excluded.words",
            [passage_id, " ".join(tokens), " ".join(_quoted(each) for each in dict.fromkeys(tokens))],
        )


def remove(passage_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_passage WHERE id = %s", [passage_id])


def count() -> int:
    """About how many passages there are; the highest id is close enough for weights and costs nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM search_passage")
        return int(cursor.fetchone()[0])


def holding(tokens: Sequence[str], most: int) -> Mapping[str, int]:
    """How many passages hold each word, counted little further than ``most``; words none holds are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT token, (SELECT count(*) FROM (SELECT 1 FROM search_passage WHERE words @@ asked::tsquery LIMIT %s)"
            " AS bounded) FROM unnest(%s::text[], %s::text[]) AS wanted (token, asked)",
            [most + 1, list(tokens), [_quoted(token) for token in tokens]],
        )
        return {token: int(found) for token, found in cursor.fetchall() if found}


def find(weights: Mapping[str, float], limit: int) -> Iterator[tuple[int, list[str]]]:
    """(passage, its words in order), best first by the sum of the weights of the words that it holds."""
    gains = " + ".join(["CASE WHEN words @@ %s::tsquery THEN %s ELSE 0 END"] * len(weights))
    values = [value for token, weight in weights.items() for value in (_quoted(token), weight)]
    asked = " | ".join(_quoted(token) for token in weights)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {gains} AS score, body FROM search_passage WHERE words @@ %s::tsquery"  # noqa: S608
            " ORDER BY score DESC, id DESC LIMIT %s",
            [*values, asked, limit],
        )
        for passage, _score, body in cursor.fetchall():
            yield int(passage), body.split()


def _quoted(token: str) -> str:
    return f"'{token}'"
