"""The public messages of a matter, as its customer reads them: never a note, never what the system says to us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import linebreaks, urlize
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from careloop.conversations.models import Attachment, Conversation, Message
from careloop.files.sniffing import SAFE_INLINE

PAGE = 50
# A call is shown as having happened; what an agent wrote down about it is the desk's own.
SHOWN = (Message.Kind.CUSTOMER, Message.Kind.REPLY, Message.Kind.AUTOMATIC, Message.Kind.PHONE)
WITH_WORDS = (Message.Kind.CUSTOMER, Message.Kind.REPLY, Message.Kind.AUTOMATIC)


@dataclass(frozen=True)
class File:
    name: str
    size: int
    url: str
    family: str  # image, video or other


@dataclass(frozen=True)
class Line:
    pk: int
    kind: str
    who: str
    at: datetime
    lang: str
    body: SafeString
    files: Sequence[File]


def lines_of(conversation: Conversation, token: str, *, before: int | None = None) -> tuple[list[Line], int | None]:
    """The newest fifty (before ``before``), oldest first, and where earlier ones begin. Two queries."""
    rows = public_messages(conversation).select_related("author").prefetch_related("attachments")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: PAGE + 1])
    page = found[:PAGE][::-1]
    return [_line(each, token) for each in page], page[0].pk if len(found) > PAGE else None


def public_messages(conversation: Conversation) -> QuerySet[Message]:
    return Message.objects.filter(conversation=conversation, kind__in=SHOWN)


def public_attachment(conversation: Conversation, pk: int) -> Attachment | None:
    """A file that hangs on one of the messages with words; None for every other."""
    rows = Attachment.objects.select_related("blob")
    return rows.filter(pk=pk, message__conversation=conversation, message__kind__in=WITH_WORDS).first()


def _line(message: Message, token: str) -> Line:
    is_call = message.kind == Message.Kind.PHONE
    return Line(
        pk=message.pk,
        kind=message.kind,
        who=_who(message),
        at=message.created_at,
        lang="zh-Hans" if message.language == "zh" else message.language,
        body=SafeString("") if is_call else _body(message.text),
        files=[] if is_call else [_file(each, token) for each in message.attachments.all()],
    )


def _who(message: Message) -> str:
    if message.kind == Message.Kind.CUSTOMER:
        return _("You")
    if message.kind == Message.Kind.PHONE:
        return _("We spoke on the phone")
    if message.kind == Message.Kind.AUTOMATIC:
        return _("Automatic message")
    return message.author.display_name if message.author else _("Our team")


def _body(text: str) -> SafeString:
    """Escaped words with their paragraphs; addresses become links that tell nobody where they were found."""
    return SafeString(linebreaks(urlize(text, nofollow=True, autoescape=True)))


def _file(row: Attachment, token: str) -> File:
    family = row.content_type.partition("/")[0]
    return File(
        name=row.name,
        size=row.size,
        url=reverse("portal:file", args=[token, row.pk]),
        family=family if row.content_type in SAFE_INLINE else "other",
    )
