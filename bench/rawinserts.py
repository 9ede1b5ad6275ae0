"""The yardstick of ingest: the very rows a desk wrote, inserted again by nothing but the driver.

They go into copies of the same tables (with their indexes and durability), one transaction a message: first only
what accepting writes (the raw message and its job), then everything that understanding left behind.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from careloop.cli.tests.desk import Desk

KEPT = ("intake_rawmessage", "common_job")
WRITTEN = (
    "intake_rawmessage", "common_job", "common_event", "customers_customer", "customers_identity",
    "conversations_conversation", "conversations_message", "conversations_assignment", "triage_prediction",
    "sla_clock", "routing_queueentry", "search_document",
)  # fmt: skip

JSONB = 3802
"""PostgreSQL's own number of the type jsonb."""

Rows = list[tuple[Any, ...]]


class Database:
    """A connection with the few words that differ between the two databases."""

    def __init__(self, connection: Any, mark: str, is_sqlite: bool) -> None:
        self.connection, self.mark, self.is_sqlite = connection, mark, is_sqlite

    def one(self, statement: str) -> int:
        return int(self.connection.execute(statement).fetchone()[0])

    def take(self, table: str) -> tuple[str, Rows]:
        """The statement that inserts a row of the table, and its rows."""
        hidden = "rowid AS rowid, " if table == "search_document" and self.is_sqlite else ""
        cursor = self.connection.execute(f"SELECT {hidden}* FROM {table}")
        names = ", ".join(f'"{column[0]}"' for column in cursor.description)
        marks = ", ".join([self.mark] * len(cursor.description))
        documents = {place for place, column in enumerate(cursor.description) if column[1] == JSONB}
        rows = [_plain(row, documents) for row in cursor.fetchall()]
        return f"INSERT INTO {table} ({names}) VALUES ({marks})", rows

    def empty(self, tables: Sequence[str]) -> None:
        if self.is_sqlite:
            for table in tables:
                self.connection.execute(f"DELETE FROM {table}")
        else:
            self.connection.execute(f"TRUNCATE {', '.join(tables)} CASCADE")


@contextmanager
def connect(desk: Desk, file: Path | None = None) -> Iterator[Database]:
    """The desk's database as the driver sees it."""
    address = desk.environment["CARELOOP_DATABASE_URL"]
    if address:
        import psycopg

        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            yield Database(connection, "%s", False)
        return
    path = file or next(desk.data.glob("*.db"))
    with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as light:
        light.execute("PRAGMA synchronous = FULL")
        yield Database(light, "?", True)


def insert_again(desk: Desk, count: int) -> dict[str, Any]:
    """Messages a second by inserts alone. The desk is stopped; its rows are taken out and put in again."""
    with connect(desk, _copy(desk)) as database:
        taken = {table: database.take(table) for table in WRITTEN}
        kept_seconds = _insert(database, {table: taken[table] for table in KEPT}, count)
        all_seconds = _insert(database, taken, count)
    return {
        "kept_per_s": round(count / kept_seconds, 1),
        "all_per_s": round(count / all_seconds, 1),
        "rows_a_message": round(sum(len(rows) for _statement, rows in taken.values()) / count, 1),
    }


def _insert(database: Database, taken: dict[str, tuple[str, Rows]], count: int) -> float:
    database.empty(WRITTEN)
    start = time.perf_counter()
    for number in range(count):
        database.connection.execute("BEGIN")
        for statement, rows in taken.values():
            for row in rows[number::count]:
                database.connection.execute(statement, row)
        database.connection.execute("COMMIT")
    return time.perf_counter() - start


def _copy(desk: Desk) -> Path | None:
    """On SQLite a copy of the file; PostgreSQL's own tables are used, since the desk is done with them."""
    if desk.environment["CARELOOP_DATABASE_URL"]:
        return None
    original = next(desk.data.glob("*.db"))
    return Path(shutil.copy(original, desk.folder / "again.sqlite3"))


def _plain(row: tuple[Any, ...], documents: set[int]) -> tuple[Any, ...]:
    """As the driver wants it back: PostgreSQL's documents wrapped, the rest as it came."""
    if not documents:
        return row
    from psycopg.types.json import Jsonb

    wrapped = (Jsonb(value) if place in documents and value is not None else value for place, value in enumerate(row))
    return tuple(wrapped)
