"""The bus on a real database: what is committed arrives, in order and quickly; what is rolled back does not."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from careloop.common.events import record
from careloop.live.bus import Bus, Line, PostgresBus, SqliteBus, conninfo

pytestmark = pytest.mark.django_db(transaction=True)


def address() -> str:
    return conninfo(connection.get_connection_params())


@pytest.fixture
def bus() -> Iterator[Bus]:
    if connection.vendor == "sqlite":
        yield SqliteBus(str(connection.settings_dict["NAME"]))
    else:
        yield PostgresBus(address())


class Listener:
    """Follows a bus in a thread with a loop of its own."""

    def __init__(self, bus: Bus) -> None:
        self.heard: list[tuple[float, Line]] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(bus,), daemon=True)

    def _run(self, bus: Bus) -> None:
        async def follow() -> None:
            async for batch in bus.lines():
                self.heard += [(time.monotonic(), line) for line in batch]

        self._task = self._loop.create_task(follow())
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    def __enter__(self) -> "Listener":
        self._thread.start()
        time.sleep(0.5)  # It hears what is committed from now on.
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(5)

    @property
    def names(self) -> list[str]:
        return [line.name for _, line in self.heard]


def eventually(is_so: Callable[[], Any], within_seconds: float = 3.0) -> bool:
    deadline = time.monotonic() + within_seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.005)
    return bool(is_so())


def test_what_is_committed_arrives_in_order_and_what_is_rolled_back_does_not(bus: Bus) -> None:
    with transaction.atomic():
        record("test.before", conversation_id=1)
    with Listener(bus) as listener:
        with transaction.atomic():
            record("test.one", conversation_id=7)
            record("test.two", conversation_id=None)
        with transaction.atomic():
            record("test.never", conversation_id=7)
            transaction.set_rollback(True)
        with transaction.atomic():
            record("test.three", conversation_id=8)
        assert eventually(lambda: len(listener.heard) == 3)
    assert listener.names == ["test.one", "test.two", "test.three"]
    assert [line.conversation_id for _, line in listener.heard] == [7, None, 8]


def test_an_event_arrives_within_a_fraction_of_a_second(bus: Bus) -> None:
    delays = []
    with Listener(bus) as listener:
        for number in range(10):
            with transaction.atomic():
                record("test.tick", conversation_id=number)
            committed = time.monotonic()
            assert eventually(lambda expected=number: len(listener.heard) == expected + 1)  # type: ignore[misc]
            delays.append(listener.heard[-1][0] - committed)
    assert sorted(delays)[5] < 0.25  # Measured: 0.01 to 0.02 s at rest.


def test_the_bus_waits_for_a_database_that_is_not_there_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("careloop.live.bus.PAUSE_AFTER_ERROR_SECONDS", 0.05)
    file = tmp_path / "later.db"
    with Listener(SqliteBus(file)) as listener:
        database = sqlite3.connect(file, isolation_level=None)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE common_event (id INTEGER PRIMARY KEY, name TEXT, conversation_id INTEGER)")
        time.sleep(0.5)
        database.execute("INSERT INTO common_event VALUES (1, 'test.first', 5)")
        assert eventually(lambda: listener.names == ["test.first"])
        database.close()


def test_a_listener_that_lost_postgresql_connects_again_and_misses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("Run with CARELOOP_TEST_DATABASE=postgresql.")
    monkeypatch.setattr("careloop.live.bus.PAUSE_AFTER_ERROR_SECONDS", 0.3)
    with Listener(PostgresBus(address() + " application_name=listener_of_a_test")) as listener:
        with transaction.atomic():
            record("test.one")
        assert eventually(lambda: listener.names == ["test.one"])
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'listener_of_a_test'"
            )
        with transaction.atomic():
            record("test.while away")
        assert eventually(lambda: "test.while away" in listener.names)
