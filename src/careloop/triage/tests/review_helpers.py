"""Conversations with predictions that a person should look at."""

from __future__ import annotations

from careloop.conversations.models import Conversation, Inbox, Message
from careloop.conversations.services.posting import Content, add_customer_message
from careloop.conversations.services.starting import start
from careloop.customers.models import Customer
from careloop.triage.engine.classifier import understand
from careloop.triage.engine.heads import HeadResult, Heads
from careloop.triage.services.classifying import keep_predictions

SURE = (0.9, 0.05)
UNSURE = (0.4, 0.35)
NARROW = (0.56, 0.5)


def begin(inbox: Inbox, customer: Customer, text: str) -> Message:
    conversation = start(inbox=inbox, customer=customer, subject="", language="zh")
    return add_customer_message(conversation, Content(text=text, language="zh"), customer=customer)


def judged(text: str, **heads: HeadResult) -> Heads:
    """What the rules say, every head sure but those given here."""
    told = understand(text)
    sure = {head: _between(head, result.label, "", SURE) for head, result in told.items()}
    sure["crisis"] = HeadResult("none", 0.9, labels=(), version="test")
    return {**sure, **heads}


def head(label: str, other: str = "other", chances: tuple[float, float] = UNSURE, doubted: str = "") -> HeadResult:
    """One head's answer with the two likeliest labels."""
    return HeadResult(label, chances[0], ("a word",), ((label, chances[0]), (other, chances[1])), doubted=doubted)


def doubtful(inbox: Inbox, customer: Customer, text: str = "这个怎么说呢", **heads: HeadResult) -> Conversation:
    """A conversation that the desk is not sure about: its nature, unless other heads are given."""
    message = begin(inbox, customer, text)
    keep_predictions(message, judged(text, **(heads or {"nature": head("quality", "refund")})))
    return message.conversation


def _between(head: str, label: str, other: str, chances: tuple[float, float]) -> HeadResult:
    return HeadResult(label, chances[0], (), ((label, chances[0]), (other, chances[1])), version="test")
