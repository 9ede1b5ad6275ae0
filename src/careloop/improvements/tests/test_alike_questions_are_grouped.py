"""Alike questions form a group, the same every time; what an article answers does not (missions 82, 125, 126)."""

from __future__ import annotations

import pytest

from careloop.improvements.grouping import group, readable

pytestmark = pytest.mark.offline

QUESTIONS = [
    (1, "面膜可以每天敷吗"), (2, "你们有线下门店吗"), (3, "面膜能不能每天都敷"), (4, "线下门店在哪里"),
    (5, "Do you have a shop in Leeds"), (6, "is there a shop in Leeds I can visit"), (7, "退款还没到账"),
]  # fmt: skip


def members(questions: list[tuple[int, str]], articles: list[str]) -> list[list[int]]:
    return [each.members for each in group(questions, articles, []).groups]


def test_alike_questions_come_together_and_others_stay_apart() -> None:
    assert members(QUESTIONS, []) == [[1, 3], [2, 4], [5, 6], [7]]


def test_what_an_article_answers_is_left_out() -> None:
    found = group(QUESTIONS, ["退款多久到账\n退款没到账怎么办"], [])
    assert found.answered == 1
    assert [7] not in [each.members for each in found.groups]


def test_the_same_questions_give_the_same_groups() -> None:
    assert group(QUESTIONS, [], []) == group(QUESTIONS, [], [])


def test_a_new_question_joins_the_group_of_an_earlier_run() -> None:
    before = group(QUESTIONS[:3], [], []).groups
    leaders = [(place, each.words) for place, each in enumerate(before, start=10)]
    after = group([(9, "每天敷面膜可以吗"), (10, "能开发票吗")], [], leaders).groups
    assert [(each.key, each.members) for each in after] == [(10, [9]), (11, []), (0, [10])]


def test_numbers_alone_make_nobody_alike() -> None:
    assert members([(1, "HM2611219761 2026"), (2, "HM2611219761 地址"), (3, "HM2611219761 发票")], []) == [[2], [3]]


@pytest.mark.parametrize("nothing", ["", "？？？", "你好", "\x00🙂"])
def test_a_question_without_a_word_is_in_no_group(nothing: str) -> None:
    assert members([(1, nothing)], []) == []


def test_pairs_that_overlap_are_read_as_one_word() -> None:
    assert readable(["每天", "天敷", "refund", "膜可", "面膜"]) == ["每天敷", "refund", "面膜可"]
