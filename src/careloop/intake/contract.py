"""What a door must hand over, and nothing more.

A channel adapter turns raw bytes into one :class:`Parsed`. It may raise :class:`Unreadable`, with a reason
that a person would accept; then the raw row is quarantined and can be replayed. Adapters are found by name
in ``careloop.config.adapters``; this room knows none of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from careloop.customers.services.identity import Claim

Outcome = Literal["message", "automatic", "bounce"]


class Unreadable(Exception):
    """These bytes cannot become a message. ``str()`` is the reason, in English, for the quarantine screen."""


@dataclass(frozen=True)
class ParsedFile:
    data: bytes
    name: str
    content_type: str = ""
    content_id: str = ""
    is_inline: bool = False


@dataclass(frozen=True)
class Bounce:
    """A delivery report (RFC 3464)."""

    recipient: str
    status: str  # x.y.z
    is_permanent: bool
    original_message_id: str = ""
    diagnostic: str = ""


@dataclass(frozen=True)
class Parsed:
    """One message in the canonical shape."""

    claims: Sequence[Claim]
    text: str
    outcome: Outcome = "message"
    reason: str = ""
    name: str = ""
    subject: str = ""
    html: str = ""
    quoted: str = ""
    files: Sequence[ParsedFile] = ()
    language: str = ""
    channel_kind: str = "direct"
    # customer: words the customer wrote; phone: an agent's record of a call.
    kind: Literal["customer", "phone"] = "customer"
    author_id: int | None = None
    sent_at: datetime | None = None
    # Threading, strongest first.
    conversation_id: int | None = None  # the door itself proved it (a private link)
    reply_token: str = ""
    message_id: str = ""
    in_reply_to: str = ""
    references: Sequence[str] = ()
    number: str = ""  # CL-1042 quoted in a subject or form
    external_thread: str = ""
    bounces: Sequence[Bounce] = ()
    channel_data: Mapping[str, Any] = field(default_factory=dict)


class Adapter(Protocol):
    """One per channel."""

    def parse(self, raw: bytes, meta: Mapping[str, Any]) -> Parsed:
        """Understand the bytes; raises :class:`Unreadable`."""
        ...
