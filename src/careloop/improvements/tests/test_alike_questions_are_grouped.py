"""Alike questions form a group, the same every time; what an article answers does not (missions 82, 125, 126)."""

from __future__ import annotations

import pytest

from careloop.improvements.grouping import group, readable

pytestmark = pytest.mark.offline

QUESTIONS = [
    (1, "面膜可以每天敷吗", 0), (2, "你们有线下门店吗", 0), (3, "面膜能不能每天都敷", 0), (4, "线下门店在哪里", 0),
    (5, "Do you have a shop in Leeds", 0), (6, "is there a shop in Leeds I can visit", 0), (7, "退款还没到账", 0),
]  # fmt: skip


def asked(*texts: str, first: int = 1, key: int = 0) -> list[tuple[int, str, int]]:
    return [(place, text, key) for place, text in enumerate(texts, start=first)]


def members(questions: list[tuple[int, str, int]], articles: list[tuple[str, str]]) -> list[list[int]]:
    return [each.members for each in group(questions, articles, []).groups]


def test_alike_questions_come_together_and_others_stay_apart() -> None:
    assert members(QUESTIONS, []) == [[1, 3], [2, 4], [5, 6], [7]]


def test_what_an_article_answers_is_left_out() -> None:
    found = group(QUESTIONS, [("退款多久到账", "退款没到账怎么办")], [])
    assert found.answered == 1
    assert [7] not in [each.members for each in found.groups]


def test_an_article_that_only_shares_a_word_answers_nothing() -> None:
    assert group(QUESTIONS, [("面膜的成分", "每片面膜含有玻尿酸")], []).answered == 0


def test_the_same_questions_give_the_same_groups() -> None:
    assert group(QUESTIONS, [], []) == group(QUESTIONS, [], [])


def test_groups_keep_their_numbers_when_all_is_grouped_anew() -> None:
    known = [(pk, text, 20 if pk in (1, 3) else 30) for pk, text, _key in QUESTIONS if pk < 5]
    found = group([*known, *asked("每天敷面膜可以吗", "能开发票吗", first=9)], [], []).groups
    assert [(each.key, each.members) for each in found] == [(20, [1, 3, 9]), (30, [2, 4]), (0, [10])]


def test_two_groups_that_turn_out_alike_become_the_larger_one() -> None:
    known = [*asked("面膜可以每天敷吗", "面膜能不能每天都敷", key=20), *asked("每天敷面膜可以吗", first=3, key=30)]
    assert [(each.key, each.members) for each in group(known, [], []).groups] == [(20, [1, 2, 3])]


def test_what_was_settled_takes_in_who_asks_it_again_also_when_an_article_answers_it() -> None:
    settled = group(QUESTIONS[:1] + QUESTIONS[2:3], [], []).groups[0]
    article = [("面膜可以每天敷吗", "不建议每天敷面膜")]
    found = group(asked("面膜每天敷可以吗", "能开发票吗", first=20), article, [(7, settled.words)])
    assert found.answered == 1
    assert [(each.key, each.members) for each in found.groups] == [(0, [21]), (7, [20])]


def test_numbers_alone_make_nobody_alike() -> None:
    texts = asked("HM2611219761 2026", "HM2611219761 地址", "HM2611219761 发票")
    assert members(texts, []) == [[2], [3]]


def test_a_group_is_named_by_what_tells_it_from_others() -> None:
    found = group(QUESTIONS, [], []).groups
    assert "面膜" in "".join(found[0].typical)
    assert "leed" in " ".join(found[2].typical)


@pytest.mark.parametrize("nothing", ["", "？？？", "你好", "\x00🙂"])
def test_a_question_without_a_word_is_in_no_group(nothing: str) -> None:
    assert members(asked(nothing), []) == []


def test_pairs_that_overlap_are_read_as_one_word() -> None:
    assert readable(["每天", "天敷", "refund", "膜可", "面膜"]) == ["每天敷", "refund", "面膜可"]
