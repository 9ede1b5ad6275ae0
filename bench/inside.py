"""What runs inside a desk's own Django: preparing, filling, keeping, counting. Never imported by the bench itself."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from bench.rows import Sample, messages, samples
from careloop.accounts.models import Team, TeamMember, User
from careloop.accounts.services import tokens
from careloop.accounts.services.presence import set_presence
from careloop.common.transaction import write
from careloop.config.first_start import bring_up_to_date
from careloop.conversations.models import Conversation, Inbox, Message
from careloop.customers.models import Customer, Identity
from careloop.intake.models import RawMessage
from careloop.intake.services.keeping import keep
from careloop.routing.models import QueueEntry
from careloop.search import services as search
from careloop.sla.models import Clock
from careloop.triage.models import Prediction

PASSWORD = "a long enough password"
STAFF = 6
BATCH = 1000
HOUR = timedelta(hours=1)


def prepare() -> int:
    """The database, one lead, five agents, all online with room for one piece of work after the other."""
    bring_up_to_date()
    team = Team.objects.get()
    for number in range(STAFF):
        role = "agent" if number else "lead"
        user = User.objects.create_user(
            f"agent{number}@bench.example", PASSWORD, display_name=f"Agent {number}", role=role,
            languages=["zh", "en"], capacity=50,
        )  # fmt: skip
        TeamMember.objects.create(team=team, user=user)
        set_presence(user, "online")
    return STAFF


def token() -> str:
    """A person who may hand in messages; the token of theirs."""
    user = User.objects.create_user("api@bench.example", None, display_name="API", role="admin")
    return tokens.issue(user, name="bench", scopes=["messages:write"])


def keep_many(count: int) -> float:
    """Keep that many messages, as the doors do; seconds."""
    inbox = Inbox.objects.get(slug="api")
    bodies = [json.dumps(each).encode() for each in messages(count, prefix="k")]
    start = time.perf_counter()
    for number, body in enumerate(bodies):
        keep(inbox, f"bench:{number}", body, adapter="json", meta={"fingerprint": f"{number:064d}", "token": 0})
    return time.perf_counter() - start


def understood() -> dict[str, Any]:
    """How many messages are in a conversation, from when to when, and what did not go well."""
    ended = RawMessage.objects.order_by("understood_at").values_list("understood_at", flat=True)
    moments = [moment for moment in ended if moment is not None]
    return {
        "count": len(moments),
        "rows": RawMessage.objects.count(),
        "conversations": Conversation.objects.count(),
        "clocks": Clock.objects.count(),
        "queue": QueueEntry.objects.count(),
        "span_seconds": (moments[-1] - moments[0]).total_seconds() if moments else 0.0,
    }


def fill(count: int) -> dict[str, Any]:
    """Conversations with what a lived-in desk has beside them; the numbers of the open ones."""
    team, inbox, now = Team.objects.get(), Inbox.objects.get(slug="api"), timezone.now()
    agents = list(User.objects.filter(email__endswith="@bench.example").order_by("id"))
    people = _customers(max(1, count // 4))
    for batch in _batches(list(samples(count)), BATCH):
        with write():
            _conversations(batch, people, agents, team, inbox, now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    opened = Conversation.objects.filter(state="open").order_by("-last_activity_at")
    return {"open": [FIRST + pk for pk in opened.values_list("pk", flat=True)], "conversations": count}


FIRST = 1000


def _customers(count: int) -> list[Customer]:
    with write():
        people = Customer.objects.bulk_create(
            (Customer(name=f"客户{n}" if n % 3 else f"Customer {n}", language="zh") for n in range(count)),
            batch_size=BATCH,
        )
        Identity.objects.bulk_create(
            (Identity(customer=each, kind="email", value=f"c{n}@example.com") for n, each in enumerate(people)),
            batch_size=BATCH,
        )
    return people


def _conversations(
    batch: list[Sample], people: list[Customer], agents: list[User], team: Team, inbox: Inbox, now: datetime
) -> None:
    rows = Conversation.objects.bulk_create(
        _conversation(sample, people[sample.number % len(people)], agents, team, inbox, now) for sample in batch
    )
    pairs = list(zip(batch, rows, strict=True))
    said = Message.objects.bulk_create(each for sample, row in pairs for each in _messages(sample, row))
    for message in said:
        title = f"{message.conversation.reference} {message.conversation.subject}" if message.is_first else ""  # type: ignore[attr-defined]
        search.put(message.pk, conversation_id=message.conversation_id, title=title, body=message.text)
    Clock.objects.bulk_create(each for sample, row in pairs for each in _clocks(sample, row))
    QueueEntry.objects.bulk_create(_entry(sample, row) for sample, row in pairs if sample.is_open)
    Prediction.objects.bulk_create(each for _sample, row in pairs for each in _predictions(row))


def _conversation(
    sample: Sample, customer: Customer, agents: list[User], team: Team, inbox: Inbox, now: datetime
) -> Conversation:
    at = now - timedelta(minutes=4 * sample.number)
    assignee = agents[sample.number % len(agents)] if not sample.is_open or sample.number % 10 else None
    return Conversation(
        subject=sample.subject, customer=customer, inbox=inbox, team=team, assignee=assignee,
        state="open" if sample.is_open else "resolved", kind="complaint" if sample.number % 2 else "inquiry",
        language=sample.language, channel="api", created_at=at - HOUR, last_activity_at=at,
        waiting_since=at if sample.is_open else None, first_replied_at=at - HOUR / 2,
        next_due_at=at + 4 * HOUR if sample.is_open else None, resolved_at=None if sample.is_open else at,
        preview=(sample.again if sample.is_open else sample.answer)[:160], message_count=3 if sample.is_open else 2,
    )  # fmt: skip


def _messages(sample: Sample, row: Conversation) -> list[Message]:
    said = [("customer", sample.first), ("reply", sample.answer), ("customer", sample.again)]
    made = []
    for place, (kind, text) in enumerate(said[: row.message_count]):
        is_ours = kind == "reply"
        message = Message(
            conversation=row, kind=kind, text=text, language=sample.language,
            created_at=row.created_at + place * HOUR / 2,
            author_id=row.assignee_id if is_ours else None, customer=None if is_ours else row.customer,
        )  # fmt: skip
        message.is_first = place == 0  # type: ignore[attr-defined]
        made.append(message)
    return made


def _clocks(sample: Sample, row: Conversation) -> list[Clock]:
    """The first response met; in open ones the next response and the solution still owed."""
    common = {"business": True, "schedule": "1:1", "policy_row": "other", "target_seconds": 14_400}
    first = Clock(
        conversation=row, kind="first_response", state="met", started_at=row.created_at,
        warn_at=row.created_at + 3 * HOUR, due_at=row.created_at + 4 * HOUR, stopped_at=row.first_replied_at, **common,
    )  # fmt: skip
    if not sample.is_open:
        return [first]
    since = row.last_activity_at
    late = since + 4 * HOUR < timezone.now()
    owed = [
        Clock(
            conversation=row, kind=kind, state="breached" if late else "running", started_at=since,
            warn_at=since + 3 * HOUR, due_at=since + 4 * HOUR, warned_at=since + 3 * HOUR if late else None,
            breached_at=since + 4 * HOUR if late else None, **common,
        )
        for kind in ("next_response", "resolution")
    ]  # fmt: skip
    return [first, *owed]


def _entry(sample: Sample, row: Conversation) -> QueueEntry:
    return QueueEntry(
        conversation=row, team_id=row.team_id, state="claimed" if row.assignee_id else "queued", tier=2,
        klass=sample.number % 64, waiting_since=row.last_activity_at, due_at=row.next_due_at,
        claimed_by_id=row.assignee_id, claimed_at=row.created_at if row.assignee_id else None, language=sample.language,
    )  # fmt: skip


def _predictions(row: Conversation) -> list[Prediction]:
    labels = {
        "nature": "logistics", "severity": "moderate", "source": "logistics", "phase": "after_sales",
        "handling_class": "C", "emotion": "calm", "language": row.language, "intent": "complaint",
    }  # fmt: skip
    return [
        Prediction(
            conversation=row, head=head, label=label, confidence=0.8, source="rules", model_version="bench",
            at=row.created_at,
        )
        for head, label in labels.items()
    ]  # fmt: skip


def _batches(rows: list[Sample], size: int) -> list[list[Sample]]:
    return [rows[first : first + size] for first in range(0, len(rows), size)]
