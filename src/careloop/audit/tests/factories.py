"""A conversation in which somebody is in danger."""

from __future__ import annotations

from django.utils import timezone

from careloop.conversations.models import Conversation
from careloop.triage.models import Prediction


def endangered(conversation: Conversation, signal: str, confidence: float = 0.9) -> Prediction:
    return Prediction.objects.create(
        conversation=conversation, head="crisis", label=signal, confidence=confidence, source="rules",
        model_version="test", at=timezone.now(),
    )  # fmt: skip
