"""Answers before background work, where both share one process.

While a request is answered, a job that computes takes the interpreter and the write lock from it: a message that is
accepted in 5 ms alone took 56 ms beside four busy job threads. So a job that is about to start makes way while people
are answered, for a moment; the longer it has been due, the shorter it waits, so that a flood of requests delays the
work behind it but never stops it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

# After an answer the next request of the same person or program is likely to follow at once.
QUIET_SECONDS = 0.008
LONGEST_SECONDS = 1.0
# Nobody should notice that a message is understood this much later; an acknowledgement has a minute.
OVERDUE_SECONDS = 15.0
LONGEST_WHEN_OVERDUE_SECONDS = 0.02


class Courtesy:
    """Counts the answers in hand, and lets jobs wait for a quiet moment, one at a time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._answers = 0
        self._last = clock() - QUIET_SECONDS
        self._counting = threading.Lock()
        self._turn = threading.Lock()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Somebody waits for what happens inside."""
        with self._counting:
            self._answers += 1
        try:
            yield
        finally:
            with self._counting:
                self._answers -= 1
                self._last = self._clock()

    def is_quiet(self) -> bool:
        return self._answers == 0 and self._clock() - self._last >= QUIET_SECONDS

    def make_way(self, overdue_seconds: float) -> None:
        """Return in a quiet moment, or after the longest wait for something that is due for so long."""
        if self.is_quiet():
            return
        longest = LONGEST_WHEN_OVERDUE_SECONDS if overdue_seconds > OVERDUE_SECONDS else LONGEST_SECONDS
        with self._turn:
            until = self._clock() + longest
            while not self.is_quiet() and self._clock() < until:
                time.sleep(QUIET_SECONDS / 4)


courtesy = Courtesy()


def counting_answers(application: Callable[..., Any]) -> Callable[..., Any]:
    """A WSGI application whose answers jobs make way for, until the answer is ready to be sent."""

    def counted(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        with courtesy.answering():
            return application(environ, start_response)

    return counted
