"""The agent who takes a conversation puts right what the desk understood wrongly, and answers what it asks.

One click each, kept as a label.
"""

from __future__ import annotations

from datetime import datetime
from random import Random

from careloop.accounts.models import User
from careloop.conversations.models import Conversation
from careloop.demo.plan import Planned
from careloop.triage.models import Prediction, ReviewItem
from careloop.triage.services import reviewing
from careloop.triage.services.correcting import correct

CARE = {"handling_class": 0.85, "nature": 0.35, "severity": 0.25}
"""How often a wrong answer of each head is noticed and put right."""
ANSWERED = 0.8
"""How often a question of the review queue is answered."""
TRUTHS = {"handling_class": "class", "nature": "nature", "severity": "severity"}


def correct_what_is_wrong(conversation: Conversation, planned: Planned, *, by: User, at: datetime) -> int:
    """Correct some of the wrong predictions after what the thread's author meant; how many."""
    rng = Random(planned.key)  # noqa: S311
    current = Prediction.objects.current().filter(conversation=conversation).order_by("head", "pk")
    wrong = [row for row in current if _is_wrong(row, planned) and rng.random() < CARE.get(row.head, 1.0)]
    for row in wrong:
        correct(row, _truth(row, planned), by=by, at=at)
    return len(wrong)


def answer_what_is_asked(conversation: Conversation, planned: Planned, *, by: User, at: datetime) -> int:
    """Answer most of what the review queue asks about the conversation, by what the author meant; how many."""
    item = ReviewItem.objects.open().filter(conversation=conversation).first()
    if item is None:
        return 0
    rng = Random(f"{planned.key} asked")  # noqa: S311
    asked = [question["prediction"] for head, question in item.asked.items() if head in (*TRUTHS, "crisis")]
    rows = Prediction.objects.current().filter(pk__in=asked).order_by("pk")
    answered = [row for row in rows if rng.random() < ANSWERED]
    for row in answered:
        reviewing.answer(item, row, _answer(row, planned), by=by, at=at)
    return len(answered)


def _answer(row: Prediction, planned: Planned) -> str:
    """A danger is confirmed or taken away; of everything else the author said what it is."""
    if row.head == "crisis":
        return "none" if _is_wrong(row, planned) else row.label
    return _truth(row, planned)


def _is_wrong(row: Prediction, planned: Planned) -> bool:
    """A danger signal without danger counts as wrong, except where something broke or burned."""
    if row.head == "crisis":
        is_harmless = not planned.thread.crisis and planned.thread.truth["nature"] != "quality"
        return is_harmless and row.label != "none"
    return row.head in TRUTHS and row.label != _truth(row, planned)


def _truth(row: Prediction, planned: Planned) -> str:
    return "none" if row.head == "crisis" else str(planned.thread.truth[TRUTHS[row.head]])
