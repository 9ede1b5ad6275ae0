"""Reads what the portal kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from careloop.common.errors import NotFound
from careloop.customers.services.identity import Claim, find
from careloop.files import services as files
from careloop.files.models import Blob
from careloop.intake.contract import Parsed, ParsedFile, Unreadable
from careloop.portal.shape import KeptFile, PortalMessage
from careloop.portal.words import added_line

LONGEST_SUBJECT = 60
_SENTENCE = re.compile(r"^(.+?)(?:[。！？；;]|[.!?](?=\s)|$)")


class PortalAdapter:
    def parse(self, raw: bytes, meta: Mapping[str, Any]) -> Parsed:
        message = _read(raw)
        claims = claims_of(message)
        if not claims:
            raise Unreadable("The form names neither an e-mail address nor a phone number.")
        return Parsed(
            claims=claims,
            name=message.name,
            subject=subject_of(message.text),
            text=_text(message),
            files=[_file(each) for each in message.files],
            language=message.language,
            channel_kind="form",
            conversation_id=message.conversation,
            external_thread=message.form_key if message.conversation is None else "",
            channel_data=_channel_data(message),
        )


def claims_of(message: PortalMessage) -> list[Claim]:
    """Who the sender says they are; nobody vouches for it.

    An address and a number together count as one person only when both are new to us: else whoever types in
    a stranger's number would put their own address on the stranger's record.
    """
    if message.known_as is not None:
        return [Claim(message.known_as.kind, message.known_as.value)]
    given = (("email", message.email), ("phone", message.phone))
    claims = [Claim(kind, value) for kind, value in given if value]
    if len(claims) == 2 and any(find([claim]) is not None for claim in claims):
        return claims[:1]
    return claims


def subject_of(text: str) -> str:
    """The first sentence, or as much of it as a subject holds."""
    first_line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    found = _SENTENCE.match(first_line)
    sentence = found.group(1).strip() if found else first_line
    return sentence if len(sentence) <= LONGEST_SUBJECT else f"{sentence[: LONGEST_SUBJECT - 1]}…"


def _read(raw: bytes) -> PortalMessage:
    try:
        message = PortalMessage.model_validate_json(raw.replace(b"\\u0000", b""))
    except (ValidationError, ValueError) as error:
        raise Unreadable(f"The stored message is not in the portal's shape: {error}"[:250]) from None
    if not message.text.strip():
        raise Unreadable("The stored message says nothing.")
    return message


def _text(message: PortalMessage) -> str:
    """The customer's words, and below them what else the form asked for."""
    names = ["remedy", "order_number"] + (["phone"] if message.email else [])
    filled = [(name, str(getattr(message, name)).strip()) for name in names]
    lines = [added_line(name, value, message.language) for name, value in filled if value]
    return "\n\n".join([message.text.strip(), "\n".join(lines)]) if lines else message.text.strip()


def _file(kept: KeptFile) -> ParsedFile:
    blob = Blob.objects.filter(sha256=kept.sha256).first()
    try:
        data = files.read(blob) if blob is not None else None
    except NotFound:
        data = None
    if blob is None or data is None:
        raise Unreadable(f"The file {kept.name or kept.sha256[:12]} is no longer in the file store.")
    return ParsedFile(data, kept.name or "file", blob.content_type)


def _channel_data(message: PortalMessage) -> dict[str, Any]:
    named = {"remedy": message.remedy, "order_number": message.order_number, "phone": message.phone}
    return {"portal_kind": message.kind} | {name: value for name, value in named.items() if value}
