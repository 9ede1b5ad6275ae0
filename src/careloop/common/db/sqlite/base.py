"""SQLite as Careloop runs it: write-ahead log, immediate transactions, full durability, one write lock.

With Django's defaults 87 of 100 concurrent transactions failed at once with "database is locked". Here every
transaction takes the write lock (see `write_lock`) before BEGIN IMMEDIATE and gives it up after COMMIT or
ROLLBACK; a write outside a transaction takes it for its one statement. Reads outside a transaction take
nothing, so `atomic()` belongs around changes only.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from sqlite3 import Connection
from typing import Any, TypeVar

from django.db.backends.sqlite3.base import FORMAT_QMARK_REGEX, SQLiteCursorWrapper
from django.db.backends.sqlite3.base import DatabaseWrapper as DjangoDatabaseWrapper
from django.db.utils import OperationalError

from careloop.common.db.sqlite.operations import DatabaseOperations
from careloop.common.db.write_lock import WriteLock, write_lock_for

T = TypeVar("T")

TIMEOUT_SECONDS = 20
# FULL keeps the last commits at power loss and cost nothing that could be measured beside NORMAL.
PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA mmap_size = 134217728",
    "PRAGMA cache_size = -20000",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA journal_size_limit = 67108864",
)
READING_WORDS = frozenset({"SELECT", "PRAGMA", "EXPLAIN", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"})


class DatabaseWrapper(DjangoDatabaseWrapper):
    """One connection; `holds_write_lock` is true from BEGIN to COMMIT, ROLLBACK or close.

    The option `query_only` opens it for reading: the stream process must never write.
    """

    ops_class = DatabaseOperations
    holds_write_lock = False
    query_only = False

    def get_connection_params(self) -> dict[str, Any]:
        params = {"timeout": TIMEOUT_SECONDS, **super().get_connection_params()}
        self.query_only = params.pop("query_only", False)
        self.transaction_mode = "IMMEDIATE"
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        connection: Connection = super().get_new_connection(conn_params)
        for pragma in PRAGMAS:
            connection.execute(pragma)
        if not self.is_in_memory_db():
            self._write_ahead(connection)
        if self.query_only:
            connection.execute("PRAGMA query_only = ON")
        return connection

    def _write_ahead(self, connection: Connection) -> None:
        """Turn the write-ahead log on once; that one change must not meet another writer."""
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal" and not self.query_only:
            self.while_locked(lambda: connection.execute("PRAGMA journal_mode = WAL"))

    @property
    def write_lock(self) -> WriteLock:
        """Shared with every connection of this process to the same database."""
        return write_lock_for(str(self.settings_dict["NAME"]), in_memory=self.is_in_memory_db())

    def take_write_lock(self) -> None:
        """Raise OperationalError, as SQLite itself would, when the turn does not come in time."""
        timeout_seconds = self.settings_dict["OPTIONS"].get("timeout", TIMEOUT_SECONDS)
        if not self.write_lock.acquire(timeout_seconds):
            raise OperationalError(f"database is locked: no turn to write within {timeout_seconds} s")
        self.holds_write_lock = True

    def give_up_write_lock(self) -> None:
        """Give the lock up unless the transaction is still open."""
        is_open = self.connection is not None and self.connection.in_transaction
        if self.holds_write_lock and not is_open:
            self.holds_write_lock = False
            self.write_lock.release()

    @contextmanager
    def losing_at_most_this_at_power_loss(self) -> Iterator[None]:
        """Commit without waiting for the disk, for changes that may be lost because they can be made again.

        The next durable commit carries them to the disk. Not inside a transaction.
        """
        self.ensure_connection()
        connection: Connection = self.connection
        connection.execute("PRAGMA synchronous = NORMAL")
        try:
            yield
        finally:
            if self.connection is connection:  # A new one waits for the disk already.
                connection.execute("PRAGMA synchronous = FULL")

    def while_locked(self, write: Callable[[], T]) -> T:
        """Do one write under the lock, which may be held already."""
        if self.holds_write_lock:
            return write()
        self.take_write_lock()
        try:
            return write()
        finally:
            self.give_up_write_lock()

    def create_cursor(self, name: str | None = None) -> "LockingCursor":
        assert self.connection is not None
        cursor: LockingCursor = self.connection.cursor(factory=LockingCursor)
        cursor.wrapper = self
        return cursor

    def _start_transaction_under_autocommit(self) -> None:
        self.take_write_lock()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self.give_up_write_lock()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]
        finally:
            # A commit that failed leaves the transaction open; the rollback that follows releases.
            self.give_up_write_lock()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self.give_up_write_lock()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            if self.holds_write_lock:
                self.holds_write_lock = False
                self.write_lock.release()


class LockingCursor(SQLiteCursorWrapper):
    """A cursor whose writes outside a transaction take the write lock for their one statement.

    The rows of such a statement (RETURNING) are fetched at once: SQLite commits when the last row is read,
    and the lock must cover the commit.
    """

    wrapper: DatabaseWrapper
    _kept_rows: Iterator[Any] | None = None

    def execute(self, query: str, params: Any = None) -> "LockingCursor":
        self._kept_rows = None
        if not self._needs_lock(query):
            super().execute(query, params)
        else:
            self.wrapper.while_locked(lambda: self._execute_to_the_end(query, params))
        return self

    def executemany(self, query: str, param_list: Any) -> "LockingCursor":
        self._kept_rows = None
        if not self._needs_lock(query):
            super().executemany(query, param_list)
        else:
            self.wrapper.while_locked(lambda: super(LockingCursor, self).executemany(query, param_list))
        return self

    def convert_query(self, query: str, *, param_names: list[str] | None = None) -> str:
        """The place holders as SQLite writes them; the statements of every page are known."""
        return (
            _with_question_marks(query) if param_names is None else query % {name: f":{name}" for name in param_names}
        )

    def fetchone(self) -> Any:
        return super().fetchone() if self._kept_rows is None else next(self._kept_rows, None)

    def fetchmany(self, size: int | None = None) -> list[Any]:
        size = self.arraysize if size is None else size
        if self._kept_rows is None:
            return super().fetchmany(size)
        return [row for _, row in zip(range(size), self._kept_rows, strict=False)]

    def fetchall(self) -> list[Any]:
        return super().fetchall() if self._kept_rows is None else list(self._kept_rows)

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        return super().__iter__() if self._kept_rows is None else self._kept_rows

    def _needs_lock(self, query: str) -> bool:
        if self.wrapper.holds_write_lock:
            return False
        first_word = query.lstrip(" \r\n\t(")[:10].partition(" ")[0].split("\n")[0].rstrip("; \r\t")
        return first_word.upper() not in READING_WORDS

    def _execute_to_the_end(self, query: str, params: Any) -> None:
        super().execute(query, params)
        if self.description is not None:
            self._kept_rows = iter(super().fetchall())


@lru_cache(maxsize=1_000)
def _with_question_marks(query: str) -> str:
    return FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")
