"""FTS5: an ordinary table, since deleting from a contentless one needs SQLite 3.43."""

from __future__ import annotations

from django.db import connection

from careloop.search.tokenizer import Term, terms, tokens

CREATE = (
    "CREATE VIRTUAL TABLE search_document USING fts5"
    "(title, body, conversation_id UNINDEXED, tokenize = 'unicode61 remove_diacritics 0')"
)
DROP = "DROP TABLE search_document"


def put(document_id: int, conversation_id: int, title: str, body: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT OR REPLACE INTO search_document (rowid, title, body, conversation_id) VALUES (%s, %s, %s, %s)",
            [document_id, " ".join(tokens(title)), " ".join(tokens(body)), conversation_id],
        )


def remove(document_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_document WHERE rowid = %s", [document_id])


def find(query: str, *, before: int | None, limit: int) -> list[tuple[int, int]]:
    asked = " AND ".join(expression(term) for term in terms(query))
    if not asked:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rowid, conversation_id FROM search_document WHERE search_document MATCH %s AND rowid < %s"
            " ORDER BY rowid DESC LIMIT %s",
            [asked, before if before is not None else 2**62, limit],
        )
        return [(int(document), int(conversation)) for document, conversation in cursor.fetchall()]


def expression(term: Term) -> str:
    phrase = '"' + " ".join(term.tokens) + '"'
    return f"{phrase} *" if term.is_prefix else phrase
