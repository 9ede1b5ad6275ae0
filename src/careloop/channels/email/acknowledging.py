"""Tells a customer that their mail arrived, in their language, with the number and when we answer.

Once a conversation a day, never to a machine, a list or ourselves (RFC 3834, domain brief 7.1), never when a person
has answered already. Outside office hours it says when we are back.
"""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from careloop.business_hours.arithmetic import NeverOpens, Schedule
from careloop.business_hours.services import default_schedule
from careloop.channels.email.accounts import account_of
from careloop.channels.email.errors import DeliveryError
from careloop.channels.email.limits import refuse_over_cap
from careloop.channels.email.models import Acknowledgement
from careloop.channels.email.sending import recipient_of
from careloop.common.transaction import attempt
from careloop.conversations.models import Conversation, Inbox, Message
from careloop.conversations.services.posting import post_automatic

FILE = Path(__file__).parent / "data" / "acknowledgements.toml"
PURPOSE = "acknowledgement"
DOORS = ("imap", "smtp", "lmtp")
OLD_AFTER = timedelta(days=1)
WEEKDAYS_ZH = "一二三四五六日"


def acknowledge(message: Message) -> Message | None:
    """Post the acknowledgement of a customer's message, or None when none is due.

    Safe to run twice: the row of the day is unique. Records ``message.automatic_posted``.
    """
    conversation = message.conversation
    if not _is_due(message, conversation):
        return None
    text = acknowledgement_text(conversation, now=timezone.now(), schedule=default_schedule())
    try:
        with attempt():
            posted = post_automatic(conversation, text=text, purpose=PURPOSE)
            Acknowledgement.objects.create(conversation=conversation, day=_today(), message=posted)
    except IntegrityError:
        return None
    return posted


def _is_due(message: Message, conversation: Conversation) -> bool:
    if message.kind != Message.Kind.CUSTOMER or conversation.inbox.kind != Inbox.Kind.EMAIL:
        return False
    account = account_of(conversation.inbox)
    if message.channel_data.get("no_automatic_answer") or not account.acknowledges or account.smtp is None:
        return False
    if message.channel_data.get("door") not in DOORS or _is_old(message):
        return False
    if conversation.is_resolved or not conversation.is_waiting:
        return False
    if Acknowledgement.objects.filter(conversation=conversation, day=_today()).exists():
        return False
    return _may_write_to(conversation)


def _is_old(message: Message) -> bool:
    """A mailbox connected for the first time is full of mails that were answered long ago."""
    written = parse_datetime(str(message.channel_data.get("sent_at", ""))) or message.created_at
    return min(written, message.created_at) < timezone.now() - OLD_AFTER


def _may_write_to(conversation: Conversation) -> bool:
    try:
        refuse_over_cap(recipient_of(conversation), is_automatic=True)
    except DeliveryError:
        return False
    return True


def acknowledgement_text(conversation: Conversation, *, now: datetime, schedule: Schedule) -> str:
    """The text for this conversation at this moment, in its language."""
    language = "zh" if conversation.language.startswith("zh") else "en"
    is_open = schedule.is_open(now)
    due = conversation.next_due_at
    name = ("open" if is_open else "closed") + ("" if due else "_undated")
    text: str = _texts()[name][language]["text"]
    return text.format(
        name=conversation.customer.name or _texts()["nameless"][language],
        number=conversation.reference,
        company=account_of(conversation.inbox).display_name,
        subject=conversation.subject,
        answer_by=_moment(due, language) if due else "",
        opens_at="" if is_open else _opening(schedule, now, language),
    )


def _opening(schedule: Schedule, now: datetime, language: str) -> str:
    try:
        return _moment(schedule.next_opening(now), language)
    except NeverOpens:
        return _moment(now, language)


def _moment(at: datetime, language: str) -> str:
    """A day and a time as people say them, in the time zone of the desk."""
    local = at.astimezone(ZoneInfo(settings.TIME_ZONE))
    if language == "zh":
        return f"{local.month}月{local.day}日（周{WEEKDAYS_ZH[local.weekday()]}）{local:%H:%M}"
    return f"{local:%H:%M} on {local:%A} {local.day} {local:%B}"


def _today() -> Any:
    return timezone.now().astimezone(ZoneInfo(settings.TIME_ZONE)).date()


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
