"""Setting a conversation aside."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from careloop.accounts.models import User
from careloop.common.errors import Conflict
from careloop.conversations.models import Conversation
from careloop.conversations.services.holding import snooze
from careloop.conversations.services.resolution import resolve


def test_what_is_resolved_cannot_be_set_aside(lin: User, complaint: Conversation) -> None:
    resolve(complaint, by=lin, solved=True, satisfied=None, outcome="answered", cause="other")
    with pytest.raises(Conflict):
        snooze(complaint, by=lin, wake_at=timezone.now() + timedelta(hours=1))
    complaint.refresh_from_db()
    assert complaint.is_resolved
    assert not complaint.snoozes.exists()
