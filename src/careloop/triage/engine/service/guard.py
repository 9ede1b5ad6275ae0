"""Leave a service alone that keeps failing: after three failures in a row for a minute, then twice as long each time.

A process knows only its own failures; each finds out by itself, with three requests.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from careloop.triage.engine.service.errors import NoAnswer

FAILURES = 3
FIRST_PAUSE_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 3600.0


class Guard:
    """Counts failures in a row, and says when the service may be asked again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._until = 0.0
        self._lock = threading.Lock()

    def check(self) -> None:
        """Raises :class:`NoAnswer` while the service is left alone. After the pause one request tries it out."""
        with self._lock:
            if self._clock() < self._until:
                raise NoAnswer("paused", "The language model has failed repeatedly and is left alone for a while.")

    def succeeded(self) -> None:
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            beyond = self._failures - FAILURES
            if beyond >= 0:
                self._until = self._clock() + min(FIRST_PAUSE_SECONDS * 2 ** min(beyond, 10), LONGEST_PAUSE_SECONDS)
