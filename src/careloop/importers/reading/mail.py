"""mbox and eml: the messages' bytes, untouched."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from pathlib import Path


def messages(path: Path) -> Iterator[bytes]:
    """Every message of an mbox, or the one of an eml file."""
    if path.suffix == ".eml":
        yield path.read_bytes()
        return
    box = mailbox.mbox(path, create=False)
    try:
        for key in box.iterkeys():
            yield box.get_bytes(key)
    finally:
        box.close()


def sent_at(raw: bytes) -> datetime | None:
    """What the Date header says, if anything sensible."""
    try:
        moment = parsedate_to_datetime(str(BytesHeaderParser().parsebytes(raw)["Date"]))
    except (TypeError, ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment if 1970 <= moment.year <= 2200 else None
