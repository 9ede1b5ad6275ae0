"""The shapes of the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from ninja import Field, Schema
from pydantic import StringConstraints

Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254)]
ChannelKind = Literal["direct", "public_comment", "phone", "chat", "form", "social", "review"]


class Sender(Schema):
    """Who wrote. At least one of e-mail, phone or id is needed to answer them."""

    email: Short = ""
    phone: Short = ""
    id: Short = Field("", description="Your own stable name for this customer.")
    name: Short = ""


class FileIn(Schema):
    name: Short
    content: str = Field(..., description="The bytes, base64.", max_length=34_000_000)


class MessageIn(Schema):
    """A customer's message from another system."""

    inbox: Short = Field(..., description="The inbox's short name.")
    sender: Sender
    text: str = Field(..., min_length=1, max_length=200_000)
    subject: Short = ""
    channel_kind: ChannelKind = "direct"
    language: Literal["", "zh", "en"] = ""
    thread: Annotated[str, StringConstraints(max_length=128)] = Field(
        "", description="Your name of the thread; messages with the same one share a conversation."
    )
    conversation: Short = Field("", description="The reference of a conversation to join, such as CL-1042.")
    sent_at: datetime | None = None
    files: list[FileIn] = Field(default_factory=list, max_length=10)


class MessageState(Schema):
    id: int
    state: str
    reason: str = ""
    conversation: str = Field("", description="The conversation's reference once the message is in one.")


class CustomerOut(Schema):
    id: int
    name: str
    language: str
    value_tier: str


class ConversationOut(Schema):
    reference: str
    subject: str
    state: str
    kind: str
    language: str
    channel: str
    channel_kind: str
    customer: CustomerOut
    assignee: str = ""
    created_at: datetime
    last_activity_at: datetime
    waiting_since: datetime | None
    next_due_at: datetime | None
    resolved_at: datetime | None


class ConversationPage(Schema):
    items: list[ConversationOut]
    next: str = Field("", description="Pass as ``after`` to read on; empty at the end.")


class MessageOut(Schema):
    id: int
    kind: str
    text: str
    author: str = ""
    created_at: datetime
    delivery: str = ""


class NoteIn(Schema):
    text: str = Field(..., min_length=1, max_length=200_000)


class ReplyIn(NoteIn):
    override_reason: Short = Field("", description="Why it goes out although a check stops it; the reason is kept.")


class ResolutionIn(Schema):
    solved: bool | None = None
    satisfied: bool | None = None
    outcome: Short
    cause: Short
    note: str = ""
