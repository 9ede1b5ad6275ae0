"""What was said, ready to be printed: one :class:`Line` a message, in the order it happened."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape, linebreaks, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from markupsafe import Markup

from careloop.channels.email.sentences import in_language
from careloop.common.db.prepared import prepared
from careloop.conversations.models import Attachment, Conversation, Delivery, Message
from careloop.workspace import drawing, looks
from careloop.workspace.assets import forget_on_rebuild

NEWEST_SHOWN = 40
# What a message shows: neither its formatted original, which may be long, nor its headers.
READ = (
    "conversation_id", "kind", "text", "quoted", "language", "created_at", "channel_data",
    "author__display_name", "customer__name", "delivery__state", "delivery__last_error",
)  # fmt: skip
HAS_ORIGINAL = {"has_original": ExpressionWrapper(~Q(html=""), BooleanField())}
READ_OF_A_FILE = ("message_id", "name", "size", "content_type")
# Longer ones are drawn anew each time; together the remembered ones stay within a few megabytes.
LONGEST_REMEMBERED = 8_000
REMEMBERED = 2_000
SHOWN_IN_PLACE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


@dataclass(frozen=True, slots=True)
class FileLine:
    name: str
    size: int
    url: str
    is_image: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One message as it stands there. Two that are equal look the same."""

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
    quoted: str
    has_original: bool
    files: tuple[FileLine, ...]
    delivery: str
    delivery_label: str
    failure: str
    day: str
    """Above the first message of a day: which one it is."""
    mentions: tuple[str, ...] = ()
    """The words of a note that named colleagues, with their signs."""

    @property
    def is_line(self) -> bool:
        return self.kind == Message.Kind.SYSTEM

    @property
    def stamp(self) -> str:
        """Changes with whatever a reader should notice."""
        return f"{self.pk}{self.delivery}"

    @property
    def body(self) -> SafeString:
        return _body(self.text, self.mentions)


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
    """One query and one for the files, however many messages there are."""
    found = _newest(conversation.pk) if before is None else _older(conversation.pk, before)
    shown = found[:NEWEST_SHOWN][::-1]
    files = _files_by_message(shown)
    lines = [
        _line(message, conversation, day, files.get(message.pk, ()))
        for message, day in zip(shown, _days(shown), strict=True)
    ]
    return Part(lines, shown[0].pk if len(found) > NEWEST_SHOWN else None)


def _said(conversation: int) -> QuerySet[Message]:
    rows = Message.objects.filter(conversation=conversation).select_related("author", "customer", "delivery")
    return rows.annotate(**HAS_ORIGINAL).only(*READ).order_by("-id")


@prepared
def _newest(conversation: int) -> QuerySet[Message]:
    return _said(conversation)[: NEWEST_SHOWN + 1]


@prepared
def _older(conversation: int, before: int) -> QuerySet[Message]:
    return _said(conversation).filter(pk__lt=before)[: NEWEST_SHOWN + 1]


@prepared
def _files(conversation: int, first: int) -> QuerySet[Attachment]:
    of_these = Attachment.objects.filter(message__conversation=conversation, message__gte=first)
    return of_these.only(*READ_OF_A_FILE).order_by("id")


def _files_by_message(shown: list[Message]) -> dict[int, list[Attachment]]:
    found: dict[int, list[Attachment]] = {}
    for row in _files(shown[0].conversation_id, shown[0].pk) if shown else ():
        found.setdefault(row.message_id, []).append(row)
    return found


def _line(message: Message, conversation: Conversation, day: str, files: Iterable[Attachment]) -> Line:
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
        time=f"{timezone.localtime(message.created_at):%H:%M}",
        lang=message.language,
        text=message.text,
        quoted=message.quoted,
        has_original=message.has_original and message.kind == Message.Kind.CUSTOMER,
        files=tuple(_file(row, conversation) for row in files),
        delivery=delivery.state if delivery else "",
        delivery_label=drawing.choice_name(delivery, "state") if delivery else "",
        failure=_failure(delivery),
        day=day,
        mentions=tuple(message.channel_data.get("mentions", ())),
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
    return drawing.choice_name(message, "kind").lower()


def _failure(delivery: Delivery | None) -> str:
    if delivery is None or delivery.state != Delivery.State.FAILED:
        return ""
    return in_language(delivery.last_error) or gettext("The mail system gave no reason.")


def _file(row: Attachment, conversation: Conversation) -> FileLine:
    url = reverse("workspace:attachment", args=[conversation.number, row.pk, row.name.replace("/", "_") or "file"])
    return FileLine(row.name, row.size, url, row.content_type in SHOWN_IN_PLACE)


def _days(messages: Iterable[Message]) -> Iterator[str]:
    """The day's name for the first message of each day, nothing for the others."""
    last: date | None = None
    for message in messages:
        day = timezone.localtime(message.created_at).date()
        yield looks.day_name(message.created_at) if day != last else ""
        last = day


_BLANK_LINES = re.compile(r"\n{3,}")
# Django's urlize looks closer only at words with one of these; without any it would split the text for nothing.
_MAY_LINK = re.compile(r"[.@:]")


def drawn(lines: Iterable[Line], number: int, csrf: Markup) -> list[Markup]:
    """The messages as they stand in the page of the conversation with that number.

    What was said stays as it is, so that a drawn message is remembered by all that it shows.
    """
    return [_drawn(line, number, csrf) for line in lines]


def _drawn(line: Line, number: int, csrf: Markup) -> Markup:
    if line.failure or line.files or len(line.text) + len(line.quoted) > LONGEST_REMEMBERED:
        return drawing.draw_alone("message.html", message=line, number=number, csrf=csrf)
    return _remembered(line, number, get_language())


@lru_cache(maxsize=REMEMBERED)
def _remembered(line: Line, number: int, _language: str) -> Markup:
    return drawing.draw_alone("message.html", message=line, number=number)


forget_on_rebuild(_remembered)


def _body(text: str, mentions: tuple[str, ...] = ()) -> SafeString:
    """Plain text as paragraphs with links and the colleagues it names; everything else is escaped."""
    tidy = escape(_BLANK_LINES.sub("\n\n", text.strip()))
    linked = urlize(tidy, nofollow=True, autoescape=False) if _MAY_LINK.search(text) else tidy
    return mark_safe(linebreaks(_marked(linked, mentions) if mentions else linked))  # noqa: S308


_TAG = re.compile(r"(<[^>]*>)")


def _marked(html: str, mentions: tuple[str, ...]) -> str:
    """The words that name a colleague stand out; what is inside a tag stays as it is."""
    longest_first = sorted((re.escape(escape(words)) for words in mentions), key=len, reverse=True)
    named = re.compile(rf"(?<![A-Za-z0-9._%+\-])(?:{'|'.join(longest_first)})")
    pieces = _TAG.split(html)
    pieces[::2] = [named.sub(lambda found: f'<b class="mention">{found[0]}</b>', piece) for piece in pieces[::2]]
    return "".join(pieces)
