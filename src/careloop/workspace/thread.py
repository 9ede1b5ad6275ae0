"""What was said, ready to be printed: one :class:`Line` a message, in the order it happened."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.html import escape, linebreaks, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from careloop.channels.email.sentences import in_language
from careloop.conversations.models import Attachment, Conversation, Delivery, Message
from careloop.workspace import looks

NEWEST_SHOWN = 40
SHOWN_IN_PLACE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


@dataclass(frozen=True, slots=True)
class FileLine:
    name: str
    size: int
    url: str
    is_image: bool


@dataclass(slots=True)
class Line:
    pk: int
    kind: str
    who: str
    initial: str
    tone: int
    label: str
    at: datetime
    time: str
    lang: str
    text: str
    body: SafeString
    quoted: str
    has_original: bool
    files: list[FileLine]
    delivery: str = ""
    delivery_label: str = ""
    failure: str = ""
    day: str = ""
    stamp: str = ""
    is_line: bool = field(default=False)


@dataclass(frozen=True)
class Part:
    """The newest messages, or those before one; ``earlier`` names the oldest shown when there are more."""

    lines: list[Line]
    earlier: int | None

    @property
    def newest(self) -> int | str:
        """The newest message shown, as the composer tells it when sending."""
        return self.lines[-1].pk if self.lines else ""


def part_of(conversation: Conversation, *, before: int | None = None) -> Part:
    """Two queries and one for the files, however many messages there are."""
    rows = _rows(conversation, before)
    found = list(rows[: NEWEST_SHOWN + 1])
    shown = found[:NEWEST_SHOWN][::-1]
    lines = [_line(message, conversation) for message in shown]
    _mark_days(lines)
    return Part(lines, shown[0].pk if len(found) > NEWEST_SHOWN else None)


def _rows(conversation: Conversation, before: int | None) -> QuerySet[Message]:
    rows = Message.objects.filter(conversation=conversation).select_related("author", "customer", "delivery")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return rows.prefetch_related("attachments").order_by("-id")


def _line(message: Message, conversation: Conversation) -> Line:
    delivery: Delivery | None = getattr(message, "delivery", None)
    who, key = _author(message, conversation)
    return Line(
        pk=message.pk,
        kind=message.kind,
        who=who,
        initial=looks.initial(who),
        tone=looks.tone(key),
        label=_label(message, conversation),
        at=message.created_at,
        time=time_format(timezone.localtime(message.created_at), "H:i"),
        lang=message.language,
        text=message.text,
        body=_body(message.text),
        quoted=message.quoted,
        has_original=bool(message.html) and message.kind == Message.Kind.CUSTOMER,
        files=[_file(row, conversation) for row in message.attachments.all()],
        delivery=delivery.state if delivery else "",
        delivery_label=str(delivery.get_state_display()) if delivery else "",
        failure=_failure(delivery),
        stamp=f"{message.pk}{delivery.state if delivery else ''}",
        is_line=message.kind == Message.Kind.SYSTEM,
    )


def _author(message: Message, conversation: Conversation) -> tuple[str, int | None]:
    if message.kind == Message.Kind.AUTOMATIC:
        return gettext("Automatic"), 0
    if message.author is not None:
        return message.author.display_name, message.author_id
    customer = message.customer or conversation.customer
    return customer.name or conversation.reference, customer.pk


def _label(message: Message, conversation: Conversation) -> str:
    if message.kind == Message.Kind.CUSTOMER:
        return conversation.inbox.name
    if message.kind == Message.Kind.PHONE:
        incoming = message.channel_data.get("direction") == "in"
        return gettext("call from the customer") if incoming else gettext("call to the customer")
    if message.kind == Message.Kind.REPLY and message.channel_data.get("override_reason"):
        return gettext("reply, a check was overridden")
    return str(message.get_kind_display()).lower()


def _failure(delivery: Delivery | None) -> str:
    if delivery is None or delivery.state != Delivery.State.FAILED:
        return ""
    return in_language(delivery.last_error) or gettext("The mail system gave no reason.")


def _file(row: Attachment, conversation: Conversation) -> FileLine:
    url = reverse("workspace:attachment", args=[conversation.number, row.pk, row.name.replace("/", "_") or "file"])
    return FileLine(row.name, row.size, url, row.content_type in SHOWN_IN_PLACE)


def _mark_days(lines: Iterable[Line]) -> None:
    last: date | None = None
    for line in lines:
        day = timezone.localtime(line.at).date()
        if day != last:
            line.day = looks.day_name(line.at)
        last = day


_BLANK_LINES = re.compile(r"\n{3,}")


def _body(text: str) -> SafeString:
    """Plain text as paragraphs with links; everything else is escaped."""
    tidy = _BLANK_LINES.sub("\n\n", text.strip())
    return mark_safe(linebreaks(urlize(escape(tidy), nofollow=True, autoescape=False)))  # noqa: S308
