"""What is done with an accepted message, in this order. One short function a step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from careloop.conversations.models import Message
from careloop.conversations.services.resolution import reopen


@dataclass
class Understanding:
    """The message on its way, and what the steps so far found out."""

    message: Message
    predictions: dict[str, Any] = field(default_factory=dict)
    is_courtesy: bool = False


def reopen_if_resolved(understanding: Understanding) -> None:
    """A real message takes up resolved work again; a mere thank-you does not."""
    conversation = understanding.message.conversation
    if conversation.is_resolved and not understanding.is_courtesy:
        reopen(conversation, by=None, reason="customer_wrote", at=understanding.message.created_at)


Step = Callable[[Understanding], None]

STEPS: tuple[tuple[str, Step], ...] = (("reopen", reopen_if_resolved),)

# Imported history: understood for the reports, set nothing in motion.
PAST_STEPS: tuple[tuple[str, Step], ...] = ()
