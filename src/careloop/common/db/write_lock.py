"""The one write lock of an SQLite database.

SQLite has one writer, and its own waiting is unfair: measured with several writers, single transactions
waited 2 to 7 s. So whoever writes first takes this lock: a fair lock among the threads of the process, then a
lock on a file beside the database among processes (`serve`, `import`, `migrate` and `shell`). A database in
memory has no file and needs the first only.
"""

import fcntl
import logging
import os
import threading
import time
import traceback
from pathlib import Path

from careloop.common.db.fair_lock import FairLock

LONG_HOLD_SECONDS = 0.05
FILE_POLL_SECONDS = 0.002

log = logging.getLogger(__name__)


class FileLock:
    """A lock among processes; the kernel frees it when its holder dies."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._descriptor: int | None = None

    def acquire(self, deadline: float) -> bool:
        """Wait until the deadline of the monotonic clock; false when it passed."""
        descriptor = self._opened()
        while not _is_taken(descriptor):
            if time.monotonic() > deadline:
                return False
            time.sleep(FILE_POLL_SECONDS)
        return True

    def release(self) -> None:
        if self._descriptor is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def forget(self) -> None:
        """After a fork: closing our copy of the descriptor releases nothing, as the parent has the original."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor = None

    def _opened(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._descriptor


class WriteLock:
    """Shared by all connections of this process to one database; use `write_lock_for` to get it.

    Among processes it takes two files: who wants to write passes a turnstile, `.next`, and keeps it shut until
    the lock is theirs. Without it a busy process took its own lock again and again within microseconds, and
    another waited for as long as it was busy.
    """

    def __init__(self, database: str | None) -> None:
        self.longest_hold_seconds = 0.0
        self._turn = FairLock()
        self._turnstile = FileLock(Path(f"{database}.next")) if database else None
        self._file = FileLock(Path(f"{database}.lock")) if database else None
        self._taken_at = 0.0

    def acquire(self, timeout_seconds: float) -> bool:
        """Wait for our thread's and our process's turn; False when either did not come in time."""
        deadline = time.monotonic() + timeout_seconds
        if not self._turn.acquire(timeout_seconds):
            return False
        try:
            is_ours = self._acquire_file(deadline)
        except BaseException:
            self._turn.release()
            raise
        if not is_ours:
            self._turn.release()
            return False
        self._taken_at = time.monotonic()
        return True

    def release(self) -> None:
        """Give the lock up; a hold longer than 50 ms is logged with the line that made it."""
        held_seconds = time.monotonic() - self._taken_at
        self.longest_hold_seconds = max(self.longest_hold_seconds, held_seconds)
        if self._file:
            self._file.release()
        self._turn.release()
        if held_seconds > LONG_HOLD_SECONDS and log.isEnabledFor(logging.DEBUG):
            log.warning("The write lock was held for %d ms by %s", held_seconds * 1000, _innermost_caller())

    def _acquire_file(self, deadline: float) -> bool:
        if not self._file or not self._turnstile:
            return True
        if not self._turnstile.acquire(deadline):
            return False
        try:
            return self._file.acquire(deadline)
        finally:
            self._turnstile.release()

    def forget(self) -> None:
        """After a fork: the threads that held or waited stayed in the parent, and so do its file locks."""
        for file in (self._turnstile, self._file):
            if file:
                file.forget()
        self._turn = FairLock()


def _is_taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


_locks: dict[str, WriteLock] = {}
_by_name: dict[str, WriteLock] = {}
_registry = threading.Lock()


def write_lock_for(name: str, *, in_memory: bool) -> WriteLock:
    """The lock of the database called `name`: a path, or the name of a database in memory."""
    known = _by_name.get(name)  # Without a lock: this is asked for every statement.
    return known or _made(name, in_memory=in_memory)


def _made(name: str, *, in_memory: bool) -> WriteLock:
    """Two names of one file, such as by a symbolic link, are one lock."""
    key = name if in_memory else os.path.realpath(name)
    with _registry:
        if key not in _locks:
            _locks[key] = WriteLock(None if in_memory else key)
        return _by_name.setdefault(name, _locks[key])


def _forget_all() -> None:
    for lock in _locks.values():
        lock.forget()


def _innermost_caller() -> str:
    """Where in our own code the transaction ends, for the log."""
    here = os.path.dirname(__file__)
    for frame in reversed(traceback.extract_stack()):
        if "/careloop/" in frame.filename and not frame.filename.startswith(here):
            return f"{frame.filename}:{frame.lineno}"
    return "unknown code"


os.register_at_fork(after_in_child=_forget_all)
