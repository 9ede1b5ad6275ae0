"""Reads what ``POST /api/v1/messages`` and the importers kept: one JSON object in the API's own shape."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from careloop.channels.api.schemas import FileIn, MessageIn, Sender
from careloop.customers.services.identity import Claim
from careloop.intake.contract import Parsed, ParsedFile, Unreadable


class JsonAdapter:
    def parse(self, raw: bytes, meta: Mapping[str, Any]) -> Parsed:
        message = _read(raw)
        claims = claims_of(message.sender)
        if not claims:
            raise Unreadable("The sender has neither an e-mail address, a phone number nor an id.")
        return Parsed(
            claims=claims,
            name=message.sender.name,
            subject=message.subject,
            text=message.text,
            files=[_file(each) for each in message.files],
            language=message.language,
            channel_kind=message.channel_kind,
            sent_at=message.sent_at,
            external_thread=message.thread,
            number=message.conversation,
            channel_data=dict(meta.get("channel_data", {})),
        )


def claims_of(sender: Sender) -> list[Claim]:
    """The sender's names, the surest first."""
    given = (("external", sender.id), ("email", sender.email), ("phone", sender.phone))
    return [Claim(kind, value) for kind, value in given if value]


def _read(raw: bytes) -> MessageIn:
    try:
        return MessageIn.model_validate(json.loads(raw))
    except (ValueError, ValidationError) as error:
        raise Unreadable(f"The stored message is not in the API's shape: {error}"[:250]) from None


def _file(given: FileIn) -> ParsedFile:
    try:
        return ParsedFile(base64.b64decode(given.content, validate=True), given.name)
    except binascii.Error:
        raise Unreadable(f"The file {given.name} is not base64.") from None
