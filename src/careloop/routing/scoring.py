"""From what is known about a conversation to a scored place in the queue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils import timezone

from careloop.common.remembering import remembered
from careloop.conversations.models import Conversation
from careloop.routing.models import (
    HANDLING_HOURS,
    LEAST_VALUE_OF_VIP,
    SEVERITIES,
    UNKNOWN,
    PriorityWeights,
    QueueEntry,
    SourceImportance,
)
from careloop.routing.priority import Case, score
from careloop.sla.facts import Facts
from careloop.sla.models import Clock

WEIGHTS, SOURCES = "routing.weights", "routing.sources"
DANGERS = frozenset({"injury", "safety", "self_harm", "fraud"})
"""The crisis signals that pre-empt everything (domain brief 5.1: C1, C2, C6, C7)."""
TARGET_HOURS_WITHOUT_CLOCK = 24.0
_ORDER = ("severe", "moderate", "minor")


def inputs_of(conversation: Conversation, facts: Facts, clocks: Iterable[Clock], inbox: str) -> dict[str, Any]:
    """What the score is made of, in plain values: kept with the entry, so it can be scored again alone."""
    pressing = [clock for clock in clocks if clock.is_pressing]
    clock = _governing(pressing)
    customer = conversation.customer
    return {
        "severity": next((label for label in _ORDER if label in facts.get("severity", ())), UNKNOWN),
        "handling_class": max(facts.get("handling_class", ()), default=UNKNOWN),
        "value": max(customer.spend_percentile, LEAST_VALUE_OF_VIP if customer.is_vip else 0.0),
        "is_vip": customer.is_vip,
        "sources": {
            "inbox": inbox,
            "channel": conversation.channel,
            "channel_kind": conversation.channel_kind,
            "source": max(facts.get("source", ()), default=""),
        },
        "target_hours": clock.target_seconds / 3600 if clock else TARGET_HOURS_WITHOUT_CLOCK,
        "row": clock.policy_row if clock else "",
        "is_late": any(each.state == Clock.State.BREACHED for each in pressing),
        "statutory": _statutory(pressing, timezone.now()),
        "dangers": sorted(facts.get("crisis", frozenset()) & DANGERS),
    }


def place(
    entry: QueueEntry, inputs: Mapping[str, Any], weights: PriorityWeights, importance: float | None = None
) -> QueueEntry:
    """Give the entry its tier and class from these inputs. Changes the object, writes nothing."""
    if importance is None:
        importance = importance_of(inputs["sources"])
    case = Case(
        severity=weights.severities.get(inputs["severity"], SEVERITIES[UNKNOWN]),
        value=inputs["value"],
        source=importance,
        target_hours=inputs["target_hours"],
        handling_hours=weights.handling_hours.get(inputs["handling_class"], HANDLING_HOURS[UNKNOWN]),
        is_reopened=entry.is_reopened,
        is_late=inputs["is_late"],
        is_danger=entry.is_flagged or bool(inputs["dangers"]),
        **_legal_time(inputs.get("statutory")),
    )
    found = score(case, weights.as_weights())
    entry.tier, entry.klass = found.tier, found.klass
    entry.parts = {"inputs": dict(inputs), "case": asdict(case), **found.as_dict()}
    entry.weights_version = weights.version
    return entry


def importance_of(sources: Mapping[str, str]) -> float:
    """The highest importance that any of these sources was given; one half when none was."""
    known = remembered(SOURCES, _read_sources)
    return max((known[source] for source in sources.items() if source in known), default=SourceImportance.ORDINARY)


def current_weights() -> PriorityWeights:
    """The weights in force; the documented ones while nobody has saved any."""
    return remembered(WEIGHTS, lambda: PriorityWeights.objects.filter(pk=1).first() or PriorityWeights())


def _read_sources() -> dict[tuple[str, str], float]:
    return {(row.fact, row.value): row.importance for row in SourceImportance.objects.all()}


def _governing(clocks: Iterable[Clock]) -> Clock | None:
    """The clock whose target is D: the answer owed, else the solution. Those of a law have a tier of their own."""
    promised = [clock for clock in clocks if not clock.is_by_law]
    return min(promised, key=lambda clock: (clock.kind == Clock.Kind.RESOLUTION, clock.due_at), default=None)


def _statutory(clocks: Iterable[Clock], now: datetime) -> dict[str, Any] | None:
    """The deadline of a law that comes close first. It is scored anew when it does (``sla.services.watching``)."""
    by_law = [clock for clock in clocks if clock.is_by_law]
    first = min(by_law, key=lambda clock: (clock.warn_at > now, clock.due_at), default=None)
    if first is None:
        return None
    return {
        "row": first.policy_row,
        "due_at": first.due_at.isoformat(),
        "slack_hours": (first.due_at - now).total_seconds() / 3600,
        "close_hours": (first.due_at - first.warn_at).total_seconds() / 3600,
    }


def _legal_time(statutory: Mapping[str, Any] | None) -> dict[str, float]:
    if statutory is None:
        return {}
    return {
        "statutory_slack_hours": statutory["slack_hours"],
        "statutory_close_hours": statutory["close_hours"],
    }
