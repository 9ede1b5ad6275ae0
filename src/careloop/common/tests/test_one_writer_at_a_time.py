"""The SQLite backend and its write lock, on a database file of the test's own."""

import multiprocessing
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connections, transaction
from pytest_django.plugin import DjangoDbBlocker

from careloop.common.db.address import database_from
from careloop.common.db.fair_lock import FairLock
from careloop.common.db.sqlite.base import DatabaseWrapper
from careloop.common.db.write_lock import write_lock_for

THREADS = 8
ROUNDS = 100


def wrapper_for(file: Path, **options: Any) -> DatabaseWrapper:
    """A connection as Django makes it, to a file of its own."""
    description = database_from(f"sqlite:///{file}")
    complete = connections.configure_settings({"default": {**description, "OPTIONS": options}})["default"]
    return DatabaseWrapper(complete, alias="of-its-own")


@pytest.fixture
def file(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Path]:
    with django_db_blocker.unblock():
        yield _new_database(tmp_path)


def _new_database(tmp_path: Path) -> Path:
    file = tmp_path / "counter.db"
    wrapper = wrapper_for(file)
    with wrapper.cursor() as cursor:
        cursor.execute("CREATE TABLE counter (id INTEGER PRIMARY KEY, value INTEGER NOT NULL UNIQUE)")
        cursor.execute("INSERT INTO counter (id, value) VALUES (1, 0)")
    wrapper.close()
    return file


@pytest.fixture
def wrapper(file: Path) -> Iterator[DatabaseWrapper]:
    wrapper = wrapper_for(file)
    yield wrapper
    wrapper.close()


def increment(wrapper: DatabaseWrapper) -> None:
    """Read, think, write: what loses counts without a lock."""
    with in_transaction(wrapper), wrapper.cursor() as cursor:
        cursor.execute("SELECT value FROM counter WHERE id = 1")
        value = cursor.fetchone()[0]
        cursor.execute("UPDATE counter SET value = %s WHERE id = 1", [value + 1])


class in_transaction:  # noqa: N801 - reads as transaction.atomic does, for a connection that has no alias.
    def __init__(self, wrapper: DatabaseWrapper) -> None:
        self.wrapper = wrapper

    def __enter__(self) -> None:
        self.wrapper.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        self.wrapper.in_atomic_block = True

    def __exit__(self, kind: object, *_: object) -> None:
        self.wrapper.in_atomic_block = False
        try:
            (self.wrapper.rollback if kind else self.wrapper.commit)()
        finally:
            self.wrapper.set_autocommit(True)


def value_in(file: Path) -> int:
    wrapper = wrapper_for(file)
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT value FROM counter WHERE id = 1")
        value: int = cursor.fetchone()[0]
    wrapper.close()
    return value


def count_up(file: Path, rounds: int = ROUNDS) -> float:
    """Count in a connection of this thread's own; returns the longest wait in seconds."""
    wrapper, longest = wrapper_for(file), 0.0
    for _ in range(rounds):
        began = time.monotonic()
        increment(wrapper)
        longest = max(longest, time.monotonic() - began)
    wrapper.close()
    return longest


def test_eight_threads_count_without_an_error_and_without_a_loss(file: Path) -> None:
    began = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        waits = list(pool.map(count_up, [file] * THREADS))
    assert value_in(file) == THREADS * ROUNDS
    # Nobody is overtaken for long: without the fair lock one transaction may wait for most of the whole run.
    assert max(waits) < (time.monotonic() - began) / 2


@pytest.mark.slow
def test_two_processes_count_without_a_loss(file: Path) -> None:
    spawning = multiprocessing.get_context("fork")
    processes = [spawning.Process(target=_count_in_threads, args=(file,)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    assert value_in(file) == 2 * 4 * ROUNDS


def _count_in_threads(file: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count_up, [file] * 4))


def _write_without_a_pause(file: Path, seconds: float) -> None:
    lock, deadline = write_lock_for(str(file), in_memory=False), time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert lock.acquire(20)
        time.sleep(0.005)
        lock.release()


@pytest.mark.slow
def test_a_busy_process_does_not_shut_another_out(file: Path) -> None:
    """As an import beside a desk that works off its backlog."""
    forking = multiprocessing.get_context("fork")
    busy = forking.Process(target=_write_without_a_pause, args=(file, 3.0))
    busy.start()
    time.sleep(0.2)
    lock, waits = write_lock_for(str(file), in_memory=False), []
    for _ in range(10):
        began = time.monotonic()
        assert lock.acquire(20)
        lock.release()
        waits.append(time.monotonic() - began)
    busy.join()
    # One hold is 5 ms; the next turn is ours.
    assert max(waits) < 0.3


def test_a_process_that_is_killed_leaves_the_lock_free(file: Path, wrapper: DatabaseWrapper) -> None:
    holder = (
        "import fcntl, os, sys, time\n"
        "fcntl.flock(os.open(sys.argv[1], os.O_RDWR | os.O_CREAT), fcntl.LOCK_EX)\n"
        "print('held', flush=True)\n"
        "time.sleep(60)\n"
    )
    lock = write_lock_for(str(file), in_memory=False)
    command = [sys.executable, "-c", holder, f"{file}.lock"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert not lock.acquire(0.1)
        process.kill()
    increment(wrapper)
    assert value_in(file) == 1


def test_a_write_outside_a_transaction_waits_for_its_turn(file: Path, wrapper: DatabaseWrapper) -> None:
    lock = wrapper.write_lock
    assert lock.acquire(1)
    threading.Timer(0.2, lock.release).start()
    began = time.monotonic()
    with wrapper.cursor() as cursor:
        cursor.execute("UPDATE counter SET value = 7 WHERE id = 1")
    assert time.monotonic() - began > 0.15
    assert not wrapper.holds_write_lock


def test_a_read_waits_for_nobody(wrapper: DatabaseWrapper) -> None:
    assert wrapper.write_lock.acquire(1)
    try:
        with wrapper.cursor() as cursor:
            cursor.execute("SELECT value FROM counter")
            assert cursor.fetchone() == (0,)
    finally:
        wrapper.write_lock.release()


def test_who_gets_no_turn_in_time_is_told_that_the_database_is_locked(file: Path) -> None:
    wrapper = wrapper_for(file, timeout=0.2)
    wrapper.connect()
    assert wrapper.write_lock.acquire(1)
    try:
        with pytest.raises(OperationalError, match="database is locked"):
            increment(wrapper)
    finally:
        wrapper.write_lock.release()
        wrapper.close()


def test_an_error_in_a_transaction_gives_the_lock_up(wrapper: DatabaseWrapper) -> None:
    with pytest.raises(IntegrityError), in_transaction(wrapper), wrapper.cursor() as cursor:
        cursor.execute("INSERT INTO counter (id, value) VALUES (2, 0)")
    assert not wrapper.holds_write_lock
    assert wrapper.write_lock.acquire(0.1)
    wrapper.write_lock.release()


def test_an_error_outside_a_transaction_gives_the_lock_up(wrapper: DatabaseWrapper) -> None:
    with pytest.raises(IntegrityError), wrapper.cursor() as cursor:
        cursor.execute("INSERT INTO counter (id, value) VALUES (2, 0)")
    assert wrapper.write_lock.acquire(0.1)
    wrapper.write_lock.release()


def test_a_connection_closed_in_a_transaction_gives_the_lock_up(wrapper: DatabaseWrapper) -> None:
    wrapper.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    assert wrapper.holds_write_lock
    wrapper.close()
    assert wrapper.write_lock.acquire(0.1)
    wrapper.write_lock.release()


def test_returned_rows_are_read_while_the_lock_is_held(wrapper: DatabaseWrapper) -> None:
    with wrapper.cursor() as cursor:
        cursor.execute("INSERT INTO counter (value) VALUES (10), (11), (12) RETURNING value")
        assert cursor.fetchone() == (10,)
        assert not wrapper.holds_write_lock
        assert cursor.fetchmany(1) == [(11,)]
        assert cursor.fetchall() == [(12,)]
        assert cursor.fetchone() is None


def test_the_files_are_kept_safe_at_power_loss(wrapper: DatabaseWrapper) -> None:
    with wrapper.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone() == ("wal",)
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone() == (2,)  # FULL
        with wrapper.losing_at_most_this_at_power_loss():
            cursor.execute("PRAGMA synchronous")
            assert cursor.fetchone() == (1,)  # NORMAL
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone() == (2,)


def test_a_connection_for_reading_cannot_write(file: Path) -> None:
    reader = wrapper_for(file, query_only=True)
    with pytest.raises(DatabaseError), reader.cursor() as cursor:
        cursor.execute("UPDATE counter SET value = 1 WHERE id = 1")
    reader.close()


@pytest.mark.django_db(transaction=True)
def test_nested_transactions_take_the_lock_once() -> None:
    connection = connections["default"]
    if connection.vendor != "sqlite":
        pytest.skip("The write lock is SQLite's.")
    with transaction.atomic():
        with transaction.atomic():
            assert connection.holds_write_lock  # type: ignore[attr-defined]
        assert connection.holds_write_lock  # type: ignore[attr-defined]
    assert not connection.holds_write_lock  # type: ignore[attr-defined]


def test_waiters_are_served_in_the_order_in_which_they_came() -> None:
    lock, served = FairLock(), []
    assert lock.acquire(1)

    def wait(number: int) -> None:
        assert lock.acquire(5)
        served.append(number)
        lock.release()

    threads = []
    for number in range(6):
        threads.append(threading.Thread(target=wait, args=(number,)))
        threads[-1].start()
        time.sleep(0.02)
    lock.release()
    for thread in threads:
        thread.join()
    assert served == list(range(6))


def test_a_waiter_that_gives_up_blocks_nobody() -> None:
    lock = FairLock()
    assert lock.acquire(1)
    assert not lock.acquire(0.05)
    lock.release()
    assert lock.acquire(0.05)
