"""One click puts a prediction right or says that it is right, and the click is kept as a label (mission 11)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.accounts.permissions import Permission, require
from careloop.common.errors import Conflict, InvalidInput
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.conversations.models import Conversation
from careloop.conversations.services.locking import locked
from careloop.triage import events
from careloop.triage.engine.heads import CRISIS, LABELS, NATURE, NONE
from careloop.triage.models import Correction, Prediction
from careloop.triage.services.detailing import follow_nature
from careloop.triage.services.questions import settle

if TYPE_CHECKING:
    from careloop.accounts.models import User

BY_HAND = "person"


@writes
def correct(prediction: Prediction, label: str, *, by: User, at: datetime | None = None) -> Prediction:
    """The person's label becomes the current one, fully sure; the old row and the correction stay.

    Records ``triage.corrected``; clocks and priority listen. Raises :class:`NotAllowed` without the permission.
    """
    require(by, Permission.TRIAGE_CORRECT)
    at = at or timezone.now()
    locked(prediction.conversation)
    Correction.objects.create(prediction=prediction, label=label, by=by, at=at)
    corrected = _say(prediction, label, at)
    record(
        events.TRIAGE_CORRECTED, conversation_id=prediction.conversation_id, by=by, subject="prediction",
        subject_id=corrected.pk, at=at, data={"head": prediction.head, "from": prediction.label, "to": label},
    )  # fmt: skip
    return corrected


@writes
def confirm(prediction: Prediction, *, by: User, at: datetime | None = None) -> Prediction:
    """The person says that it is right: from now on it is their word, fully sure, and a label to learn from.

    Records ``triage.confirmed``; clocks and priority listen, because they may have waited for more certainty.
    Raises :class:`NotAllowed` without the permission.
    """
    require(by, Permission.TRIAGE_CORRECT)
    at = at or timezone.now()
    locked(prediction.conversation)
    confirmed = _say(prediction, prediction.label, at)
    record(
        events.TRIAGE_CONFIRMED, conversation_id=prediction.conversation_id, by=by, subject="prediction",
        subject_id=confirmed.pk, at=at, data={"head": prediction.head, "label": prediction.label},
    )  # fmt: skip
    return confirmed


@writes
def withdraw(said: Prediction, earlier: Prediction, *, by: User, at: datetime | None = None) -> Prediction:
    """Take back what a person said, as if it had not been: ``earlier`` holds again and is returned.

    Their correction is no label any more. Records ``triage.withdrawn``; clocks and priority listen. Raises
    :class:`Conflict` when something else has been said since.
    """
    require(by, Permission.TRIAGE_CORRECT)
    locked(said.conversation)
    if not Prediction.objects.current().filter(pk=said.pk).update(is_current=False):
        raise Conflict("said_since", _("Something else has been said since; look at the conversation itself."))
    Prediction.objects.filter(pk=earlier.pk).update(is_current=True)
    Correction.objects.filter(prediction=earlier, label=said.label, by=by).delete()
    if said.head == NATURE and said.label != earlier.label:
        follow_nature(earlier, at or timezone.now())
    record(
        events.TRIAGE_WITHDRAWN, conversation_id=said.conversation_id, by=by, subject="prediction",
        subject_id=earlier.pk, at=at, data={"head": said.head, "from": said.label, "to": earlier.label},
    )  # fmt: skip
    return earlier


def _say(prediction: Prediction, label: str, at: datetime) -> Prediction:
    """The person's label takes the place of the prediction, and nobody needs to be asked about this head."""
    Prediction.objects.filter(pk=prediction.pk).update(is_current=False)
    settle(prediction.conversation_id, prediction.head)
    said = Prediction.objects.create(
        conversation=prediction.conversation, message=prediction.message, head=prediction.head, label=label,
        confidence=1.0, reasons=[], source=Prediction.Source.HUMAN, model_version=BY_HAND, at=at,
    )  # fmt: skip
    if said.head == NATURE and label != prediction.label:
        follow_nature(said, at)
    return said


@writes
def raise_alarm(conversation: Conversation, label: str, *, by: User, at: datetime | None = None) -> Prediction:
    """A person sees a crisis: the signal holds as a predicted one would, fully sure, until a person takes it away.

    Takes the place of "none" or of the same signal seen by the machine (their correction is kept), and stands beside
    others. Records ``triage.corrected``; clocks, priority and routing listen. What a person has said already changes
    nothing. Raises :class:`NotAllowed` without the permission, :class:`InvalidInput` for what is no crisis signal.
    """
    require(by, Permission.TRIAGE_CORRECT)
    if label not in LABELS[CRISIS] or label == NONE:
        raise InvalidInput("unknown_label", _("Choose what kind of danger it is."), data={"label": label[:64]})
    locked(conversation)
    held = {row.label: row for row in Prediction.objects.current().filter(conversation=conversation, head=CRISIS)}
    replaced = held.get(label) or held.get(NONE)
    if replaced is not None:
        is_said = replaced.label == label and replaced.source == Prediction.Source.HUMAN
        return replaced if is_said else correct(replaced, label, by=by, at=at)
    at = at or timezone.now()
    row = Prediction.objects.create(
        conversation=conversation, head=CRISIS, label=label, confidence=1.0, reasons=[],
        source=Prediction.Source.HUMAN, model_version=BY_HAND, at=at,
    )  # fmt: skip
    settle(conversation.pk, CRISIS)
    record(
        events.TRIAGE_CORRECTED, conversation_id=conversation.pk, by=by, subject="prediction", subject_id=row.pk, at=at,
        data={"head": CRISIS, "from": "", "to": label},
    )  # fmt: skip
    return row


@writes
def label_by_hand(conversation: Conversation, head: str, label: str, *, by: User | None, source: str) -> Prediction:
    """Say what a head is where nothing was predicted, or where an import brought a label along."""
    settle(conversation.pk, head)
    Prediction.objects.current().filter(conversation=conversation, head=head).update(is_current=False)
    return Prediction.objects.create(
        conversation=conversation, head=head, label=label, confidence=1.0, reasons=[], source=source,
        model_version=BY_HAND, at=timezone.now(),
    )  # fmt: skip
