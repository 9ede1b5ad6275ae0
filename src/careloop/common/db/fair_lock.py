"""A lock that is handed to its waiters in the order in which they asked.

`threading.Lock` lets a late thread overtake the ones that wait; under many writers single transactions then
waited for seconds. Here nobody is overtaken, so the longest wait is the sum of the holds before it.
"""

import threading
from collections import deque


class FairLock:
    """First come, first served; not reentrant; any thread may release it."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiters: deque[threading.Lock] = deque()
        self._is_held = False

    def acquire(self, timeout_seconds: float) -> bool:
        """Wait for the turn; False when it did not come in time."""
        with self._mutex:
            if not self._is_held:
                self._is_held = True
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiters.append(turn)
        return turn.acquire(timeout=timeout_seconds) or not self._withdraw(turn)

    def release(self) -> None:
        """Hand the lock to the one who has waited longest, else leave it free."""
        with self._mutex:
            if self._waiters:
                self._waiters.popleft().release()
            else:
                self._is_held = False

    def _withdraw(self, turn: threading.Lock) -> bool:
        """Stop waiting; False when the lock was handed over in the meantime and is ours after all."""
        with self._mutex:
            if turn not in self._waiters:
                return False
            self._waiters.remove(turn)
            return True
