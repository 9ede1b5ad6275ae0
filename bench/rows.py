"""The same conversations for whoever is measured, from a fixed seed: one in five open, fifty about 退款."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

SEED = 20261122
OPEN_EVERY = 5
REFUNDS = 50
REFUND = "退款"
_CHINESE = (
    "我买的面霜用了两天脸上发红", "快递显示签收但我没有收到", "包装盒破损瓶子也裂了", "客服一直没有回复我的问题",
    "活动价格和页面上写的不一样", "会员积分没有到账", "请帮我查一下订单",
    "麻烦尽快处理谢谢", "发票抬头写错了", "赠品漏发了",
)  # fmt: skip
_ENGLISH = (
    "The serum leaked in the parcel", "My order has not arrived yet", "The pump is broken", "I was charged twice",
    "Please change the delivery address", "The coupon was not applied", "Nobody answered my last message",
    "I would like to exchange the shade", "The cream smells different", "Thank you for looking into it",
)  # fmt: skip
_ANSWERS = {
    "zh": "您好，非常抱歉给您带来不便。我已经为您查询，今天之内会给您答复。",
    "en": "Hello, I am sorry for the trouble. I have looked into it and will come back to you today.",
}


@dataclass(frozen=True)
class Sample:
    """One conversation: the customer wrote, we answered, and in the open ones the customer wrote again."""

    number: int
    language: str
    is_open: bool
    subject: str
    first: str
    answer: str
    again: str


def samples(count: int) -> Iterator[Sample]:
    chance = random.Random(SEED)
    refund_every = max(1, count // REFUNDS)
    for number in range(count):
        language = "en" if number % 3 == 2 else "zh"
        words = [_sentence(chance, language) for _ in range(3)]
        if number % refund_every == 0 and number // refund_every < REFUNDS:
            words[0] += f" 我要{REFUND}。"
        is_open = number % OPEN_EVERY == 0
        yield Sample(number, language, is_open, words[0][:60], words[0], _ANSWERS[language], words[1])


def messages(count: int, *, prefix: str) -> list[dict[str, object]]:
    """Bodies for ``POST /api/v1/messages``, each from a customer of its own."""
    return [
        {
            "inbox": "api",
            "sender": {"id": f"{prefix}{sample.number}", "email": f"{prefix}{sample.number}@example.com"},
            "subject": sample.subject,
            "text": f"{sample.first} {sample.again}",
        }
        for sample in samples(count)
    ]


def _sentence(chance: random.Random, language: str) -> str:
    parts = chance.sample(_CHINESE if language == "zh" else _ENGLISH, 4)
    stop = "。" if language == "zh" else ". "
    return stop.join(parts) + stop + f" A{chance.randrange(10**8):08d}"
