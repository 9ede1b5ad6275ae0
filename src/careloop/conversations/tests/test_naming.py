"""Whom a note names: Chinese and English names, the mail's name, and what only looks like one."""

from __future__ import annotations

import pytest

from careloop.conversations.naming import find_named, handles

CHEN, CHEN_LEAD, LIN, JAMES, JAMIE = range(1, 6)
CALLED = {
    CHEN: handles("陈", "chen.q@hemu.example"),
    CHEN_LEAD: handles("陈主管", "chen@hemu.example"),
    LIN: handles("林晓", "lin@hemu.example"),
    JAMES: handles("James Porter", "james@hemu.example"),
    JAMIE: handles("李 Jamie", "jamie_2@hemu.example"),
}


@pytest.mark.offline
@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("@陈主管请批准。", [CHEN_LEAD]),
        ("财务确认：需改为打款到新卡。@陈主管 请批准", [CHEN_LEAD]),
        ("请@林晓跟进，@陈 知会", [LIN, CHEN]),
        ("＠林晓 看一下", [LIN]),
        ("@james please, and @LIN too", [JAMES, LIN]),
        ("@James Porter please", [JAMES]),
        ("@james\u00a0porter please", [JAMES]),
        ("thanks @lin.", [LIN]),
        ("(@chen.q)", [CHEN]),
        ("@李 Jamie，收到请回复", [JAMIE]),
        ("@李，收到请回复 @Jamie", [JAMIE, JAMIE]),
        ("@jamie_2!", [JAMIE]),
        ("@林晓@陈主管", [LIN, CHEN_LEAD]),
        ("@lin.wei is somebody else", []),
        ("@linda is somebody else", []),
        ("write to care@lin or lin@hemu.example", []),
        ("@lin@hemu.example", []),
        ("@ lin", []),
        ("@", []),
        ("@王五 不在这里", []),
    ],
)
def test_a_note_names_whom_it_says(text: str, people: list[int]) -> None:
    assert [person for found in find_named(text, CALLED) for person in found.people] == people


@pytest.mark.offline
def test_the_stretch_is_the_sign_and_the_name_even_beside_letters_that_fold_to_two() -> None:
    text = "İstanbul 🙂 @陈主管请批准"
    (found,) = find_named(text, CALLED)
    assert text[found.start : found.end] == "@陈主管"


@pytest.mark.offline
def test_two_people_of_one_name_are_both_meant() -> None:
    (found,) = find_named("@林晓 好", {1: ("林晓",), 2: ("林晓",)})
    assert found.people == {1, 2}


@pytest.mark.offline
def test_somebody_without_a_name_is_called_by_their_mail() -> None:
    assert handles("", "Lin.X@hemu.example") == ("lin.x",)
