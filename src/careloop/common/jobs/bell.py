"""Wakes an idle job thread of this process at once, instead of at its next look at the table."""

import os
import threading


class Bell:
    """Each ring wakes one waiting thread; a ring that nobody hears is not lost, see `wait`."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Start anew; needed after a fork, when the lock may be held by a thread that no longer exists."""
        self._changed = threading.Condition()
        self._rings = 0

    @property
    def rings(self) -> int:
        return self._rings

    def ring(self) -> None:
        with self._changed:
            self._rings += 1
            self._changed.notify()

    def ring_for_all(self) -> None:
        """Wake every thread, as for stopping."""
        with self._changed:
            self._rings += 1
            self._changed.notify_all()

    def wait(self, heard: int, timeout_seconds: float) -> None:
        """Sleep until a ring comes after the `heard`-th, or the time is over.

        The caller reads `rings` before it looks at the table: a job committed between its look and its
        sleep has rung by then, and it does not fall asleep over it.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._rings != heard, timeout_seconds)


bell = Bell()
os.register_at_fork(after_in_child=bell.reset)
