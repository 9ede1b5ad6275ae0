"""How urgent a conversation is, as a word in the list: the routing room's tier and class."""

from __future__ import annotations

from collections.abc import Iterable

from careloop.conversations.models import Conversation
from careloop.workspace.badges import Badge


def priorities_of(conversations: Iterable[Conversation]) -> dict[int, Badge]:
    return {}
