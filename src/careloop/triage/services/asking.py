"""When triage asks a person: set a head's threshold, and mark what is believed now by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.accounts.permissions import Permission, require
from careloop.common.errors import InvalidInput
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.triage import events
from careloop.triage.engine.heads import CRISIS, LABELS
from careloop.triage.models import HeadThreshold, Prediction
from careloop.triage.thresholds import threshold_of

if TYPE_CHECKING:
    from careloop.accounts.models import User

ROWS_A_STEP = 20_000
BY_MACHINE = (
    Prediction.Source.RULES, Prediction.Source.LINEAR, Prediction.Source.HYBRID, Prediction.Source.SERVICE,
)  # fmt: skip


@writes
def set_threshold(head: str, unsure_below: float, *, by: User) -> HeadThreshold:
    """From now on answers of this head that are less sure are marked for a person.

    Records ``triage.threshold_changed``; what is believed already is marked anew in the background. Raises
    NotAllowed without the permission, InvalidInput for an unknown head, the crisis head, or a number outside 0 to 1.
    """
    require(by, Permission.MODEL_PROMOTE)
    if head not in LABELS or head == CRISIS:
        raise InvalidInput("unknown_head", _("This is not a head that may ask a person."), data={"head": head[:24]})
    if not 0 <= unsure_below <= 1:
        raise InvalidInput("bad_threshold", _("Give a threshold from 0 to 1."))
    before = threshold_of(head)
    row, _made = HeadThreshold.objects.update_or_create(
        head=head, defaults={"unsure_below": unsure_below, "changed_at": timezone.now(), "changed_by": by}
    )
    record(
        events.THRESHOLD_CHANGED, by=by, subject="head",
        data={"head": head, "from": before, "to": unsure_below},
    )  # fmt: skip
    return row


@writes
def mark_unsure(head: str, below_id: int | None = None) -> int | None:
    """Mark one step of the current answers of a head by its threshold, newest first; where to go on, or None.

    Safe to run twice and beside new messages. A person's word is never unsure.
    """
    if below_id is None:
        below_id = (Prediction.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    low = max(below_id - ROWS_A_STEP, 0)
    rows = Prediction.objects.current().filter(pk__gte=low, pk__lt=below_id, head=head, source__in=BY_MACHINE)
    least = threshold_of(head)
    rows.filter(confidence__lt=least, is_unsure=False).update(is_unsure=True)
    rows.filter(confidence__gte=least, is_unsure=True).update(is_unsure=False)
    return low if low > 0 else None
