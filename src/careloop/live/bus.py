"""The bus: recorded events as they are committed, in any process, in one stream.

On SQLite the stream process asks for `PRAGMA data_version` every 20 ms (7 µs a poll) on a connection that can
only read, and reads the new rows when it has changed. On PostgreSQL it listens for the NOTIFY that `record()`
sends with each event. Both go on by themselves when the database was away.
"""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

POLL_SECONDS = 0.02
PAUSE_AFTER_ERROR_SECONDS = 1.0
ROWS_AT_A_TIME = 500
COLUMNS = "id, name, conversation_id"
NOTIFY_CHANNEL = "careloop_events"
# PostgreSQL hands out ids before the commit, so a lower id may appear after a higher one.
OVERLAP_AFTER_RECONNECT = 200

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Line:
    """What a stream says of one event: that it happened, never its content."""

    id: int
    name: str
    conversation_id: int | None


class Bus(Protocol):
    """A source of lines."""

    def lines(self) -> AsyncIterator[list[Line]]:
        """What is committed from now on, in batches; never ends by itself."""
        ...


class SqliteBus:
    """Polls the data version of the file."""

    def __init__(self, database: str | Path, *, poll_seconds: float = POLL_SECONDS) -> None:
        self.database = database
        self.poll_seconds = poll_seconds
        self._last = -1

    async def lines(self) -> AsyncIterator[list[Line]]:
        while True:
            try:
                async for batch in self._follow():
                    yield batch
            except sqlite3.Error as error:
                log.warning("The event table cannot be read (%s); trying again.", error)
                await asyncio.sleep(PAUSE_AFTER_ERROR_SECONDS)

    async def _follow(self) -> AsyncIterator[list[Line]]:
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, isolation_level=None, timeout=1)
        try:
            if self._last < 0:
                self._last = connection.execute("SELECT coalesce(max(id), 0) FROM common_event").fetchone()[0]
            seen = -1
            while True:
                version = connection.execute("PRAGMA data_version").fetchone()[0]
                if version != seen:
                    seen = version
                    while batch := self._new_lines(connection):
                        yield batch
                await asyncio.sleep(self.poll_seconds)
        finally:
            connection.close()

    def _new_lines(self, connection: sqlite3.Connection) -> list[Line]:
        sql = f"SELECT {COLUMNS} FROM common_event WHERE id > ? ORDER BY id LIMIT ?"  # noqa: S608
        batch = [Line(*row) for row in connection.execute(sql, (self._last, ROWS_AT_A_TIME))]
        if batch:
            self._last = batch[-1].id
        return batch


def conninfo(params: Mapping[str, Any]) -> str:
    """The address for a listener of its own, outside the pool, from Django's parameters of a connection."""
    from psycopg.conninfo import make_conninfo  # The driver comes with the extra `postgresql`.

    known = ("host", "port", "user", "password", "dbname", "sslmode", "connect_timeout")
    return make_conninfo("", **{name: params[name] for name in known if params.get(name)})


class PostgresBus:
    """Listens on one connection of its own; the payload of a notice is the id of the event."""

    def __init__(self, conninfo: str) -> None:
        self.conninfo = conninfo
        self._last = -1

    async def lines(self) -> AsyncIterator[list[Line]]:
        import psycopg

        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self.conninfo, autocommit=True) as connection:
                    async for batch in self._follow(connection):
                        yield batch
            except psycopg.Error as error:
                log.warning("The listener lost PostgreSQL (%s); connecting again.", error)
                await asyncio.sleep(PAUSE_AFTER_ERROR_SECONDS)

    async def _follow(self, connection: Any) -> AsyncIterator[list[Line]]:
        await connection.execute(f"LISTEN {NOTIFY_CHANNEL}")
        if missed := await self._catch_up(connection):
            yield missed
        while True:
            ids = [int(notice.payload) async for notice in connection.notifies(timeout=10, stop_after=1)]
            if ids:
                yield await self._read(connection, "id = ANY(%s)", ids)
            else:
                await connection.execute("SELECT 1")  # Finds out that the other side is gone.

    async def _catch_up(self, connection: Any) -> list[Line]:
        """What was committed while we were not listening; nothing at the very first start."""
        if self._last < 0:
            row = await (await connection.execute("SELECT coalesce(max(id), 0) FROM common_event")).fetchone()
            self._last = row[0]
            return []
        return await self._read(connection, "id > %s", self._last - OVERLAP_AFTER_RECONNECT)

    async def _read(self, connection: Any, condition: str, value: int | Sequence[int]) -> list[Line]:
        sql = f"SELECT {COLUMNS} FROM common_event WHERE {condition} ORDER BY id"  # noqa: S608
        rows = await (await connection.execute(sql, [value])).fetchall()
        batch = [Line(*row) for row in rows]
        self._last = max([self._last, *(line.id for line in batch)])
        return batch
