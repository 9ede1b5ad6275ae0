"""Who looks and who types: throttled, and forgotten when they go away without a word."""

import pytest

from careloop.live.looking import Looking


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def looking(clock: Clock) -> Looking:
    return Looking(now=clock)


def test_the_same_news_is_not_told_again_within_three_seconds(looking: Looking, clock: Clock) -> None:
    assert looking.note(7, 1, "Lin", "typing")
    clock.seconds = 1
    assert not looking.note(7, 1, "Lin", "typing")
    clock.seconds = 3.5
    assert looking.note(7, 1, "Lin", "typing")


def test_a_change_is_told_at_once(looking: Looking) -> None:
    assert looking.note(7, 1, "Lin", "viewing")
    assert looking.note(7, 1, "Lin", "typing")
    assert looking.note(7, 1, "Lin", "left")
    assert not looking.note(7, 1, "Lin", "left")


def test_who_is_not_heard_of_has_gone(looking: Looking, clock: Clock) -> None:
    looking.note(7, 1, "Lin", "typing")
    looking.note(8, 1, "Lin", "viewing")
    clock.seconds = 9
    assert looking.sweep() == [7]
    assert looking.at(7) == []
    assert looking.at(8) == [{"id": 1, "name": "Lin", "doing": "viewing"}]


def test_nothing_is_kept_of_conversations_nobody_looks_at(looking: Looking, clock: Clock) -> None:
    for conversation_id in range(100):
        looking.note(conversation_id, 1, "Lin", "viewing")
    clock.seconds = 60
    assert len(looking.sweep()) == 100
    assert not looking._looks
