"""Waiting work for the tests of the queue."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from careloop.accounts.models import Team, TeamMember, User
from careloop.conversations.models import Conversation, Inbox
from careloop.conversations.services.posting import Content, add_customer_message
from careloop.conversations.services.starting import start
from careloop.customers.models import Customer
from careloop.routing.models import QueueEntry
from careloop.routing.services.prioritising import prioritise
from careloop.sla.services.starting import start_clocks
from careloop.sla.tests.factories import Finding, found

__all__ = ["Finding", "agent", "ago", "found", "waiting"]


def ago(**span: float) -> datetime:
    return timezone.now() - timedelta(**span)


def waiting(
    customer: Customer, inbox: Inbox, *, since: datetime | None = None, language: str = "zh", **labels: str
) -> QueueEntry:
    """A customer wrote, the message was understood, its clocks run and it has its place in the queue."""
    since = since or ago(hours=1)
    conversation = start(inbox=inbox, customer=customer, language=language, at=since)
    message = add_customer_message(conversation, Content(text="你好"), customer=customer, at=since)
    findings = found(**labels)
    clocks = start_clocks(conversation, message, findings)
    return prioritise(conversation, findings, clocks=clocks)


def agent(team: Team, name: str, **fields: Any) -> User:
    user = User.objects.create_user(f"{name}@hemu.example", "a long enough password", display_name=name, **fields)
    TeamMember.objects.create(team=team, user=user)
    return user


def bulk_queue(
    team: Team | None, customer: Customer, inbox: Inbox, rows: list[tuple[int, int, datetime]]
) -> list[QueueEntry]:
    """Entries of given tier, class and age, straight into the table: for tests of the order."""
    moment = timezone.now()
    conversations = Conversation.objects.bulk_create(
        [
            Conversation(
                inbox=inbox, customer=customer, team=team, channel="email", created_at=moment, last_activity_at=moment
            )
            for _ in rows
        ]
    )
    return QueueEntry.objects.bulk_create(
        [
            QueueEntry(
                conversation=conversation, team=team, tier=tier, klass=klass, waiting_since=since, parts={},
                due_at=since + timedelta(days=10) if tier == 1 else None,
            )
            for conversation, (tier, klass, since) in zip(conversations, rows, strict=True)
        ]
    )  # fmt: skip
