"""Hand a customer's words in at the door they came through, as that door would have kept them."""

from __future__ import annotations

import json
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

from careloop.accounts.models import User
from careloop.channels.phone.services import take_down
from careloop.conversations.models import Conversation, Inbox, Message
from careloop.demo.content import Client
from careloop.demo.rhythm import ZONE
from careloop.demo.staging.cast import Cast, external_id
from careloop.intake.models import RawMessage
from careloop.intake.services.keeping import keep
from careloop.lifecycle.inbound import receive

PREFIX = "demo:"
MAIL_DOORS = ("email", "wholesale")
CHANNEL_KINDS = {"portal": "form", "wechat": "direct", "comment": "public_comment"}


class NotAccepted(Exception):
    """The road did not take a demo message; the load stops, because the demo would be incomplete."""


def inbox_of(cast: Cast, door: str) -> Inbox:
    """Public comments come in with the mini program."""
    return cast.inboxes["wechat" if door == "comment" else door]


def was_told(cast: Cast, door: str, key: str) -> bool:
    """Whether an earlier, interrupted load got this far."""
    return RawMessage.objects.filter(inbox=inbox_of(cast, door), external_id=f"{PREFIX}{key}:0").exists()


def write_mail(
    inbox: Inbox, *, key: str, name: str, email: str, subject: str, text: str, at: datetime, answering: str = ""
) -> Message | None:
    """A mail as the mail door keeps it."""
    mail = EmailMessage()
    mail["From"] = formataddr((name, email))
    mail["To"] = inbox.address
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at.astimezone(ZONE))
    mail["Message-ID"] = f"<{key.replace(':', '.')}@{email.split('@')[1]}>"
    if answering:
        mail["In-Reply-To"] = mail["References"] = f"<{answering}>"
    mail.set_content(text, charset="utf-8", cte="base64")
    row = keep(inbox, f"{PREFIX}{key}", mail.as_bytes(), adapter="email", received_at=at, meta={"door": "demo"})
    return receive(row.pk)


def write_form(
    inbox: Inbox, client: Client, *, key: str, thread: str, kind: str, subject: str, text: str, at: datetime
) -> Message | None:
    """A message from the help centre, the mini program or a public page, in the shape of the API."""
    sender = {"id": external_id(client), "name": client.name}
    if kind == "form":
        sender = {"email": client.email, "phone": "" if client.email else client.phone, "name": client.name}
    body = {
        "inbox": inbox.slug, "sender": sender, "subject": subject, "text": text, "channel_kind": kind,
        "language": client.lang, "thread": thread, "sent_at": at.isoformat(),
    }  # fmt: skip
    raw = json.dumps(body, ensure_ascii=False).encode()
    row = keep(inbox, f"{PREFIX}{key}", raw, adapter="json", received_at=at, meta={"door": "demo"})
    return receive(row.pk)


def write_call(
    by: User, client: Client, *, key: str, text: str, at: datetime, conversation: Conversation | None
) -> Message:
    """An agent's record of a call."""
    return take_down(
        by=by, caller=client.phone, notes=text, started_at=at, seconds=150, name=client.name,
        conversation=conversation, key=f"{PREFIX}{key}",
    )  # fmt: skip
