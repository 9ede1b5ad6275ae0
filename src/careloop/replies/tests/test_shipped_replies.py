"""The replies that ship: every situation of seed B, in both languages, with nothing for the checks to remark."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import pytest
import yaml

from careloop.quality.engine import check_reply
from careloop.replies.blanks import known_blanks, open_blanks
from careloop.replies.services.saved import fill

SITUATIONS = {
    # seed B 1.1 to 1.3
    "general.received", "general.waiting", "general.off_hours", "general.refusal", "general.confirming",
    # 2.1 to 2.3
    "pre_sales.introduction", "pre_sales.efficacy", "pre_sales.price", "pre_sales.comparison", "pre_sales.safety",
    "pre_sales.needs", "pre_sales.table", "pre_sales.recommendation", "pre_sales.risk", "pre_sales.closing",
    # 3.2
    "orders.delay", "orders.delay_promise", "after_sales.quality_ask", "after_sales.quality_ours",
    "after_sales.efficacy_ask", "after_sales.efficacy_options", "after_sales.return", "after_sales.refunded",
    # 3.3 and the first case
    "complaints.listen", "complaints.apology", "complaints.own", "complaints.options", "complaints.follow_up",
    "complaints.compensation", "after_sales.reaction", "after_sales.reaction_care",
    # 4.1 to 4.3 and the other cases
    "care.day_3", "care.day_14", "care.day_30", "care.rebuy", "care.birthday", "care.vip", "care.announcement",
    "care.recommendation", "care.reward",
}  # fmt: skip
FILLED = {
    "zh": {
        "honorific": "王女士", "agent_name": "小周", "team_name": "客户关怀组", "number": "CL-1042", "tip": "洁面后用",
        "order_number": "HM20261101", "product": "舒缓精华", "promise_date": "11月23日 18:00", "amount": "128元",
        "arrival_date": "周四", "cause": "分拣时漏扫", "gift": "一支护手霜",
        "current_price": "199元",
        "location": "杭州中转站", "need": "泛红", "new_product": "修护面霜", "offer": "第二件半价",
        "option_a": "换一瓶新的",
        "option_b": "全额退款", "product_b": "修护面霜",
        "reason": "库存已经清空", "refund_date": "周五", "steps": "取两泵按开",
        "suits": "干皮", "suits_b": "油皮", "suits_not": "正在发炎的皮肤", "tracking_number": "SF1234567",
        "test_data": "60人试用四周，七成的人泛红减轻", "value": "原料成本高",
    },
    "en": {
        "honorific": "James", "agent_name": "Lin", "team_name": "Care", "number": "CL-1042",
        "tip": "use it after washing",
        "order_number": "HM20261101", "product": "Calming Serum", "promise_date": "23 November 18:00", "amount": "£12",
        "arrival_date": "on Thursday", "cause": "a missed scan", "current_price": "£24", "gift": "a hand cream",
        "location": "Leeds", "need": "redness", "new_product": "Repair Cream", "offer": "a second one at half price",
        "option_a": "a new bottle", "option_b": "a full refund", "product_b": "Repair Cream",
        "reason": "the last ones are gone", "refund_date": "on Friday", "steps": "two pumps, pressed in",
        "suits": "dry skin", "suits_b": "oily skin", "suits_not": "inflamed skin", "tracking_number": "SF1234567",
        "test_data": "seven in ten of sixty people saw less redness after four weeks", "value": "what goes into it",
    },
}  # fmt: skip


def shipped() -> list[dict[str, Any]]:
    folder = files("careloop.replies").joinpath("data", "saved")
    return [row for each in sorted(folder.iterdir(), key=str) for row in yaml.safe_load(each.read_text("utf-8"))]


def test_there_are_at_least_forty_and_every_situation_of_the_seed_has_one() -> None:  # mission 81, 86 to 118
    assert len(shipped()) >= 40
    assert {row["situation"] for row in shipped()} >= SITUATIONS
    assert len({row["code"] for row in shipped()}) == len(shipped())


@pytest.mark.parametrize("row", shipped(), ids=lambda row: row["code"])
def test_a_shipped_reply_passes_every_check_once_it_is_filled(row: dict[str, Any]) -> None:
    kind = "complaint" if row["situation"].startswith("complaints.") else ""
    for language in ("zh", "en"):
        text = fill(row["text"][language], FILLED[language])
        assert open_blanks(text) == []
        found = [(each.check, text[each.start : each.end]) for each in check_reply(text, language=language, kind=kind)]
        assert found == []


@pytest.mark.parametrize("row", shipped(), ids=lambda row: row["code"])
def test_every_blank_is_known_and_the_same_in_both_languages(row: dict[str, Any]) -> None:
    blanks = {language: set(re.findall(r"\{(\w+)\}", row["text"][language])) for language in ("zh", "en")}

    assert blanks["zh"] == blanks["en"]
    assert blanks["zh"] <= set(known_blanks())


def test_discounts_are_converted_and_not_copied() -> None:  # mission 117
    for row in shipped():
        assert ("八折" in row["text"]["zh"]) == ("20% off" in row["text"]["en"])
        assert "80%" not in row["text"]["en"]
