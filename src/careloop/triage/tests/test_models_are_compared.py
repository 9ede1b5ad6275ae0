"""A challenger is better only beyond noise, on rows that neither model has seen (issue 3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careloop.triage.engine.comparing import Answers, compare, difference_interval, gained_and_lost, mcnemar
from careloop.triage.engine.learning import Request, Row, learn, split

pytestmark = pytest.mark.offline
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def answers(labels: list[str]) -> Answers:
    return Answers(labels, [0.9] * len(labels))


def verdict(truth: list[str], old: list[str], new: list[str], head: str = "nature") -> str:
    return str(compare(head, truth, answers(old), answers(new))["verdict"])


@pytest.mark.parametrize(
    ("gained", "lost", "chance"),
    [(0, 0, 1.0), (5, 5, 1.0), (10, 2, 0.0386), (9, 0, 0.0039), (30, 12, 0.0079), (0, 1, 1.0)],
)
def test_chance_is_that_of_an_exact_binomial_test(gained: int, lost: int, chance: float) -> None:
    assert mcnemar(gained, lost) == pytest.approx(chance, abs=5e-5)


@given(st.integers(0, 400), st.integers(0, 400))
def test_chance_is_a_probability_and_takes_no_side(gained: int, lost: int) -> None:
    assert 0 <= mcnemar(gained, lost) <= 1
    assert mcnemar(gained, lost) == mcnemar(lost, gained)


def test_the_interval_of_the_difference_holds_the_difference() -> None:
    low, high = difference_interval(200, 30, 10)
    assert low < 0.1 < high
    assert difference_interval(0, 0, 0) == [-1.0, 1.0]


def test_only_rows_where_one_alone_is_right_are_counted() -> None:
    assert gained_and_lost(["a", "a", "b", "b"], ["a", "b", "b", "a"], ["a", "a", "a", "a"]) == (1, 1)


def test_the_verdict_names_what_speaks_against_it() -> None:
    truth = ["a"] * 50 + ["b"] * 50
    assert verdict(truth, ["a"] * 100, truth) == "better"
    assert verdict(truth, truth, ["a"] * 100) == "worse"
    assert verdict(truth, truth, ["a"] * 3 + truth[3:]) == "noise"
    assert verdict(truth[:20], ["b"] * 20, truth[:20]) == "too_few"


def test_a_gain_that_costs_rare_labels_is_refused() -> None:
    truth = ["a"] * 90 + ["b"] * 5 + ["c"] * 5
    old = ["b"] * 12 + ["a"] * 78 + ["b"] * 5 + ["c"] * 5
    assert verdict(truth, old, ["a"] * 90 + ["b"] * 5 + ["a"] * 5, head="intent") != "better"
    assert verdict(truth, ["b"] * 20 + ["a"] * 70 + ["b"] * 5 + ["c"] * 5, ["a"] * 95 + ["c"] * 5) == "rare_suffer"


def test_a_gain_that_misses_severe_cases_is_refused() -> None:
    truth = ["minor"] * 60 + ["severe"] * 10
    old = ["severe"] * 20 + ["minor"] * 40 + ["severe"] * 10
    new = ["minor"] * 60 + ["minor"] + ["severe"] * 9
    assert verdict(truth, old, new, head="severity") == "grave_missed"
    assert verdict(truth, old, new, head="nature") == "better"


def rows(count: int, days_apart: float = 1.0, text: str = "{}坏了") -> list[Row]:
    first = NOW - timedelta(days=days_apart * count)
    return [
        Row(
            text.format(f"第{n}个"),
            ("logistics", "quality")[n % 2],
            (first + timedelta(days=days_apart * n)).isoformat(),
        )
        for n in range(count)
    ]


def asked(told: list[Row], **more: object) -> Request:
    return Request("nature", told, NOW.isoformat(), 4, **more)  # type: ignore[arg-type]


def test_the_latest_weeks_are_held_out() -> None:
    training, held_out = split(asked(rows(200)))
    assert (len(training), len(held_out)) == (172, 28)
    assert max(row.at for row in training) < min(row.at for row in held_out)


def test_at_most_three_in_ten_are_held_out() -> None:
    training, held_out = split(asked(rows(100, days_apart=0.1)))
    assert (len(training), len(held_out)) == (70, 30)


def test_a_handful_of_labels_is_all_learned_from() -> None:
    training, held_out = split(asked(rows(20)))
    assert (len(training), len(held_out)) == (20, 0)


def test_texts_of_the_training_rows_are_not_judged_on() -> None:
    training, held_out = split(asked(rows(60, text="同一句话")))
    assert training
    assert held_out == []


def test_labels_the_champion_may_have_learned_from_are_not_judged_on() -> None:
    until = (NOW - timedelta(days=10)).isoformat()
    _, held_out = split(asked(rows(200), champion_trained_until=until))
    assert len(held_out) == 9


def test_a_challenger_is_trained_and_judged_beside_the_rules(tmp_path: Path) -> None:
    told = [
        Row(f"{thing}{said}{n}", label, (NOW - timedelta(hours=300 - n)).isoformat(), by_person=n % 2 == 0)
        for n, (thing, said, label) in enumerate(
            [("甲", "嗡嗡嗡", "network"), ("乙", "咚咚咚", "account"), ("丙", "哗哗哗", "order")] * 90
        )
    ]
    model, answer = learn(asked(told))
    comparison = answer["comparison"]
    assert model.labels == ["account", "network", "order"]
    assert comparison["n"] == 81
    assert comparison["challenger"]["accuracy"] == 1.0
    assert comparison["verdict"] == "better"
    assert comparison["challenger"]["confusion"]["labels"]
    assert answer["trained_until"] < comparison["from"]
    assert comparison["by_people"] == 40 or comparison["by_people"] == 41
