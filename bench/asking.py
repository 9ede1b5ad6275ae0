"""What a very full desk is asked all day, timed inside its own Django: lists, counts, search, queue, sweeps."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from careloop.accounts.models import User
from careloop.channels.email import limits, sending
from careloop.common.jobs import tasks as jobs
from careloop.conversations import searching as said
from careloop.conversations.models import Conversation
from careloop.conversations.services.holding import wake_due
from careloop.conversations.services.posting import post_reply
from careloop.customers.models import Customer
from careloop.portal import limiter
from careloop.routing.services.queue import score_sorted, whats_next
from careloop.search import services as index
from careloop.sla.models import Clock
from careloop.workspace import customers, lists, searching

# An agent of the largest team, one of the smallest, one of two teams, the administrator.
VIEWERS = {"largest": "t0p0", "smallest": "t7p0", "two": "two", "all": "all", "admin": "admin"}
WORDS = {
    "rare": "退款",
    "common": "您好",
    "common and rare": "您好 退款",
    "common and common": "订单 您好",
    "never together": "您好 面霜 leaked",
    "unfinished word": "ord",
    "one character": "订",
    "phrase": "请帮我查一下订单",
    "nothing": "蓝鲸",
}
REPEATS = 5
LONG_SECONDS = 2.0
DEEP = 3

Work = Callable[[], object]


def measure(only: str = "") -> dict[str, dict[str, Any]]:
    """Milliseconds in the database, best of five: processor time on SQLite, where the database is this process;
    elapsed time on PostgreSQL. The statements alone: what Python makes of 30 rows is the same at any size."""
    return {name: _taken(work) for name, work in _questions() if only in name}


def plans(only: str) -> str:
    """The statements of a question and how the database means to answer them."""
    lines: list[str] = []
    for name, work in _questions():
        if only in name:
            with CaptureQueriesContext(connection) as caught:
                work()
            lines.append(f"== {name}")
            lines += [line for query in caught.captured_queries for line in _plan(query["sql"])]
    return "\n".join(lines)


def _taken(work: Work) -> dict[str, Any]:
    statements = _statements(work)
    if any(not sql.startswith(("SELECT", "(SELECT", "WITH")) for sql, _values in statements):
        return {"ms": _best(work), "statements": len(statements)}
    return {"ms": _best(lambda: _again(statements)), "statements": len(statements)}


def _statements(work: Work) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        found.append((sql, values))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(note):
        work()
    return found


def _again(statements: list[tuple[str, Any]]) -> None:
    for sql, values in statements:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            cursor.fetchall()


def _best(work: Work) -> float:
    clock = time.process_time if connection.vendor == "sqlite" else time.perf_counter
    seconds: list[float] = []
    while len(seconds) < REPEATS and sum(seconds) < LONG_SECONDS:
        start = clock()
        work()
        seconds.append(clock() - start)
    return round(min(seconds) * 1000, 3)


def _questions() -> Iterator[tuple[str, Work]]:
    for name, email in VIEWERS.items():
        user = User.objects.get(email=f"{email}@wide.example")
        user.team_ids  # noqa: B018 - read once a request
        yield from _lists(name, user)
        yield f"{name}: counts", lambda user=user: lists.counts_for(user)
        yield f"{name}: queue page", lambda user=user: score_sorted(user)
        yield f"{name}: what is next", lambda user=user: whats_next(user)
        for kind, words in WORDS.items():
            yield f"{name}: search, {kind}", lambda user=user, words=words: searching.find(user, words)
            yield f"{name}: search by API, {kind}", lambda user=user, words=words: said.find(user, words)
        yield f"{name}: customers", lambda user=user: customers.page_of(user, "")
        yield f"{name}: customers, a name", lambda user=user: customers.page_of(user, "Customer 78")
        yield f"{name}: customers, an address", lambda user=user: customers.page_of(user, "c78@wide.example")
        yield f"{name}: customers, nobody", lambda user=user: customers.page_of(user, "nobody of that name")
        person = Customer.objects.get(name="Customer 78")
        yield f"{name}: customer page", lambda user=user, person=person: customers.portrait(user, person)
    for kind, words in WORDS.items():
        yield f"index, {kind}", lambda words=words: index.find(words, limit=100)
    yield from _sweeps()


def _lists(name: str, user: User) -> Iterator[tuple[str, Work]]:
    for slug, view in lists.VIEWS.items():
        for sort in view.sorts:
            yield f"{name}: {slug} by {sort}", lambda view=view, sort=sort: lists.page_of(view, user, sort=sort)
            yield f"{name}: {slug} by {sort}, page {DEEP}", _deep(view, user, sort)


def _deep(view: lists.View, user: User, sort: str) -> Work:
    def work() -> object:
        after = cursors[0]
        return lists.page_of(view, user, sort=sort, after=after) if after else None

    after = ""
    for _ in range(DEEP - 1):
        after = lists.page_of(view, user, sort=sort, after=after).after
        if not after:
            break
    cursors = [after]
    return work


def _sweeps() -> Iterator[tuple[str, Work]]:
    now = timezone.now()
    yield "clocks to warn of", lambda: list(Clock.objects.to_warn(now).order_by("warn_at")[:50])
    yield "clocks overdue", lambda: list(Clock.objects.overdue(now).order_by("due_at")[:50])
    yield "snoozes to wake", wake_due
    yield "mails unsent", sending.unsent_ids
    yield "mail counts to forget", limits.forget_old_counts
    yield "knocks to forget", limiter.forget_knocks
    yield "jobs to forget", jobs.forget_finished_jobs.call
    yield "reply", _reply


def _reply() -> None:
    """The verb alone, and nothing of it stays."""
    conversation = Conversation.objects.filter(state="open").order_by("-pk")[0]
    author = User.objects.get(email="t0p0@wide.example")
    with transaction.atomic():
        post_reply(conversation, by=author, text="您好，已经为您处理好了。")
        transaction.set_rollback(True)


def _plan(sql: str) -> list[str]:
    if not sql.lstrip("(").upper().startswith("SELECT"):
        return [sql[:200]]
    with connection.cursor() as cursor:
        word = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN (ANALYZE, COSTS OFF)"
        cursor.execute(f"{word} {sql}")
        rows = cursor.fetchall()
    return [sql[:1500], *(f"    {row[-1]}" for row in rows)]
