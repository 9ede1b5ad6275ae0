"""The register of improvements: propose, take on, finish, drop; and settle a group of questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.common.errors import Conflict, InvalidInput
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.improvements import events
from careloop.improvements.models import Improvement, ImprovementStep, QuestionGroup, QuestionRun
from careloop.improvements.services.looking import WINDOW

if TYPE_CHECKING:
    from careloop.accounts.models import User

LONGEST_NOTE = 300


@writes
def propose(title: str, *, by: User, question: QuestionGroup | None = None) -> Improvement:
    """Put it into the register; the evidence is counted now and stays. Records ``improvement.proposed``.

    A group it comes from is settled. Raises :class:`InvalidInput` without a title, :class:`Conflict` when the group
    stands in the register already.
    """
    title = title.strip()[:160]
    if not title:
        raise InvalidInput("no_title", _("Say in a few words what is to become better."))
    if question is not None:
        _settle(question, QuestionGroup.State.REGISTERED, by)
    row = Improvement.objects.create(
        title=title, question=question, evidence=_evidence(question), owner=by, created_at=timezone.now()
    )
    ImprovementStep.objects.create(improvement=row, state=row.state, by=by, at=row.created_at)
    record(events.IMPROVEMENT_PROPOSED, by=by, subject="improvement", subject_id=row.pk, data=row.evidence)
    return row


@writes
def move(improvement: Improvement, *, to: str, by: User, note: str = "") -> Improvement:
    """It is being done, done, dropped, or proposed again; whoever takes it on owns it. Records ``improvement.moved``.
    What it brings is counted from the moment it is done (``looking.look``).

    Raises :class:`InvalidInput` for a state that is none of ours.
    """
    if to not in Improvement.State.values:
        raise InvalidInput("unknown_state", _("Choose what became of it."))
    if to == Improvement.State.DOING:
        improvement.owner = by
    improvement.state = to
    improvement.done_at = timezone.now() if to == Improvement.State.DONE else None
    improvement.effect = {}
    improvement.save(update_fields=["state", "owner", "done_at", "effect"])
    ImprovementStep.objects.create(
        improvement=improvement, state=to, by=by, at=timezone.now(), note=note.strip()[:LONGEST_NOTE]
    )
    record(events.IMPROVEMENT_MOVED, by=by, subject="improvement", subject_id=improvement.pk, data={"to": to})
    return improvement


@writes
def put_aside(question: QuestionGroup, *, by: User) -> None:
    """It needs no article. Records ``question.settled``. Raises :class:`Conflict` when it is settled already."""
    _settle(question, QuestionGroup.State.IGNORED, by)


def _settle(question: QuestionGroup, state: str, by: User) -> None:
    changed = QuestionGroup.objects.filter(pk=question.pk, state=QuestionGroup.State.OPEN).update(
        state=state, settled_at=timezone.now(), settled_by=by
    )
    if not changed:
        raise Conflict("already_settled", _("A colleague has dealt with this question already."))
    record(events.QUESTION_SETTLED, by=by, subject="question", subject_id=question.pk, data={"state": state})


def _evidence(question: QuestionGroup | None) -> dict[str, int]:
    if question is None:
        return {}
    run = QuestionRun.objects.order_by("-pk").first()
    return {
        "asked": question.recent, "before": question.before, "of": run.asked_in_window if run else 0,
        "days": WINDOW.days,
    }  # fmt: skip
