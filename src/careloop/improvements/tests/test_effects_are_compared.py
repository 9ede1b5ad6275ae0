"""Did it help: shares before and after, and whether the difference is beyond chance."""

from __future__ import annotations

import pytest

from careloop.improvements.effect import change

pytestmark = pytest.mark.offline


def test_the_interval_of_newcombe() -> None:
    """His own example: 56 of 70 and 48 of 80, difference 0.2, interval 0.0524 to 0.3339."""
    found = change(48, 80, 56, 70)
    assert found.after - found.before == pytest.approx(0.2)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)
    assert found.is_more


@pytest.mark.parametrize(
    ("before", "after", "is_less", "is_more"),
    [((60, 200), (20, 200), True, False), ((2, 10), (1, 10), False, False), ((5, 100), (25, 100), False, True)],
)
def test_chance_is_not_taken_for_an_effect(
    before: tuple[int, int], after: tuple[int, int], is_less: bool, is_more: bool
) -> None:
    found = change(*before, *after)
    assert (found.is_less, found.is_more) == (is_less, is_more)
