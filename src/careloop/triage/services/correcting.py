"""One click puts a prediction right, and the click is kept as a label (mission 11)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from careloop.accounts.permissions import Permission, require
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.conversations.models import Conversation
from careloop.conversations.services.locking import locked
from careloop.triage import events
from careloop.triage.models import Correction, Prediction

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
    Prediction.objects.filter(pk=prediction.pk).update(is_current=False)
    corrected = Prediction.objects.create(
        conversation=prediction.conversation, message=prediction.message, head=prediction.head, label=label,
        confidence=1.0, reasons=[], source=Prediction.Source.HUMAN, model_version=BY_HAND, at=at,
    )  # fmt: skip
    record(
        events.TRIAGE_CORRECTED, conversation_id=prediction.conversation_id, by=by, subject="prediction",
        subject_id=corrected.pk, at=at, data={"head": prediction.head, "from": prediction.label, "to": label},
    )  # fmt: skip
    return corrected


@writes
def label_by_hand(conversation: Conversation, head: str, label: str, *, by: User | None, source: str) -> Prediction:
    """Say what a head is where nothing was predicted, or where an import brought a label along."""
    Prediction.objects.current().filter(conversation=conversation, head=head).update(is_current=False)
    return Prediction.objects.create(
        conversation=conversation, head=head, label=label, confidence=1.0, reasons=[], source=source,
        model_version=BY_HAND, at=timezone.now(),
    )  # fmt: skip
