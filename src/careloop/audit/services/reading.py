"""A read of a sensitive conversation is noted, at most once a quarter of an hour for each person.

No event is recorded: nothing changed, and an event would make every open page fetch its conversation again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from careloop.audit.models import SensitiveRead
from careloop.audit.sensitive import signals_of
from careloop.common.transaction import write

if TYPE_CHECKING:
    from careloop.accounts.models import User

QUARTER = timedelta(minutes=15)
BATCH = 1000


def note_read(person: User, conversation_id: int, *, door: str, address: str = "", at: datetime | None = None) -> bool:
    """Keep that this person read this conversation now, if it is sensitive. Returns whether it is.

    One query when it is not, one query and one insert when it is, nothing when this process noted it before in
    the same quarter of an hour.
    """
    at = at or timezone.now()
    quarter = quarter_of(at)
    known = f"audit.{person.pk}.{conversation_id}.{quarter:%Y%m%d%H%M}"
    if cache.get(known):
        return True
    signals = signals_of(conversation_id)
    if not signals:
        return False
    row = SensitiveRead(
        person=person, who=f"{person.display_name} <{person.email}>"[:300], conversation_id=conversation_id,
        quarter=quarter, at=at, address=address[:64], door=door, signals=signals,
    )  # fmt: skip
    with write():
        SensitiveRead.objects.bulk_create([row], ignore_conflicts=True)
    cache.set(known, True, int(QUARTER.total_seconds()))
    return True


def quarter_of(at: datetime) -> datetime:
    """The quarter of an hour a moment lies in, by its beginning."""
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)


def forget_old_reads(*, at: datetime | None = None) -> int:
    """Delete the reads older than the setting allows, in short transactions; returns how many."""
    before = (at or timezone.now()) - settings.CARELOOP_READS_KEPT_FOR
    gone = 0
    while batch := list(SensitiveRead.objects.filter(at__lt=before).values_list("pk", flat=True)[:BATCH]):
        with write():
            gone += SensitiveRead.objects.filter(pk__in=batch).delete()[0]
    return gone
