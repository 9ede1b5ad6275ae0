"""Whether work grows in proportion to what it is given, by processor time: seconds depend on the machine."""

from __future__ import annotations

import time
from collections.abc import Callable

PARTS = 8
SLACK_SECONDS = 0.3


def takes_time_in_proportion(work: Callable[[int], object], size: int) -> bool:
    """Eight times as much may take four times eight times as long, never its square."""
    little = min(_seconds(work, size // PARTS) for _ in range(2))
    return _seconds(work, size) < 4 * PARTS * little + SLACK_SECONDS


def _seconds(work: Callable[[int], object], size: int) -> float:
    started = time.process_time()
    work(size)
    return time.process_time() - started
