"""Take down a call while talking."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from careloop.channels.phone.adapter import CallNote
from careloop.common.errors import InvalidInput, NotFound
from careloop.conversations.models import Inbox
from careloop.intake.services.keeping import SAFETY_NET, keep
from careloop.lifecycle.inbound import receive

if TYPE_CHECKING:
    from careloop.accounts.models import User
    from careloop.conversations.models import Conversation, Message


def take_down(
    *,
    by: User,
    caller: str,
    notes: str,
    direction: str = "in",
    started_at: datetime | None = None,
    seconds: int | None = None,
    name: str = "",
    answered: bool = True,
    conversation: Conversation | None = None,
    key: str = "",
) -> Message:
    """Keep the note, then carry it along the road at once, so that the agent sees the conversation.

    ``key`` (from the form) makes a double submit one call. Raises :class:`InvalidInput` naming the field.
    """
    note = _checked(
        caller=caller.strip(), notes=notes.strip(), direction=direction, name=name, answered=answered, seconds=seconds,
        started_at=started_at or timezone.now(), author_id=by.pk,
        conversation_id=conversation.pk if conversation else None,
    )  # fmt: skip
    inbox = Inbox.objects.filter(kind=Inbox.Kind.PHONE, is_active=True).order_by("pk").first()
    if inbox is None:
        raise NotFound("no_phone_inbox", _("No phone inbox is set up yet; an administrator can add one."))
    raw = keep(
        inbox, key or uuid4().hex, note.model_dump_json().encode(), adapter="phone", received_at=note.started_at,
        read_after=SAFETY_NET,
    )  # fmt: skip
    message = receive(raw.pk)
    if message is None:
        raise InvalidInput("call_unreadable", _("This call could not be written down. Its note is in quarantine."))
    return message


def _checked(**fields: Any) -> CallNote:
    try:
        return CallNote(**fields)
    except ValidationError as error:
        names = sorted({str(each["loc"][0]) for each in error.errors()})
        message = _("Please check these fields: %(fields)s.") % {"fields": ", ".join(names)}
        raise InvalidInput("call_incomplete", message, data={"fields": names}) from None
