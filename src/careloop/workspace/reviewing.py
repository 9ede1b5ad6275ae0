"""One question of the review queue as a colleague sees it: the words, the guesses, and the labels to choose from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from careloop.triage.doubts import WEIGHT
from careloop.triage.engine.heads import NATURE
from careloop.triage.labels import Name, choices, head_name, label_name, reason_name
from careloop.triage.models import Prediction, ReviewItem
from careloop.triage.services.reviewing import A_DAY, COUNTED_TO, answered_today, waiting_for

if TYPE_CHECKING:
    from careloop.accounts.models import User

KEYS = "1234567890qwerty"
REASONS_SHOWN = 6
REMEMBERED_SECONDS = 60


@dataclass(frozen=True)
class Choice:
    """One label with the key that chooses it; ``mark`` is set where the machine, or its other half, said it."""

    key: str
    label: str
    name: Name
    is_guess: bool
    is_other: bool


@dataclass(frozen=True)
class Question:
    """One prediction of the conversation; ``why`` says why it is asked about, empty where it is merely shown."""

    pk: int
    head: str
    name: Name
    label: Name
    confidence: float
    reasons: tuple[Name, ...]
    why: str
    is_by_person: bool
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Progress:
    """How far this person has come today: so many of so many, and whether more waits than is shown."""

    done: int
    goal: int
    waiting: int

    @property
    def is_reached(self) -> bool:
        return self.done >= self.goal

    @property
    def is_a_day(self) -> bool:
        """As much as is asked of one person in a day, whatever else waits."""
        return self.done >= A_DAY

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.goal) if self.goal else 100


def questions_of(item: ReviewItem) -> list[Question]:
    """What is asked about first, in its order, then the other heads that people judge, for looking and correcting."""
    rows = Prediction.objects.current().filter(conversation=item.conversation_id, head__in=WEIGHT).order_by("id")
    asked = {question["prediction"]: question for question in item.asked.values()}
    ordered = sorted(rows, key=lambda row: (row.pk not in asked, -WEIGHT[row.head]))
    nature = next((row.label for row in rows if row.head == NATURE), "")
    return [_question(row, asked.get(row.pk, {}), nature) for row in ordered]


def chosen_of(questions: list[Question], wanted: str) -> Question | None:
    """The one the person moved to, or the first."""
    return next((one for one in questions if str(one.pk) == wanted), questions[0] if questions else None)


def progress_of(user: User) -> Progress:
    """A day's work is forty answers, or fewer where fewer wait."""
    done, waiting = answered_today(user), waiting_for(user)
    return Progress(done, max(min(A_DAY, done + waiting), done), waiting)


def remembered_count(user: User) -> str:
    """How many wait, for the way around the desk: at most a minute old, nothing at all for none, "40+" for many.

    Who has done a day's work is told no number until midnight (:func:`rest_until_midnight`).
    """
    key = _key(user)
    known: int | None = cache.get(key)
    if known is None:
        known = waiting_for(user)
        cache.set(key, known, REMEMBERED_SECONDS)
    return f"{COUNTED_TO}+" if known >= COUNTED_TO else str(known or "")


def forget_count(user: User) -> None:
    cache.delete(_key(user))


def rest_until_midnight(user: User) -> None:
    """A day's work is done: no number asks this person for more, though more may wait."""
    now = timezone.localtime()
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    cache.set(_key(user), 0, (midnight - now).total_seconds())


def _key(user: User) -> str:
    return f"workspace.reviews.{user.pk}"


def _question(row: Prediction, asked: Mapping[str, Any], nature: str) -> Question:
    return Question(
        pk=row.pk,
        head=row.head,
        name=head_name(row.head),
        label=label_name(row.head, row.label),
        confidence=row.confidence,
        reasons=tuple(reason_name(str(reason)) for reason in row.reasons[:REASONS_SHOWN]),
        why=_why(row, asked),
        is_by_person=row.source == Prediction.Source.HUMAN,
        choices=_choices(row, asked.get("other", ""), nature),
    )


def _choices(row: Prediction, other: str, nature: str) -> tuple[Choice, ...]:
    known: list[tuple[str, str | Promise]] = choices(row.head, nature)
    if row.label not in dict(known):
        known = [(row.label, label_name(row.head, row.label)), *known]
    keys = KEYS.ljust(len(known))
    return tuple(
        Choice(key.strip(), label, name, label == row.label, label == other)
        for key, (label, name) in zip(keys, known, strict=False)
    )


def _why(row: Prediction, asked: Mapping[str, Any]) -> str:
    if not asked:
        return ""
    if asked["why"] == ReviewItem.Why.SPLIT:
        return _("“%(label)s” was split: which part is it?") % {"label": label_name(row.head, row.label)}
    other = label_name(row.head, asked["other"]) if asked["other"] else ""
    if asked["why"] == ReviewItem.Why.DISAGREE:
        return _("Rules and model disagree: one says “%(label)s”, the other “%(other)s”.") % {
            "label": label_name(row.head, row.label), "other": other,
        }  # fmt: skip
    if asked["why"] == ReviewItem.Why.TELLING:
        return _("“%(label)s” or “%(other)s”? Your answer teaches most here.") % {
            "label": label_name(row.head, row.label), "other": other,
        }  # fmt: skip
    if other:
        return _("Not sure; one half of it would say “%(other)s”.") % {"other": other}
    return _("Not sure.") if asked["why"] else ""
