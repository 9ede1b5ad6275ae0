"""Work through the review queue: get the next question, answer it, leave it to others, take an answer back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.accounts.permissions import Permission, require
from careloop.common.errors import Conflict, InvalidInput
from careloop.common.events import record
from careloop.common.transaction import write, writes
from careloop.conversations import lanes
from careloop.conversations.services.locking import locked
from careloop.triage import events
from careloop.triage.models import Prediction, ReviewAnswer, ReviewItem
from careloop.triage.services.correcting import confirm, correct, withdraw
from careloop.triage.services.reading import choices_for

if TYPE_CHECKING:
    from careloop.accounts.models import User

CLAIM_HOLDS: Final = timedelta(minutes=5)
UNDO_WITHIN: Final = timedelta(hours=1)
A_DAY: Final = 40
"""As many answers a day are plenty: the labels of a week then teach more than the eyes tire."""
COUNTED_TO: Final = A_DAY
ENOUGH_SKIPS: Final = 2
BEHIND_ALL_OTHERS: Final = 2_000  # more than any question is worth
CANDIDATES: Final = 5

_TABLE = ReviewItem._meta.db_table
_WORTHIEST = lanes.Order("worth", is_falling=True)
_FREE = "is_open AND (claimed_by_id IS NULL OR claimed_until <= %s)"


def claim_next(user: User, *, at: datetime | None = None) -> ReviewItem | None:
    """What this person is looking at, or the worthiest question nobody else is looking at; None when all is done.

    The claim holds five minutes from the last look, so that two people never get the same question at once.
    """
    require(user, Permission.TRIAGE_CORRECT)
    at = at or timezone.now()
    held = ReviewItem.objects.visible_to(user).held_by(user, at).order_by("-claimed_until").first()
    candidates = [held] if held is not None else _worthiest(user, at)
    return next((item for item in candidates if _claim(item, user, at)), None)


@writes
def answer(item: ReviewItem, prediction: Prediction, label: str, *, by: User, at: datetime | None = None) -> Prediction:
    """The person's label for one prediction of the item's conversation: the one asked about, or another beside it.

    Confirms or corrects (see ``correcting``, which records the event) and keeps who answered what. Raises
    :class:`InvalidInput` for a label the head does not know, :class:`Conflict` when somebody was faster.
    """
    at = at or timezone.now()
    locked(item.conversation)
    item.refresh_from_db(fields=["asked", "is_open"])
    if not Prediction.objects.current().filter(pk=prediction.pk, conversation=item.conversation_id).exists():
        raise Conflict("answered", _("Somebody has answered this in the meantime."))
    if label not in dict(choices_for(prediction)):
        raise InvalidInput("unknown_label", _("Choose one of the labels."), data={"label": label[:64]})
    question = item.asked.get(prediction.head, {})
    is_right = label == prediction.label
    kept = confirm(prediction, by=by, at=at) if is_right else correct(prediction, label, by=by, at=at)
    ReviewAnswer.objects.create(
        item=item, head=prediction.head, question=question, earlier=prediction, kept=kept, by=by, at=at,
        kind=ReviewAnswer.Kind.CONFIRMED if is_right else ReviewAnswer.Kind.CORRECTED,
    )  # fmt: skip
    item.refresh_from_db(fields=["asked", "is_open"])
    return kept


@writes
def skip(item: ReviewItem, *, by: User, at: datetime | None = None) -> ReviewItem:
    """Leave it: it goes behind all others, and after two skips nobody is asked any more.

    Records ``triage.review_skipped``.
    """
    require(by, Permission.TRIAGE_CORRECT)
    at = at or timezone.now()
    locked(item.conversation)
    item.refresh_from_db()
    item.skips += 1
    item.worth -= BEHIND_ALL_OTHERS
    item.is_open = item.is_open and item.skips < ENOUGH_SKIPS
    item.claimed_by, item.claimed_until = None, None
    item.save(update_fields=["skips", "worth", "is_open", "claimed_by", "claimed_until"])
    ReviewAnswer.objects.create(item=item, kind=ReviewAnswer.Kind.SKIPPED, by=by, at=at)
    record(events.REVIEW_SKIPPED, conversation_id=item.conversation_id, by=by, subject="review", subject_id=item.pk)
    return item


@writes
def take_back(*, by: User, at: datetime | None = None) -> ReviewItem:
    """Undo this person's last answer or skip of the past hour; the question is before them again.

    Raises :class:`Conflict` when there is none, or when something else has been said since.
    """
    require(by, Permission.TRIAGE_CORRECT)
    at = at or timezone.now()
    last = _answers_of(by).filter(at__gt=at - UNDO_WITHIN).select_related("item__conversation", "earlier", "kept")
    answer = last.order_by("-at", "-id").first()
    if answer is None:
        raise Conflict("nothing_to_undo", _("There is no answer of the past hour to take back."))
    item = answer.item
    locked(item.conversation)
    if answer.kind == ReviewAnswer.Kind.SKIPPED:
        item.skips, item.worth = item.skips - 1, item.worth + BEHIND_ALL_OTHERS
    elif answer.kept is None or answer.earlier is None:
        raise Conflict("said_since", _("Something else has been said since; look at the conversation itself."))
    else:
        earlier = withdraw(answer.kept, answer.earlier, by=by, at=at)
        item.asked |= {answer.head: answer.question or {"why": "", "other": "", "prediction": earlier.pk}}
    answer.withdrawn_at = at
    answer.save(update_fields=["withdrawn_at"])
    release(by)
    item.is_open, item.claimed_by, item.claimed_until = True, by, at + CLAIM_HOLDS
    item.save(update_fields=["skips", "worth", "asked", "is_open", "claimed_by", "claimed_until"])
    return item


@writes
def release(user: User) -> None:
    """This person looks at nothing any more; others may."""
    ReviewItem.objects.open().filter(claimed_by=user).update(claimed_by=None, claimed_until=None)


def waiting_for(user: User) -> int:
    """How many conversations with questions this person may see, counted no further than a day's work."""
    return lanes.count_each([lanes.of_teams(user, "is_open")], COUNTED_TO, table=_TABLE)[0]


def answered_today(user: User, *, at: datetime | None = None) -> int:
    """Answers of this person since their midnight; what they skipped or took back does not count."""
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    return _answers_of(user).filter(at__gte=midnight).exclude(kind=ReviewAnswer.Kind.SKIPPED).count()


def _answers_of(user: User) -> models.QuerySet[ReviewAnswer]:
    return ReviewAnswer.objects.filter(by=user, withdrawn_at=None)


def _worthiest(user: User, at: datetime) -> list[ReviewItem]:
    """The first few of each team together; a few, because somebody may claim one before we do."""
    moment = connection.ops.adapt_datetimefield_value(at)
    free = lanes.of_teams(user, _FREE, values=[moment])
    found = ReviewItem.objects.filter(lanes.heads(free, _WORTHIEST, None, CANDIDATES, table=_TABLE))
    return list(found.order_by(*_WORTHIEST.fields)[:CANDIDATES])


def _claim(item: ReviewItem, user: User, at: datetime) -> bool:
    """Whether it is this person's now: one conditional update, so that of two who try at once one gets it."""
    until = at + CLAIM_HOLDS
    free_or_own = models.Q(claimed_by=None) | models.Q(claimed_until__lte=at) | models.Q(claimed_by=user)
    with write():
        is_ours = ReviewItem.objects.open().filter(free_or_own, pk=item.pk).update(claimed_by=user, claimed_until=until)
    item.claimed_by, item.claimed_until = user, until
    return bool(is_ours)
