"""The place where a list goes on: a moment and a row's id, as opaque text in an address."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from careloop.common.errors import InvalidInput

Cursor = tuple[datetime, int]


def write_cursor(moment: datetime, row: int) -> str:
    return base64.urlsafe_b64encode(f"{moment.isoformat()}|{row}".encode()).decode().rstrip("=")


def read_cursor(text: str) -> Cursor | None:
    """None for an empty text; raises :class:`InvalidInput` (``bad_cursor``) for anything we did not write."""
    if not text:
        return None
    try:
        moment, _bar, row = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition("|")
        cursor = datetime.fromisoformat(moment), int(row)
    except (ValueError, binascii.Error, OverflowError):
        raise _bad() from None
    if cursor[0].tzinfo is None or not 0 <= cursor[1] < 2**63:
        raise _bad()
    return cursor


def _bad() -> InvalidInput:
    return InvalidInput("bad_cursor", _("This page address is not valid. Start again from the first page."))
