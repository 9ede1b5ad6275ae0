"""A call as a colleague noted it, on its way through the common road: keep first, understand later."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

from django.utils.translation import gettext_lazy as _

from careloop.common.errors import InvalidInput
from careloop.conversations.models import Inbox
from careloop.intake.models import RawMessage
from careloop.intake.services.keeping import keep

if TYPE_CHECKING:
    from careloop.accounts.models import User

LONGEST_NOTES = 20_000
ADAPTER = "phone"


@dataclass(frozen=True)
class Call:
    """Who called whom, when (ISO, with its zone), and what was said."""

    phone: str
    notes: str
    direction: Literal["in", "out"] = "in"
    name: str = ""
    started_at: str = ""
    conversation_id: int | None = None
    author_id: int | None = None


def note_call(call: Call, *, by: User, key: str = "") -> RawMessage:
    """Keep the call; the road puts it into its thread. The same key twice keeps one call.

    Raises :class:`InvalidInput` when nothing says who called, when nothing was noted, or when no phone inbox exists.
    """
    if not call.notes.strip():
        raise InvalidInput("call_empty", _("Note what was said."))
    if not call.phone.strip() and call.conversation_id is None:
        raise InvalidInput("caller_unknown", _("Say who called: a number, or the conversation it belongs to."))
    inbox = Inbox.objects.filter(kind=Inbox.Kind.PHONE, is_active=True).order_by("id").first()
    if inbox is None:
        raise InvalidInput("no_phone_inbox", _("No phone inbox is set up. An administrator adds one in the settings."))
    written = {**asdict(call), "author_id": by.pk, "notes": call.notes.strip()[:LONGEST_NOTES]}
    return keep(inbox, f"call:{key or uuid4().hex}", json.dumps(written).encode(), adapter=ADAPTER)
