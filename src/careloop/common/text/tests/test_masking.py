"""What tells who somebody is is found once for every room; what stands in its place is theirs to say."""

from __future__ import annotations

import pytest

from careloop.common.text.masking import mask

pytestmark = pytest.mark.offline


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("寄到深圳市滨江路18号3栋", ["address"]),
        ("加微信 careloop_01 聊", ["handle"]),
        ("订单 123 456 还没到", ["number"]),
        ("身份证11010519491231002X，卡号6250941006528599", ["id", "card"]),
        ("见 https://t.example/x，写到 a@b.example", ["link", "mail"]),
        ("CL-1042 and +44 20 7946 0958", ["number", "phone"]),
        ("iPhone15Pro 用了30天", []),
        ("我叫李小明", []),
    ],
)
def test_each_kind_is_told_from_the_others(text: str, found: list[str]) -> None:
    told: list[str] = []
    mask(text, lambda kind, _: told.append(kind) or "#")  # type: ignore[func-returns-value]
    assert told == found


def test_a_name_is_taken_out_as_written_or_in_any_case_as_asked() -> None:
    text = "Will will write, WILL he?"
    assert mask(text, lambda *_: "#", names=["Will"]) == "# # write, # he?"
    assert mask(text, lambda *_: "#", names=["Will"], exact_case=True) == "# will write, WILL he?"


def test_who_gives_a_name_for_their_own_is_found_where_asked() -> None:
    assert mask("我叫李小明", lambda *_: "#", introduced=True) == "我叫#"
    assert mask("My name is Ann Lee.", lambda *_: "#", introduced=True) == "My name is #."


def test_a_price_of_five_digits_stays_where_six_are_wanted() -> None:
    assert mask("满10000元", lambda *_: "#", fewest_digits=6) == "满10000元"
    assert mask("满10000元", lambda *_: "#") == "满#元"
