"""What the rooms above get from the checks."""

import pytest
from django.utils.translation import override

from careloop.quality import services
from careloop.quality.engine import CHECKS


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
