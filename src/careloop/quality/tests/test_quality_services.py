"""What the rooms above get from the checks."""

import re

import pytest
from django.utils.translation import override

from careloop.quality import services
from careloop.quality.engine import CHECKS
from careloop.quality.engine.expressions import DATA


def test_the_gravest_finding_comes_first() -> None:
    found = services.check("这不归我们管。您把差评删了，我们马上给您退款。", language="zh-hans")

    assert [each.level.value for each in found] == ["block", "warn"]


@pytest.mark.parametrize(
    ("language", "text"), [("zh-Hant", "這不歸我們管。"), ("en-GB", "Not my department."), ("fr", "Not my department.")]
)
def test_any_language_tag_of_a_conversation_is_understood(language: str, text: str) -> None:
    assert [each.check for each in services.check(text, language=language)][-1:] == ["blame_shifting"]


def test_an_empty_draft_has_nothing_to_remark() -> None:
    assert services.check("  \n", language="zh", kind="complaint") == []


def test_every_check_has_its_name_and_sentence_in_chinese() -> None:
    with override("zh-hans"):
        for check in CHECKS:
            known = services.said(check.id)
            assert known.name != check.name
            assert known.description != check.description


def applied(text: str, language: str, check: str, kind: str = "complaint") -> str:
    found = next(each for each in services.check(text, language=language, kind=kind) if each.check == check)
    put = services.suggestion(found, text)
    return text[: put.start] + put.wording + text[put.end :]


def test_a_better_sentence_takes_the_place_of_the_whole_sentence() -> None:
    text = "您好。这不归我们管，您问别人吧！明天见。"

    assert applied(text, "zh", "blame_shifting") == "您好。这件事交给我，我来跟进，有结果我第一时间告诉您。明天见。"


def test_a_missing_sentence_is_put_after_the_greeting() -> None:
    chinese = applied("王女士您好，退款已经办理，明天到账。", "zh", "missing_apology")
    english = applied("Hi Emma, your refund was sent today.", "en", "missing_apology")

    assert chinese == "王女士您好，这次是我们没有做好，真的很抱歉。退款已经办理，明天到账。"
    assert english == "Hi Emma, We got this wrong, and I'm truly sorry. your refund was sent today."


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "仓库积压严重，所以晚发了三天。很抱歉让您久等了。"),
        ("zh", "很抱歉，理解您的心情。要等我们核实清楚是谁的责任，才能决定怎么处理。"),
        ("en", "The warehouse fell behind after a busy sale. We're so sorry you had this frustrating wait."),
    ],
)
def test_taking_the_better_wording_mends_the_order(language: str, text: str) -> None:  # mission 95
    mended = applied(text, language, "golden_rules_order")

    assert "golden_rules_order" not in {
        each.check for each in services.check(mended, language=language, kind="complaint")
    }


def test_no_better_wording_invents_a_time_or_a_name() -> None:
    """A promise nobody made must not be sent by one click: times and amounts are open blanks."""
    for path in sorted(DATA.glob("*.yaml")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if re.match(r"\s*(?:short_)?better:", line):
                assert not re.search(r"\d|下班前|小周|Priya|tomorrow|by five|Friday", line), f"{path.name}: {line}"
