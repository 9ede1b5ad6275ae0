"""How the last months would have gone under other weights: asked for, computed apart, stopped, adopted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import IO, TYPE_CHECKING, Any

import structlog
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.accounts.permissions import Permission, require
from careloop.common.errors import Conflict, InvalidInput
from careloop.common.events import record
from careloop.common.transaction import write, writes
from careloop.conversations.models import Conversation
from careloop.routing import events
from careloop.routing.models import LEAST_VALUE_OF_VIP, UNKNOWN, PriorityWeights, Simulation
from careloop.routing.replaying import Turn
from careloop.routing.scoring import DANGERS, current_weights, importance_of
from careloop.routing.services.weighing import FIELDS, change_weights
from careloop.sla.facts import from_json
from careloop.sla.models import Clock

if TYPE_CHECKING:
    from careloop.accounts.models import User

log = structlog.get_logger(__name__)

State = Simulation.State
DAYS_A_MONTH = 30
MOST_TURNS = 200_000
SECONDS_AT_MOST = 1800
COMMAND = (sys.executable, "-m", "careloop.routing.replay_apart")
# Where Python is and what it may import; neither the secret key nor the database.
PASSED_ON = ("PATH", "PYTHONPATH", "HOME", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH")
_ORDER = ("severe", "moderate", "minor")


@writes
def ask(*, by: User, months: int, **changes: Any) -> Simulation:
    """Wish to see the last ``months`` (1 to 3, of 30 days) under these weights. Records ``simulation.asked``.

    Raises NotAllowed for people who may not change weights, InvalidInput and ValidationError for what makes no sense.
    """
    require(by, Permission.PRIORITY_EDIT)
    if months not in (1, 2, 3):
        raise InvalidInput("bad_months", _("Choose one, two or three months."))
    now, current = timezone.now(), current_weights()
    in_force = {field: getattr(current, field) for field in FIELDS}
    proposed = PriorityWeights(**{**in_force, **changes})
    proposed.clean()
    simulation = Simulation.objects.create(
        asked_by=by, asked_at=now, since=now - timedelta(days=DAYS_A_MONTH * months), until=now,
        current=in_force, proposed={field: getattr(proposed, field) for field in FIELDS},
    )  # fmt: skip
    record(events.SIMULATION_ASKED, by=by, subject="simulation", subject_id=simulation.pk, data={"months": months})
    return simulation


def run(number: int) -> None:
    """Replay in a child process; its progress and result are kept with the row. Nothing for one that was stopped."""
    simulation = Simulation.objects.select_related("asked_by").filter(pk=number).first()
    if simulation is None or not _move(number, State.RUNNING, done=0.0):
        return
    given = _given(simulation)
    if len(given["turns"]) > MOST_TURNS:
        _move(number, State.FAILED, reason=Simulation.Reason.TOO_MUCH)
        return
    try:
        result = _replayed_apart(number, given)
    except (OSError, ValueError) as error:
        log.exception("a simulation failed", simulation=number, error=str(error))
        _move(number, State.FAILED, reason=Simulation.Reason.BROKE)
        return
    if result is not None:
        _move(number, State.DONE, done=1.0, result=result, finished_at=timezone.now())


@writes
def stop(simulation: Simulation, *, by: User) -> None:
    """Not wanted any more: the process ends at its next word."""
    require(by, Permission.PRIORITY_EDIT)
    Simulation.objects.unfinished().filter(pk=simulation.pk).update(state=State.STOPPED)


def adopt(simulation: Simulation, *, by: User) -> PriorityWeights:
    """Use the weights that were tried; the queue is scored anew. Raises Conflict while the replay is not done."""
    if simulation.state != State.DONE:
        raise Conflict("not_done", _("Only weights whose replay is done can be taken over from here."))
    return change_weights(by=by, **simulation.proposed)


def turns_seen_by(user: User, since: datetime, until: datetime) -> Iterator[Turn]:
    """First answers owed in this stretch, of conversations this person may see; hours count from ``since``."""
    clocks = (
        Clock.objects.filter(kind=Clock.Kind.FIRST_RESPONSE, started_at__lt=until)
        .filter(Q(stopped_at__gte=since) | Q(stopped_at=None))
        .filter(conversation__in=Conversation.objects.visible_to(user).values("pk"))
        .select_related("conversation__customer", "conversation__inbox", "conversation__queue_entry")
        .order_by("pk")
    )
    for clock in clocks.iterator(chunk_size=1_000):
        yield _turn(clock, since)


def _turn(clock: Clock, since: datetime) -> Turn:
    facts, conversation = from_json(clock.facts), clock.conversation
    customer, entry = conversation.customer, getattr(conversation, "queue_entry", None)
    stopped = _hours(clock.stopped_at, since) if clock.stopped_at else None
    has_left = clock.state == Clock.State.CANCELLED
    return Turn(
        id=conversation.pk,
        team=conversation.team_id or 0,
        arrived=_hours(clock.started_at, since),
        due=_hours(clock.due_at, since),
        target_hours=clock.target_seconds / 3600,
        severity=next((label for label in _ORDER if label in facts.get("severity", ())), UNKNOWN),
        handling_class=max(facts.get("handling_class", ()), default=UNKNOWN),
        nature=max(facts.get("nature", ()), default=UNKNOWN),
        value=max(customer.spend_percentile, LEAST_VALUE_OF_VIP if customer.is_vip else 0.0),
        source=importance_of({
            "inbox": conversation.inbox.slug, "channel": conversation.channel,
            "channel_kind": conversation.channel_kind, "source": max(facts.get("source", ()), default=""),
        }),
        is_danger=bool(facts.get("crisis", frozenset()) & DANGERS) or bool(entry and entry.is_flagged),
        answered=None if has_left else stopped,
        left=stopped if has_left else None,
    )  # fmt: skip


def _given(simulation: Simulation) -> dict[str, Any]:
    turns = turns_seen_by(simulation.asked_by, simulation.since, simulation.until)
    rules = {"current": _rule(simulation.current), "proposed": _rule(simulation.proposed)}
    return {"turns": [asdict(turn) for turn in turns], "end": _hours(simulation.until, simulation.since), **rules}


def _rule(weights: dict[str, Any]) -> dict[str, Any]:
    plain = {name: weights[name] for name in ("severity", "value", "source", "late_factor", "gamma")}
    return {"weights": plain, "severities": weights["severities"], "handling_hours": weights["handling_hours"]}


def _replayed_apart(number: int, given: dict[str, Any]) -> dict[str, Any] | None:
    """The child's last word; None when somebody stopped it. Raises ValueError when it ends without one."""
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    child = subprocess.Popen(  # noqa: S603 - our own words
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
    )
    watch = threading.Timer(SECONDS_AT_MOST, child.kill)
    watch.start()
    try:
        assert child.stdin is not None
        assert child.stdout is not None
        json.dump(given, child.stdin)
        child.stdin.close()
        return _listened(number, child.stdout)
    finally:
        watch.cancel()
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()


def _listened(number: int, said: IO[str]) -> dict[str, Any] | None:
    told = 0.0
    for line in said:
        word: dict[str, Any] = json.loads(line)
        if "result" in word:
            result: dict[str, Any] = word["result"]
            return result
        if word["done"] - told >= 0.02:
            told = word["done"]
            if not _move(number, State.RUNNING, done=told):
                return None
    raise ValueError("the replay ended without a result")


def _move(number: int, state: str, **fields: Any) -> bool:
    """Change the row unless it is finished or was stopped; False then."""
    with write():
        return bool(Simulation.objects.unfinished().filter(pk=number).update(state=state, **fields))


def _hours(moment: datetime, since: datetime) -> float:
    return (moment - since).total_seconds() / 3600
