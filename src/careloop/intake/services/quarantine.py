"""What could not be read waits here for a person; nothing is lost and the next message is not held up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.common.errors import Conflict
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.intake import events
from careloop.intake.models import RawMessage
from careloop.intake.services.keeping import order_reading

if TYPE_CHECKING:
    from careloop.accounts.models import User


@writes
def quarantine(row: RawMessage, reason: str) -> RawMessage:
    """Set it aside with the reason. Records ``raw.quarantined``."""
    row.state, row.reason, row.settled_at = RawMessage.State.QUARANTINED, reason[:255], timezone.now()
    row.save(update_fields=["state", "reason", "settled_at"])
    record(events.RAW_QUARANTINED, subject="raw", subject_id=row.pk, data={"reason": row.reason})
    return row


@writes
def replay(row: RawMessage, *, by: User | None) -> RawMessage:
    """Read it again, after the parser or the settings were mended. Records ``raw.replayed``."""
    if row.state == RawMessage.State.ACCEPTED:
        raise Conflict("already_accepted", _("This message is in a conversation already."))
    row.state, row.reason, row.settled_at = RawMessage.State.KEPT, "", None
    row.save(update_fields=["state", "reason", "settled_at"])
    record(events.RAW_REPLAYED, by=by, subject="raw", subject_id=row.pk)
    order_reading(row.pk)
    return row


@writes
def discard(row: RawMessage, *, by: User | None) -> RawMessage:
    """A person decided it needs no reading; the bytes stay. Records ``raw.discarded``."""
    row.state, row.settled_at = RawMessage.State.DISCARDED, timezone.now()
    row.save(update_fields=["state", "settled_at"])
    record(events.RAW_DISCARDED, by=by, subject="raw", subject_id=row.pk)
    return row
