"""tsvector written by ourselves, token by token: PostgreSQL's own parser never sees the text."""

from __future__ import annotations

from django.db import connection

from careloop.search.tokenizer import Term, terms, tokens

# A tsvector holds positions up to 16383; a gap keeps a phrase from running out of the title into the body.
LAST_POSITION = 16_383
GAP = 3

# A common word fills a page from the newest documents alone; sorting all that hold it would grow with the desk. What
# does not fill one is rare enough for the index of words. The planner, left to choose, reads backwards through
# every document to find a rare word; `id + 0` takes that way from it.
LOOKED_THROUGH = 2_000
NEWEST = (
    "SELECT id, conversation_id FROM"
    " (SELECT * FROM search_document WHERE id < %s ORDER BY id DESC LIMIT %s) AS newest"
    " WHERE words @@ %s::tsquery ORDER BY id DESC LIMIT %s"
)
BY_WORDS = (
    "SELECT id, conversation_id FROM search_document WHERE words @@ %s::tsquery AND id + 0 < %s"
    " ORDER BY id + 0 DESC LIMIT %s"
)

CREATE = (
    "CREATE TABLE search_document"
    " (id bigint PRIMARY KEY, conversation_id bigint NOT NULL, words tsvector NOT NULL);"
    "CREATE INDEX search_document_words ON search_document USING gin (words)"
)
DROP = "DROP TABLE search_document"


def put(document_id: int, conversation_id: int, title: str, body: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO search_document (id, conversation_id, words) VALUES (%s, %s, %s::tsvector)"
            " ON CONFLICT (id) DO UPDATE SET conversation_id = excluded.conversation_id, words = excluded.words",
            [document_id, conversation_id, _vector(title, body)],
        )


def remove(document_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_document WHERE id = %s", [document_id])


def find(query: str, *, before: int | None, limit: int) -> list[tuple[int, int]]:
    asked = " & ".join(expression(term) for term in terms(query))
    if not asked:
        return []
    end = before if before is not None else 2**62
    newest = _read(NEWEST, [end, LOOKED_THROUGH, asked, limit])
    return newest if len(newest) >= limit else _read(BY_WORDS, [asked, end, limit])


def _read(sql: str, values: list[int | str]) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [(int(document), int(conversation)) for document, conversation in cursor.fetchall()]


def _vector(title: str, body: str) -> str:
    head = [f"'{token}':{at}A" for at, token in enumerate(tokens(title), start=1)]
    start = len(head) + GAP
    rest = [f"'{token}':{min(at, LAST_POSITION)}" for at, token in enumerate(tokens(body), start=start)]
    return " ".join([*head, *rest])


def expression(term: Term) -> str:
    *first, last = (f"'{token}'" for token in term.tokens)
    return "(" + " <-> ".join([*first, f"{last}:*" if term.is_prefix else last]) + ")"
