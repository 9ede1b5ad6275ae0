"""What a suggestion is made of. Pure values; no table is known here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

END_OF_TIME = datetime.max.replace(tzinfo=UTC)
Target = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Question:
    """What an answer is wanted for, and what triage understood of it."""

    text: str
    language: str
    guesses: dict[str, str] = field(default_factory=dict)
    is_complaint: bool = False
    conversation: int = 0
    # Only what was solved before this moment may help; for measuring, which must not look ahead.
    asked_at: datetime = END_OF_TIME


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One possible answer. ``text`` goes into the composer as it is; ``words`` are shared with the question.

    ``strength`` counts what is shared in words that only one text holds.
    """

    kind: str
    target: int
    title: str
    text: str
    words: tuple[str, ...]
    strength: float
    # Of a conversation solved before: its number, when, and whether the customer was content.
    number: int = 0
    solved_at: datetime | None = None
    satisfied: bool | None = None

    @property
    def key(self) -> Target:
        return (self.kind, self.target)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A suggestion before the fusing: its place in each ranking of its kind (``words``, ``meaning``), and its boost."""

    suggestion: Suggestion
    places: dict[str, int]
    boost: float = 0.0
