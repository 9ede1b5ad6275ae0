"""What tells who somebody is becomes an open blank, and a good sentence stays as it is."""

from __future__ import annotations

import pytest

from careloop.replies.masking import masked, names_within

pytestmark = pytest.mark.offline


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("请打 13812345678 或 010-8888 6666", "zh", "请打 【请填写：号码】 或 【请填写：号码】"),
        ("订单HM2611219761已发货", "zh", "订单【请填写：号码】已发货"),
        ("改成深圳市滨江路18号3栋2单元，电话不变", "zh", "【请填写：地址】，电话不变"),
        ("写到 a.b@example.com 吧", "zh", "写到 【请填写：邮箱】 吧"),
        ("看 https://t.example/x?y=1 这里", "zh", "看 【请填写：链接】 这里"),
        ("我叫李小明，收件人：赵敏", "zh", "我叫【请填写：姓名】，收件人：【请填写：姓名】"),
        ("Hi James, call +44 20 7946 0958.", "en", "Hi [fill in: name], call [fill in: number]."),
        ("My name is Ann Lee and CL-1042 is mine", "en", "My name is [fill in: name] and [fill in: number] is mine"),
        ("Sent to 12 Green Street, thanks", "en", "Sent to [fill in: address], thanks"),
        ("满399元包邮，15天内退差价，5%的烟酰胺，50ml", "zh", "满399元包邮，15天内退差价，5%的烟酰胺，50ml"),
        ("Free from ¥399, within 24 hours, 7 days", "en", "Free from ¥399, within 24 hours, 7 days"),
    ],
)
def test_what_tells_who_it_is_becomes_a_gap(text: str, language: str, expected: str) -> None:
    assert masked(text, known=names_within("James Porter"), language=language) == expected


def test_a_known_customer_is_taken_out_in_every_form() -> None:
    known = names_within("王雨晴")
    assert masked("王女士，雨晴，王雨晴您好", known=known, language="zh").count("【请填写：姓名】") == 3


def test_a_name_that_looks_like_a_pattern_is_only_a_name() -> None:
    assert masked("Hi (a+)+$", known=["(a+)+$"], language="en") != ""
