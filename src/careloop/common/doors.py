"""Doors let messages in while the desk runs: a listening mail server, a mailbox that is polled by a thread.

A room offers a factory in `config/doors.py`. The process that may write opens the doors after it has started,
and closes them before it ends: on SQLite the web process, on PostgreSQL the `doors` process.
"""

import logging
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Protocol

log = logging.getLogger(__name__)


class Door(Protocol):
    """One way in. Opening returns at once; the door works in threads of its own."""

    def open(self) -> str:
        """Start, and say in a few words on what it listens, or what it watches."""
        ...

    def close(self, timeout_seconds: float) -> None:
        """Let nothing more in, and finish what is in hand within the time."""
        ...


# A factory answers None when its door is not configured.
DoorFactory = Callable[[], Door | None]


class Doors:
    """The doors of this process. One that cannot open is logged and does not keep the others shut."""

    def __init__(self, factories: Sequence[str]) -> None:
        self._factories = factories
        self._open: list[Door] = []

    def open(self) -> list[str]:
        """Open all configured doors; returns what each says about itself."""
        return [said for path in self._factories if (said := self._open_one(path))]

    def close(self, timeout_seconds: float) -> None:
        for door in self._open:
            try:
                door.close(timeout_seconds)
            except Exception:
                log.exception("The door %s did not close.", door)
        self._open.clear()

    def _open_one(self, path: str) -> str:
        try:
            door = _factory(path)()
            if door is None:
                return ""
            said = door.open()
        except Exception:
            log.exception("The door %s could not be opened; the desk works without it.", path)
            return ""
        self._open.append(door)
        log.info("Open: %s", said)
        return said


def _factory(path: str) -> DoorFactory:
    module, _, name = path.rpartition(".")
    factory: DoorFactory = getattr(import_module(module), name)
    return factory
