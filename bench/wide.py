"""A very full desk, written by plain SQL: several teams of very different size, one conversation in five unresolved.

Runs inside a desk's own Django. The rows hang together as the desk's own would (clocks, queue, search), but nothing
goes through the verbs: half a million of them would take hours.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils import timezone

from careloop.accounts.models import Team, TeamMember, User
from careloop.common.transaction import write
from careloop.config.first_start import bring_up_to_date
from careloop.conversations.models import Inbox
from careloop.customers.models import Customer, Identity
from careloop.customers.naming import index_name
from careloop.search.engines import postgresql
from careloop.search.tokenizer import tokens

SEED = 20261122
BATCH = 5_000
REFUNDS = 50
REFUND = "退款"
# Of ten thousand conversations; the last team has next to nothing, and must not be slower for it.
TEAM_SHARES = (4_000, 2_500, 1_500, 900, 600, 300, 180, 20)
PEOPLE_PER_TEAM = 8
CHANNELS = ("email", "portal", "api", "phone")
CHANNEL_SHARES = (60, 25, 14, 1)
KINDS = ("inquiry", "complaint", "feedback", "upkeep")
KIND_SHARES = (60, 25, 10, 5)
UNRESOLVED = ("open", "waiting", "snoozed")
UNRESOLVED_SHARES = (60, 25, 15)
_SAID = (
    "我买的面霜用了两天脸上发红", "快递显示签收但我没有收到", "包装盒破损瓶子也裂了", "客服一直没有回复我的问题",
    "活动价格和页面上写的不一样", "会员积分没有到账", "请帮我查一下订单", "麻烦尽快处理谢谢", "发票抬头写错了",
    "赠品漏发了", "The serum leaked in the parcel", "My order has not arrived yet", "I was charged twice",
    "Please change the delivery address", "Nobody answered my last message",
)  # fmt: skip
_ANSWER = "您好，非常抱歉给您带来不便。我已经为您查询，今天之内会给您答复。"
_HOUR = timedelta(hours=1)

Row = tuple[Any, ...]


def fill(count: int) -> int:
    """Prepare the database and write that many conversations; how many there are."""
    bring_up_to_date()
    teams, people = _staff()
    inboxes = list(Inbox.objects.filter(slug__startswith="wide-").values_list("pk", "team_id", "kind"))
    customers = _customers(max(1, count // 4))
    chance = random.Random(SEED)
    for first in range(0, count, BATCH):
        numbers = range(first, min(first + BATCH, count))
        rows = [_Sample(number, count, chance, teams, people, inboxes, customers) for number in numbers]
        with write():
            for table, columns, made in _tables(rows):
                _put(table, columns, made)
    if connection.vendor == "postgresql":
        _catch_up_sequences()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return count


class _Sample:
    """One conversation and where its messages lie."""

    def __init__(
        self,
        number: int,
        count: int,
        chance: random.Random,
        teams: Sequence[int],
        people: dict[int, list[int]],
        inboxes: list[tuple[int, int, str]],
        customers: range,
    ) -> None:
        self.id = number + 1
        self.is_resolved = number % 5 != 0
        self.state = "resolved" if self.is_resolved else chance.choices(UNRESOLVED, UNRESOLVED_SHARES)[0]
        team = chance.choices(teams, TEAM_SHARES)[0]
        channel = chance.choices(CHANNELS, CHANNEL_SHARES)[0]
        self.inbox = next(pk for pk, its_team, kind in inboxes if (its_team, kind) == (team, channel))
        self.team: int | None = None if chance.random() < 0.002 else team
        self.channel = channel
        self.kind = chance.choices(KINDS, KIND_SHARES)[0]
        is_free = self.state == "open" and chance.random() < 0.4
        self.assignee = None if is_free else chance.choice(people[team])
        self.customer = chance.choice(customers)
        # The newest conversation has the highest number, as it is in life.
        self.at = timezone.now() - (count - number) * timedelta(minutes=1)
        self.due = self.at + timedelta(hours=chance.randrange(1, 200)) if chance.random() < 0.9 else None
        self.due = None if self.is_resolved else self.due
        self.needs_review = chance.random() < 0.002
        self.klass = chance.randrange(64)
        self.tier = 1 if chance.random() < 0.01 and self.due else 2
        said = chance.sample(_SAID, 3)
        every = max(1, count // REFUNDS)
        if number % every == 0 and number // every < REFUNDS:
            said[0] += f"，我要{REFUND}"
        self.said = [[*said, f"A{number:08d}"], [_ANSWER], *([] if self.is_resolved else [said[1:]])]
        # Room for three each, so that a number can be worked out without counting.
        self.first_message = number * 3 + 1

    @property
    def texts(self) -> list[str]:
        return ["。".join(parts) for parts in self.said]


def _tables(rows: list[_Sample]) -> Iterator[tuple[str, str, list[Row]]]:
    yield (
        "conversations_conversation",
        ("id subject customer_id inbox_id team_id assignee_id state kind language channel channel_kind created_at "
        "waiting_since first_replied_at last_activity_at next_due_at resolved_at preview message_count needs_review "
        "review_reason external_thread link_version"),
        [
            (
                r.id, r.texts[0][:60], r.customer, r.inbox, r.team, r.assignee, r.state, r.kind, "zh", r.channel,
                "direct", _moment(r.at - _HOUR), _moment(r.at) if r.state == "open" else None,
                _moment(r.at - _HOUR / 2), _moment(r.at), _moment(r.due), _moment(r.at) if r.is_resolved else None,
                r.texts[-1][:160], len(r.texts), r.needs_review, "", "", 1,
            )
            for r in rows
        ],
    )  # fmt: skip
    yield (
        "conversations_message",
        ('id conversation_id kind author_id customer_id text html quoted language created_at message_id in_reply_to '
        '"references" channel_data'),
        [
            (
                r.first_message + place, r.id, "reply" if place == 1 else "customer",
                r.assignee if place == 1 else None, None if place == 1 else r.customer, text, "", "", "zh",
                _moment(r.at - _HOUR + place * _HOUR / 2), "", "", "", "{}",
            )
            for r in rows
            for place, text in enumerate(r.texts)
        ],
    )  # fmt: skip
    yield _search(rows)
    clocks = (
        "conversation_id kind state started_at warn_at due_at warned_at stopped_at target_seconds business policy_row "
        "schedule facts"
    )
    yield "sla_clock", clocks, [each for r in rows for each in _clocks(r)]
    yield (
        "routing_queueentry",
        ("conversation_id team_id state tier klass waiting_since due_at claimed_by_id claimed_at language skill "
        "is_flagged is_reopened held_because parts weights_version"),
        [
            (
                r.id, r.team, "idle" if r.state != "open" else "claimed" if r.assignee else "queued", r.tier, r.klass,
                _moment(r.at), _moment(r.due), r.assignee if r.state == "open" else None,
                _moment(r.at) if r.assignee else None, "zh", "", False, False, "", "{}", 1,
            )
            for r in rows
        ],
    )  # fmt: skip
    events = "name at conversation_id subject subject_id data"
    yield (
        "common_event",
        events,
        [("message.received", _moment(r.at), r.id, "message", r.first_message, "{}") for r in rows],
    )


def _clocks(r: _Sample) -> Iterator[Row]:
    """A first response met; in what waits, an answer owed, and one in five hundred of these just now due."""
    start, due = r.at - _HOUR, r.at + 3 * _HOUR
    common = (14_400, True, "other", "1:1", "{}")
    yield r.id, "first_response", "met", *map(_moment, (start, due - _HOUR, due, None, r.at - _HOUR / 2)), *common
    if r.state == "open" and r.due:
        late = r.due < timezone.now()
        due = r.due
        moments = map(_moment, (r.at, due - _HOUR / 2, due, due if late else None, None))
        yield r.id, "next_response", "breached" if late else "running", *moments, *common


def _search(rows: list[_Sample]) -> tuple[str, str, list[Row]]:
    made: list[Row] = []
    for r in rows:
        for place, parts in enumerate(r.said):
            title = (f"cl {1000 + r.id} " + " ".join(_tokens(parts[0]))) if place == 0 else ""
            body = " ".join(" ".join(_tokens(part)) for part in parts)
            made.append((r.first_message + place, title, body, r.id))
    if connection.vendor == "sqlite":
        return "search_document", "rowid title body conversation_id", made
    vectors = [(pk, conversation, postgresql._vector(title, body)) for pk, title, body, conversation in made]
    return "search_document", "id conversation_id words", vectors


def _tokens(part: str) -> list[str]:
    return [part.lower()] if part.startswith("A0") else _known_tokens(part)


@cache
def _known_tokens(part: str) -> list[str]:
    return tokens(part)


def _put(table: str, columns: str, rows: list[Row]) -> None:
    names = columns.replace('"', "").split()
    others = _defaults(table, names)
    names, rows = [*names, *others], [(*row, *others.values()) for row in rows]
    quoted = ", ".join(connection.ops.quote_name(name) for name in names)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({quoted}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(names))
            cursor.executemany(f"INSERT INTO {table} ({quoted}) VALUES ({marks})", rows)


def _defaults(table: str, given: list[str]) -> dict[str, Any]:
    """What the model would put into columns that are not given here and may not be empty."""
    model = next((each for each in apps.get_models() if each._meta.db_table == table), None)
    fields = model._meta.concrete_fields if model else ()
    return {
        field.column: field.get_db_prep_save(field.get_default(), connection)
        for field in fields
        if field.column not in given and not field.null and not field.primary_key
    }


def _moment(value: datetime | None) -> str | None:
    """As Django writes it on SQLite; PostgreSQL reads it in the session's zone, which is UTC."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f") if value else None


def _staff() -> tuple[list[int], dict[int, list[int]]]:
    """Teams of different size, eight people in each; one more in the two largest, one in all, one administrator."""
    password = make_password(None)
    first = Team.objects.get()
    teams = [first, *(Team.objects.create(name=f"Team {n}", slug=f"wide-{n}") for n in range(1, len(TEAM_SHARES)))]
    people: dict[int, list[int]] = {}
    for place, team in enumerate(teams):
        for kind in CHANNELS:
            Inbox.objects.create(kind=kind, name=f"{kind} {place}", slug=f"wide-{kind}-{place}", team=team)
        made = [_person(f"t{place}p{n}", password, "agent", [team]) for n in range(PEOPLE_PER_TEAM)]
        people[team.pk] = [person.pk for person in made]
    _person("two", password, "agent", teams[:2])
    _person("all", password, "lead", teams)
    _person("admin", password, "admin", [])
    return [team.pk for team in teams], people


def _person(name: str, password: str, role: str, teams: Sequence[Team]) -> User:
    person = User.objects.create(
        email=f"{name}@wide.example", password=password, display_name=name, role=role, languages=["zh", "en"]
    )
    TeamMember.objects.bulk_create(TeamMember(team=team, user=person) for team in teams)
    return person


def _customers(count: int) -> range:
    first = (Customer.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    with write():
        people = Customer.objects.bulk_create(
            (Customer(name=f"客户{n}" if n % 3 else f"Customer {n}", language="zh") for n in range(count)),
            batch_size=BATCH,
        )
        for each in people:
            index_name(each)
        Identity.objects.bulk_create(
            (Identity(customer=each, kind="email", value=f"c{n}@wide.example") for n, each in enumerate(people)),
            batch_size=BATCH,
        )
    return range(first, first + count)


def _catch_up_sequences() -> None:
    with connection.cursor() as cursor:
        for table in ("conversations_conversation", "conversations_message"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
