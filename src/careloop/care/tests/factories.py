"""A resolved complaint and the follow-up it brings about."""

from __future__ import annotations

from typing import Any

from careloop.care.models import FollowUp
from careloop.common.jobs.running import run_pending_jobs
from careloop.conversations.models import Conversation, Resolution
from careloop.conversations.services.describing import set_kind
from careloop.conversations.services.resolution import resolve


def resolved(conversation: Conversation, by: Any, *, kind: str = "complaint", outcome: str = "refunded") -> Resolution:
    set_kind(conversation, kind)
    row = resolve(conversation, by=by, solved=True, satisfied=None, outcome=outcome, cause="logistics")
    run_pending_jobs()
    return row


def followed_up(conversation: Conversation, by: Any, **how: Any) -> FollowUp:
    return FollowUp.objects.get(resolution=resolved(conversation, by, **how))
