"""A resolved matter and its survey, made through the services people use."""

from __future__ import annotations

from typing import Any

from careloop.common.jobs.running import run_pending_jobs
from careloop.conversations.models import Conversation, Resolution
from careloop.conversations.services.resolution import resolve
from careloop.surveys.models import Survey


def resolved(conversation: Conversation, by: Any, outcome: str = "refunded") -> Resolution:
    return resolve(conversation, by=by, solved=True, satisfied=None, outcome=outcome, cause="logistics")


def surveyed(conversation: Conversation, by: Any) -> Survey:
    """The survey that resolving brings about."""
    resolution = resolved(conversation, by)
    run_pending_jobs()
    return Survey.objects.get(resolution=resolution)
