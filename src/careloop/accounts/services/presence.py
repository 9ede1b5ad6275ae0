"""Say that a person is at the desk, away or gone."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from careloop.accounts import events
from careloop.accounts.models import Presence, User
from careloop.common.events import record
from careloop.common.transaction import write


def set_presence(user: User, state: str, *, at: datetime | None = None) -> Presence:
    """Close the open stretch and begin another; the same state again changes nothing.

    Records ``presence.changed``.
    """
    at = at or timezone.now()
    with write():
        current = Presence.objects.select_for_update().filter(user=user, until=None).first()
        if current is not None and current.state == state:
            return current
        if current is not None:
            current.until = max(at, current.since)
            current.save(update_fields=["until"])
        presence = Presence.objects.create(user=user, state=state, since=at)
        record(events.PRESENCE_CHANGED, by=user, subject="user", subject_id=user.pk, at=at, data={"state": state})
    return presence
