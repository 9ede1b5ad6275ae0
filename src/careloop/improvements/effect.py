"""Did it help? Two shares compared, with the interval of their difference. Pure arithmetic.

Newcombe, "Interval estimation for the difference between independent proportions" (1998), method 10: from Wilson's
intervals of both shares, at 95 %; right also for few conversations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from careloop.replies.hit_rates import wilson


@dataclass(frozen=True, slots=True)
class Change:
    """Shares from 0 to 1; ``low`` and ``high`` bound after minus before."""

    before: float
    after: float
    low: float
    high: float

    @property
    def is_less(self) -> bool:
        """Fewer ask, beyond chance."""
        return self.high < 0

    @property
    def is_more(self) -> bool:
        return self.low > 0


def change(asked_before: int, of_before: int, asked_after: int, of_after: int) -> Change:
    """What became of a share. The counts it is of must not be 0."""
    before, after = asked_before / of_before, asked_after / of_after
    low_before, high_before = wilson(asked_before, of_before)
    low_after, high_after = wilson(asked_after, of_after)
    difference = after - before
    return Change(
        before, after,
        difference - math.hypot(after - low_after, high_before - before),
        difference + math.hypot(high_after - after, before - low_before),
    )  # fmt: skip
