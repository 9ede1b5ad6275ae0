"""The replay against recorded days small enough to follow by hand, and its properties on random ones."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from careloop.routing.comparing import compare, figures
from careloop.routing.models import HANDLING_HOURS, SEVERITIES
from careloop.routing.priority import Weights, rank
from careloop.routing.replaying import Rule, Turn, replay

END = 100.0
WEIGHTS = {"severity": 0.6, "value": 0.25, "source": 0.15, "late_factor": 1.25, "gamma": 1.0}
TODAY = Rule(WEIGHTS, SEVERITIES, HANDLING_HOURS)
ONLY_AGE = Rule(WEIGHTS, dict.fromkeys(SEVERITIES, 0.5), dict.fromkeys(HANDLING_HOURS, 1.0))


def turn(number: int, arrived: float, answered: float | None = None, **fields: Any) -> Turn:
    usual = Turn(
        id=number, team=1, arrived=arrived, due=arrived + 4, target_hours=4, severity="minor", handling_class="C",
        nature="quality", value=0.0, source=0.5, is_danger=False, answered=answered,
    )  # fmt: skip
    return replace(usual, **fields)


def test_the_graver_of_two_takes_the_first_place_of_the_day() -> None:
    mild, grave = turn(1, 0.0, 2.0), turn(2, 0.5, 3.0, severity="severe")
    assert replay([mild, grave], TODAY, END) == {2: 2.0, 1: 3.0}


def test_whoever_came_later_than_a_free_moment_cannot_have_it() -> None:
    first, second = turn(1, 0.0, 2.0), turn(2, 2.5, 3.0, severity="severe", is_danger=True)
    assert replay([first, second], TODAY, END) == {1: 2.0, 2: 3.0}


def test_danger_goes_before_everything_however_long_others_wait() -> None:
    old, danger = turn(1, 0.0, 50.0, severity="severe"), turn(2, 49.0, 60.0, is_danger=True)
    assert replay([old, danger], TODAY, END) == {2: 50.0, 1: 60.0}


def test_with_age_alone_the_first_to_come_is_the_first_served() -> None:
    turns = [turn(number, number / 10, 20 - number) for number in range(10)]
    served = replay(turns, ONLY_AGE, END)
    assert [number for number, _ in sorted(served.items(), key=lambda pair: pair[1])] == list(range(10))


def test_a_late_case_climbs_in_the_replay_when_its_own_time_has_passed() -> None:
    # The same class and weight; the younger is late by then, the older is not.
    waiting = turn(1, 0.0, 10.0, target_hours=4, due=30.0)
    late = turn(2, 1.0, 20.0, target_hours=4, due=5.0)
    assert replay([waiting, late], TODAY, END) == {2: 10.0, 1: 20.0}
    assert replay([waiting, replace(late, due=12.0)], TODAY, END) == {1: 10.0, 2: 20.0}


def test_who_left_stands_in_line_until_then_and_takes_no_place_after() -> None:
    gone, stays = turn(1, 0.0, None, left=1.0, severity="severe"), turn(2, 0.5, 2.0)
    assert replay([gone, stays], TODAY, END) == {2: 2.0}


def test_teams_work_only_for_their_own() -> None:
    ours, theirs = turn(1, 0.0, 5.0), turn(2, 0.0, 1.0, team=2)
    assert replay([ours, theirs], TODAY, END) == {1: 5.0, 2: 1.0}


def test_what_nobody_reached_still_waits_at_the_end() -> None:
    turns = [turn(1, 0.0, 2.0), turn(2, 0.0, None, severity="severe")]
    served = replay(turns, TODAY, END)
    assert served == {2: 2.0}
    found = figures(turns, served, END)
    assert (found.n, found.waiting, found.mean_hours, found.p90_hours) == (2, 1, 51.0, 100.0)
    assert found.within_target == 0.5


@pytest.fixture
def a_month() -> list[Turn]:
    dice = random.Random(11)
    turns = []
    for number in range(600):
        arrived = dice.uniform(-5, 90)
        answered = arrived + dice.expovariate(1 / 6)
        has_left = dice.random() < 0.05
        turns.append(
            turn(
                number, arrived, None if has_left or answered > END else answered, team=dice.choice([1, 2]),
                left=answered if has_left else None, severity=dice.choice(list(SEVERITIES)),
                handling_class=dice.choice(list(HANDLING_HOURS)), value=dice.random(), source=dice.random(),
                is_danger=dice.random() < 0.02, due=arrived + 8, target_hours=8,
            )
        )  # fmt: skip
    return turns


def test_the_replay_serves_at_the_recorded_moments_and_nobody_before_they_came(a_month: list[Turn]) -> None:
    served = replay(a_month, TODAY, END)
    by_number = {each.id: each for each in a_month}
    assert all(moment >= by_number[number].arrived for number, moment in served.items())
    recorded = {each.answered for each in a_month}
    assert set(served.values()) <= recorded
    assert len(set(served.values())) == len(served)


def test_the_replay_takes_whom_a_plain_search_would_take(a_month: list[Turn]) -> None:
    """The second implementation: at each free moment look at everybody who waits."""
    assert replay(a_month, TODAY, END) == _searched(a_month, TODAY)


def _searched(turns: list[Turn], rule: Rule) -> dict[int, float]:
    served: dict[int, float] = {}
    for free in sorted((each for each in turns if each.answered is not None), key=lambda each: each.answered or 0):
        moment = free.answered
        assert moment is not None
        waiting = [
            each for each in turns
            if each.team == free.team and each.arrived <= moment and each.id not in served
            and (each.left is None or each.left > moment)
        ]  # fmt: skip

        def standing(each: Turn, moment: float = moment) -> tuple[int, float, float, int]:
            tier, klass = rule.places(each)[each.due <= moment]
            return tier, -rank(klass, moment - each.arrived), each.arrived, each.id

        if waiting:
            served[min(waiting, key=standing).id] = moment
    return served


def test_the_same_weights_change_nothing(a_month: list[Turn]) -> None:
    served = replay(a_month, TODAY, END)
    found = compare(a_month, served, served, end=END)
    assert (found.longer, found.shorter, found.longest_more) == (0, 0, [])
    assert found.same == found.turns == len(a_month) - found.left


def test_weights_for_severity_alone_make_the_grave_wait_less(a_month: list[Turn]) -> None:
    tried = Rule(WEIGHTS | {"value": 0.0, "source": 0.0}, {**SEVERITIES, "minor": 0.01}, HANDLING_HOURS)
    stayed = [each for each in a_month if each.left is None]
    found = compare(stayed, replay(stayed, TODAY, END), replay(stayed, tried, END), end=END)
    lines = {(line.by, line.label): line for line in found.lines}
    minor, everybody = lines["severity", "minor"], lines["all", ""]
    assert minor.proposed.mean_hours is not None
    assert minor.current.mean_hours is not None
    assert minor.proposed.mean_hours > minor.current.mean_hours
    # Order alone moves waiting from some to others; where nobody leaves, there is as much of it as before.
    assert everybody.proposed.mean_hours == pytest.approx(everybody.current.mean_hours)
    assert found.longest_more
    assert {each.severity for each in found.longest_more} == {"minor"}
    more = [each.proposed - each.current for each in found.longest_more]
    assert more == sorted(more, reverse=True)
    assert len(more) <= 20


def test_weights_of_the_desk_fit_the_rule() -> None:
    assert Weights(**WEIGHTS) == Weights()
