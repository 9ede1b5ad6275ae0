"""A name is found by any part of it, in both scripts, and by nothing that does not stand in it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careloop.search import names
from careloop.search.engines import postgresql_names
from careloop.search.parts_of_names import matches

NAMES = {
    1: "王雨晴", 2: "欧阳雨", 3: "Grace O'Neill", 4: "Johnson & Sons", 5: "John Li", 6: "王 John", 7: "VIP客户1042",
    8: "臺灣貿易", 9: "Customer 178",
}  # fmt: skip


@pytest.fixture
def known(db: None) -> None:
    for number, name in NAMES.items():
        names.put(number, name)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("王雨晴", [1]), ("雨晴", [1]), ("雨", [2, 1]), ("王", [6, 1]), ("john", [6, 5, 4]), ("ohns", [4]), ("li", [5]),
        ("n", [6, 5, 4, 3]), ("neil", [3]), ("O'Neill", [3]), ("John 王", [6]), ("104", [7]), ("客户10", [7]),
        ("台湾", [8]), ("Ｊｏｈｎ", [6, 5, 4]), ("Customer 78", [9]), ("晴雨", []), ("sons john", [4]), ("雨晴王", []),
        ("!?", []), ("", []),
    ],
)  # fmt: skip
def test_a_part_of_a_name(known: None, query: str, found: list[int]) -> None:
    assert names.find(query) == found
    assert [number for number in sorted(NAMES, reverse=True) if matches(query, NAMES[number])] == found


def test_a_name_that_changed_or_left_is_found_as_it_is_now(known: None) -> None:
    names.put(1, "李雷")
    names.put(5, "")
    names.remove(4)
    assert (names.find("雨晴"), names.find("李雷"), names.find("john")) == ([], [1], [6])


def test_pages_follow_one_another(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql_names, "LOOKED_THROUGH", 3)
    for number in range(1, 11):
        names.put(number, f"Customer {number}")
    assert names.find("custom", limit=4) == [10, 9, 8, 7]
    assert names.find("custom", before=7, limit=4) == [6, 5, 4, 3]
    assert names.find("custom", before=3, limit=4) == [2, 1]


def test_random_names_are_found_as_if_each_were_read(db: None) -> None:
    dice = random.Random(3)
    known = {number: "".join(dice.choices("ab王雨 ", k=dice.randint(1, 8))) for number in range(1, 120)}
    for number, name in known.items():
        names.put(number, name)
    for _ in range(150):
        query = "".join(dice.choices("ab王雨 ", k=dice.randint(1, 5)))
        expected = [number for number in sorted(known, reverse=True) if matches(query, known[number])]
        assert names.find(query, limit=500) == expected, query


@given(st.text(alphabet="abc王雨晴 -", max_size=12), st.integers(0, 11), st.integers(1, 6))
def test_every_part_of_a_run_is_a_match(name: str, start: int, length: int) -> None:
    part = name[start : start + length]
    assert matches(part, name) or not any(each.isalnum() for each in part)
