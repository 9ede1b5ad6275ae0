"""Hit rates: arithmetic against cases counted by hand, and the command on rows and on a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from careloop.accounts.models import User
from careloop.replies.commands import answers
from careloop.replies.hit_rates import hit_rates, wilson
from careloop.replies.services.measuring import measure_pairs
from careloop.search.ranking import dice


def test_hits_are_counted_within_each_depth() -> None:
    found = hit_rates([1, 2, None, 5])
    assert (found.at[1], found.at[3], found.at[5]) == (0.25, 0.5, 0.75)
    assert found.mean_reciprocal_rank == pytest.approx((1 + 0.5 + 0.2) / 4)


def test_of_no_question_nothing_is_known() -> None:
    assert (hit_rates([]).n, wilson(0, 0)) == (0, (0.0, 1.0))


def test_the_interval_of_wilson() -> None:
    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.49, 0.943)


def test_dice_of_nothing_is_nothing() -> None:
    assert dice(frozenset(), frozenset({"a"})) == 0
    assert dice(frozenset({"a", "b"}), frozenset({"a"})) == pytest.approx(2 / 3)


def test_each_question_looks_for_its_own_answer() -> None:
    found = measure_pairs(["退款没到账", "parcel is late"], ["您的退款今天到账", "your parcel is late because of snow"])
    assert (found["n"], found["hit_at_1"]["share"]) == (2, 1.0)


def test_the_command_measures_a_file(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text("subject,body,reply\n退款,没到账,退款今天到账\n快递,不动了,快递已经催了\n", encoding="utf-8")
    asked = ["evaluate", "--file", str(path), "--question-column", "subject,body", "--answer-column", "reply", "--json"]
    done = CliRunner().invoke(answers, asked)
    assert json.loads(done.output)["own_answer"]["hit_at_1"]["share"] == 1.0


def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    assert CliRunner().invoke(answers, ["evaluate", "--file", str(tmp_path / "none.csv")]).exit_code == 2


@pytest.mark.django_db
def test_the_command_measures_the_desk_and_says_who_is_missing(admin: User) -> None:
    done = CliRunner().invoke(answers, ["evaluate"])
    assert (done.exit_code, done.output.strip()) == (0, "")
    assert CliRunner().invoke(answers, ["index"]).output.startswith("0 resolved")
    User.objects.all().delete()
    assert CliRunner().invoke(answers, ["evaluate"]).exit_code == 2
