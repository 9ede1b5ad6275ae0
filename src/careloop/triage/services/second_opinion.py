"""Ask the language-model service about what triage is unsure of, and keep what it says.

It happens in a job, after the message has reached its place in the queue: a slow service holds up nobody. Nothing is
asked while no address is set.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import structlog
from django.conf import settings
from django.db import connection
from django.utils import timezone

from careloop.common.events import record
from careloop.common.transaction import write, writes
from careloop.conversations.models import Message
from careloop.conversations.services.locking import locked
from careloop.triage import events
from careloop.triage.engine.heads import CRISIS, Heads
from careloop.triage.engine.service.asking import Service
from careloop.triage.engine.service.blending import ASKED, advised
from careloop.triage.engine.service.client import Address
from careloop.triage.engine.service.errors import NoAnswer
from careloop.triage.models import Prediction, ServiceDay
from careloop.triage.services.classifying import new_signals, predict, row_of, text_of
from careloop.triage.services.questions import settle
from careloop.triage.thresholds import threshold_of

log = structlog.get_logger(__name__)

BY_MACHINE = (Prediction.Source.RULES, Prediction.Source.LINEAR, Prediction.Source.HYBRID)
SPEND = f"""
    INSERT INTO {ServiceDay._meta.db_table} (day, requests, unanswered) VALUES (%s, 1, 0)
    ON CONFLICT (day) DO UPDATE SET requests = {ServiceDay._meta.db_table}.requests + 1
    WHERE {ServiceDay._meta.db_table}.requests < %s
    RETURNING requests"""  # noqa: S608 - the name of our own table
MISS = f"UPDATE {ServiceDay._meta.db_table} SET unanswered = unanswered + 1 WHERE day = %s"  # noqa: S608 - as above


def is_on() -> bool:
    """Whether the operator named a service."""
    return bool(settings.CARELOOP_LLM_URL)


def worth_asking(rows: Sequence[Prediction]) -> list[str]:
    """The heads of these predictions that a service may be asked about; a doubt brings the signals of danger along."""
    unsure = [row.head for row in rows if row.is_unsure and row.source in BY_MACHINE and row.head in ASKED]
    return [*dict.fromkeys(unsure), CRISIS] if unsure else []


def seek(message: Message, heads: Sequence[str]) -> list[Prediction]:
    """Ask, and keep what comes back; the new predictions. A service without an answer changes nothing.

    What is sent is the text with personal data masked, the customer's and our colleague's names among it.
    """
    before = predict(message)
    customer = message.conversation.customer
    names = [customer.name, *([message.conversation.assignee.display_name] if message.conversation.assignee else [])]
    text = text_of(message, is_first=message.conversation.message_count <= 1)
    try:
        opinions = service().ask(text, heads, names=names, spend=spend)
    except NoAnswer as error:
        log.info("no second opinion", message=message.pk, why=error.why)
        if error.why not in ("budget", "paused"):
            _note_miss()
        return []
    return keep(message, before, advised(before, opinions, service().version), heads=list(opinions))


@writes
def keep(message: Message, before: Heads, after: Heads, *, heads: Sequence[str]) -> list[Prediction]:
    """Write what the service changed: another label, a new signal of danger, or enough certainty to ask nobody.

    Only what the machine believed of this very message is touched; a person's word and later messages stand. Records
    ``triage.second_opinion``; clocks and priority listen.
    """
    locked(message.conversation)
    at = timezone.now()
    held = list(Prediction.objects.current().filter(conversation=message.conversation_id, head__in=heads))
    replaced: list[Prediction] = []
    new: list[Prediction] = []
    for head in heads:
        rows = [row for row in held if row.head == head]
        if head == CRISIS:
            signals = list(new_signals(rows, after[head], message, at)) if after[head].labels else []
            new += signals
            replaced += [row for row in rows if signals and row.label == "none"]
        elif len(rows) == 1 and _is_replaced(rows[0], message, after):
            new.append(
                row_of(head, after[head].label, after[head].confidence, after[head].reasons, after[head], message, at)
            )
            replaced += rows
    if not new:
        return []
    Prediction.objects.filter(pk__in=[row.pk for row in replaced]).update(is_current=False)
    Prediction.objects.bulk_create(new)
    for row in new:
        if not row.is_unsure:
            settle(message.conversation_id, row.head)
    record(
        events.SECOND_OPINION, conversation_id=message.conversation_id, subject="message", subject_id=message.pk, at=at,
        data={"heads": {row.head: row.label for row in new}, "version": new[0].model_version},
    )  # fmt: skip
    return new


def _is_replaced(row: Prediction, message: Message, after: Heads) -> bool:
    result = after[row.head]
    if row.source not in BY_MACHINE or row.message_id != message.pk or result.source != Prediction.Source.SERVICE:
        return False
    return result.label != row.label or (row.is_unsure and result.confidence >= threshold_of(row.head))


def spend() -> bool:
    """Take one request from today's budget, whatever process asks; False when there is none left."""
    with write(), connection.cursor() as cursor:
        cursor.execute(SPEND, [timezone.localdate(), settings.CARELOOP_LLM_REQUESTS_A_DAY])
        return cursor.fetchone() is not None


def _note_miss() -> None:
    with write(), connection.cursor() as cursor:
        cursor.execute(MISS, [timezone.localdate()])


def service() -> Service:
    """The one that the settings name; it remembers answers and failures as long as the process lives."""
    return _service(
        Address(
            settings.CARELOOP_LLM_URL, settings.CARELOOP_LLM_MODEL, settings.CARELOOP_LLM_KEY or "",
            settings.CARELOOP_LLM_TIMEOUT.total_seconds(),
        )
    )  # fmt: skip


@cache
def _service(address: Address) -> Service:
    return Service(address)
