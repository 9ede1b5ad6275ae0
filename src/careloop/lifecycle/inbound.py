"""The path of a message, as one sentence: keep → parse → receive → accept → classify → start clocks →
prioritise → apply rules → route.

Receiving never depends on anything after it. Up to ``accept`` a failure quarantines the raw row or tries
again; from ``classify`` on, a failing step is recorded and shown, and the next step goes ahead: a message
always reaches the queue. What comes later (delivery, surveys, facts) subscribes to recorded events.
"""

from __future__ import annotations

import structlog
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from careloop.common.db.rows import fetch, update
from careloop.common.events import record
from careloop.common.transaction import attempt, write
from careloop.conversations.models import Inbox, Message
from careloop.customers.services.identity import mark_undeliverable
from careloop.intake import events as intake_events
from careloop.intake.contract import Adapter, Parsed, Unreadable
from careloop.intake.models import RawMessage
from careloop.intake.services.accepting import accept
from careloop.intake.services.keeping import content
from careloop.intake.services.quarantine import quarantine
from careloop.lifecycle import events
from careloop.lifecycle.steps import PAST_STEPS, STEPS, Step, Understanding, read_words
from careloop.triage.engine.heads import Heads

log = structlog.get_logger(__name__)


def receive(raw_id: int) -> Message | None:
    """Carry one kept raw row to its place: a conversation, a bounce's record, or the quarantine.

    Safe to run twice and after a crash at any point: each part first looks whether it is done.
    """
    row = fetch(RawMessage, raw_id)
    row.inbox = fetch(Inbox, row.inbox_id)
    if row.state == RawMessage.State.KEPT:
        parsed = parse(row)
        if parsed is None:
            return None
        if parsed.outcome != "message":
            settle_automatic(row, parsed)
            return None
        row.message = accept(row, parsed)
    if row.message is not None and row.understood_at is None:
        understand(row, row.message)
    return row.message


def parse(row: RawMessage) -> Parsed | None:
    """What the door's adapter makes of the bytes; None after setting an unreadable row aside."""
    adapter: Adapter = import_string(settings.CARELOOP_ADAPTERS[row.adapter])()
    try:
        return adapter.parse(content(row), row.meta)
    except Unreadable as reason:
        quarantine(row, str(reason))
        return None


def understand(row: RawMessage, message: Message) -> None:
    """Classify, start clocks, prioritise, apply rules, route: all in one transaction.

    Imported history is only classified. What costs time and writes nothing (reading) is done before. When a step
    fails, everything is undone and done again with each step guarded by itself: failing is rare, and guarding
    costs every message.
    """
    steps = PAST_STEPS if row.meta.get("past") else STEPS
    heads = _read(message)
    try:
        with attempt():
            understanding = Understanding(message, heads)
            for _name, step in steps:
                step(understanding)
            _settle(row, message)
    except Exception:
        log.exception("a step failed; each is now taken by itself", message=message.pk)
        message.conversation.refresh_from_db()
        with write():
            understanding = Understanding(message, heads)
            for name, step in steps:
                _guarded(name, step, understanding)
            _settle(row, message)


def _read(message: Message) -> Heads | None:
    """What the classifier makes of the words, or None; writes nothing but its failure."""
    try:
        return read_words(message)
    except Exception as error:  # a message goes on its way unread
        log.exception("step failed", step="read", message=message.pk)
        _record_failure(message, "read", error)
        return None


def _guarded(name: str, step: Step, understanding: Understanding) -> None:
    """Run one step; when it fails, undo that step alone, record it, and go on."""
    try:
        with attempt():
            step(understanding)
    except Exception as error:  # the road goes on whatever a station does
        message = understanding.message
        log.exception("step failed", step=name, message=message.pk)
        message.conversation.refresh_from_db()
        _record_failure(message, name, error)


def _settle(row: RawMessage, message: Message) -> None:
    """It went through all steps: say so, in their transaction."""
    record(
        events.UNDERSTOOD, conversation_id=message.conversation_id, subject="message", subject_id=message.pk,
        data={"past": bool(row.meta.get("past")), "channel": message.conversation.channel},
    )  # fmt: skip
    row.understood_at = timezone.now()
    update(row, "understood_at")


def settle_automatic(row: RawMessage, parsed: Parsed) -> None:
    """A bounce or other automatic mail is recorded and never becomes a customer's message."""
    is_bounce = parsed.outcome == "bounce"
    with write():
        row.state = RawMessage.State.BOUNCE if is_bounce else RawMessage.State.AUTOMATIC
        row.reason, row.settled_at = parsed.reason[:255], timezone.now()
        row.save(update_fields=["state", "reason", "settled_at"])
        for bounce in parsed.bounces:
            if bounce.is_permanent:
                mark_undeliverable(bounce.recipient)
            record(
                intake_events.BOUNCE_RECEIVED, subject="raw", subject_id=row.pk,
                data={
                    "recipient": bounce.recipient, "status": bounce.status, "permanent": bounce.is_permanent,
                    "message_id": bounce.original_message_id, "diagnostic": bounce.diagnostic[:500],
                },
            )  # fmt: skip
        if not is_bounce:
            record(intake_events.AUTOMATIC_RECEIVED, subject="raw", subject_id=row.pk, data={"reason": row.reason})


def _record_failure(message: Message, step: str, error: Exception) -> None:
    with write():
        record(
            events.STEP_FAILED, conversation_id=message.conversation_id, subject="message",
            subject_id=message.pk, data={"step": step, "error": f"{type(error).__name__}: {error}"[:500]},
        )  # fmt: skip
