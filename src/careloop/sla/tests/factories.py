"""Findings and moments for the tests of clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from careloop.conversations.models import Conversation, Inbox, Message
from careloop.conversations.services.posting import Content, add_customer_message
from careloop.conversations.services.starting import start
from careloop.customers.models import Customer

SHANGHAI = ZoneInfo("Asia/Shanghai")
TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=SHANGHAI)
TUESDAY_EVENING = datetime(2026, 11, 24, 21, 0, tzinfo=SHANGHAI)


@dataclass(frozen=True)
class Finding:
    """What triage says, without triage."""

    head: str
    label: str
    confidence: float = 0.9


def found(**labels: str) -> list[Finding]:
    return [Finding(head, label) for head, label in labels.items()]


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 in Shanghai."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def wrote(
    customer: Customer,
    inbox: Inbox,
    moment: datetime,
    *,
    conversation: Conversation | None = None,
    channel_kind: str = "direct",
) -> Message:
    """The customer writes at this moment, in a new conversation or a known one."""
    conversation = conversation or start(inbox=inbox, customer=customer, channel_kind=channel_kind, at=moment)
    return add_customer_message(conversation, Content(text="你好"), customer=customer, at=moment)
