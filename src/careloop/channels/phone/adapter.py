"""Reads a call note that an agent wrote: JSON in the shape of :class:`CallNote`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError

from careloop.customers.services.identity import Claim
from careloop.intake.contract import Parsed, Unreadable


class CallNote(BaseModel):
    """What an agent notes of a call."""

    caller: str = Field(min_length=3, max_length=64)
    name: str = Field("", max_length=200)
    direction: Literal["in", "out"] = "in"
    answered: bool = True
    started_at: datetime
    seconds: int | None = Field(None, ge=0, le=86_400)
    notes: str = Field(min_length=1, max_length=50_000)
    subject: str = Field("", max_length=255)
    conversation_id: int | None = None
    author_id: int


class PhoneAdapter:
    def parse(self, raw: bytes, meta: Mapping[str, Any]) -> Parsed:
        try:
            note = CallNote.model_validate(json.loads(raw))
        except (ValueError, ValidationError) as error:
            raise Unreadable(f"This is not a call note: {error}"[:250]) from None
        return Parsed(
            claims=[Claim("phone", note.caller)],
            name=note.name,
            subject=note.subject or note.notes.strip().splitlines()[0][:80],
            text=note.notes,
            kind="phone",
            author_id=note.author_id,
            channel_kind="phone",
            conversation_id=note.conversation_id,
            sent_at=note.started_at,
            channel_data=note.model_dump(
                mode="json", include={"caller", "direction", "answered", "seconds", "started_at"}
            ),
        )
