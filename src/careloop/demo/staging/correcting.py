"""The agent who takes a conversation puts right what the desk understood wrongly: one click, kept as a label."""

from __future__ import annotations

from datetime import datetime
from random import Random

from careloop.accounts.models import User
from careloop.conversations.models import Conversation
from careloop.demo.plan import Planned
from careloop.triage.models import Prediction
from careloop.triage.services.correcting import correct

CARE = {"handling_class": 0.85, "nature": 0.35, "severity": 0.25}
"""How often a wrong answer of each head is noticed and put right."""
TRUTHS = {"handling_class": "class", "nature": "nature", "severity": "severity"}


def correct_what_is_wrong(conversation: Conversation, planned: Planned, *, by: User, at: datetime) -> int:
    """Correct some of the wrong predictions after what the thread's author meant; how many."""
    rng = Random(planned.key)  # noqa: S311
    current = Prediction.objects.current().filter(conversation=conversation).order_by("head", "pk")
    wrong = [row for row in current if _is_wrong(row, planned) and rng.random() < CARE.get(row.head, 1.0)]
    for row in wrong:
        correct(row, _truth(row, planned), by=by, at=at)
    return len(wrong)


def _is_wrong(row: Prediction, planned: Planned) -> bool:
    """A danger signal without danger counts as wrong, except where something broke or burned."""
    if row.head == "crisis":
        is_harmless = not planned.thread.crisis and planned.thread.truth["nature"] != "quality"
        return is_harmless and row.label != "none"
    return row.head in TRUTHS and row.label != _truth(row, planned)


def _truth(row: Prediction, planned: Planned) -> str:
    return "none" if row.head == "crisis" else str(planned.thread.truth[TRUTHS[row.head]])
