"""The parts of a score as a person reads them (mission 12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from careloop.routing.models import LEAST_VALUE_OF_VIP, UNKNOWN, QueueEntry
from careloop.routing.priority import LEAST_HANDLING_HOURS, ORDINARY, PREEMPTS
from careloop.routing.reasons import explain
from careloop.sla.laws import in_words
from careloop.sla.regimes import shipped_regimes
from careloop.triage.labels import label_name


@dataclass(frozen=True)
class Part:
    """One line of the sum: what it is, what was found, and how many points it gives."""

    label: str
    found: str
    points: str


@dataclass(frozen=True)
class Explanation:
    """The score of one entry: its place, the number it has grown to, and the sum behind it."""

    tier: int
    headline: str
    index: float
    parts: list[Part]
    held: str


def explanation(entry: QueueEntry, *, now: datetime | None = None) -> Explanation:
    """Everything the priority panel shows, in the reader's language. Reads nothing."""
    now = now or timezone.now()
    hours = max((now - entry.waiting_since).total_seconds() / 3600, 0.0)
    index = (entry.parts["slope"] * hours) ** entry.parts["gamma"]
    return Explanation(entry.tier, _headline(entry), index, _parts(entry, hours, now), explain(entry.held_because))


def _headline(entry: QueueEntry) -> str:
    if entry.tier == PREEMPTS:
        return _("Before everything: danger to people or money")
    if entry.tier == ORDINARY:
        return _("By weight and waiting time")
    return _("A legal deadline is close")


def _parts(entry: QueueEntry, hours: float, now: datetime) -> list[Part]:
    """Each part with what is known about it; what is assumed for want of knowledge says so."""
    case, points, inputs = entry.parts["case"], entry.parts["parts"], entry.parts["inputs"]
    return [
        *_dangers(entry, inputs["dangers"]),
        *_laws(inputs.get("statutory"), now),
        Part(_("Severity"), _severity(inputs["severity"], case["severity"]), f"+{points['severity']:.2f}"),
        Part(_("Customer value"), _value(inputs["is_vip"], case["value"]), f"+{points['value']:.2f}"),
        Part(_("Source"), _("importance %(share)s") % {"share": f"{case['source']:.0%}"}, f"+{points['source']:.2f}"),
        Part(_("Reopened or late"), _late(case["is_reopened"], case["is_late"]), f"×{points['factor']:.2f}"),
        Part(
            _("Waiting, against the target"),
            _target(hours, case["target_hours"], has_clock=bool(inputs["row"])),
            f"×{hours / case['target_hours']:.2f}",
        ),
        Part(
            _("Expected work"),
            _work(inputs["handling_class"], case["handling_hours"]),
            f"÷{max(case['handling_hours'], LEAST_HANDLING_HOURS):.2f}",
        ),
    ]


def _dangers(entry: QueueEntry, signals: Sequence[str]) -> Iterable[Part]:
    """Why it goes before everything: the signals, or a colleague's mark."""
    if entry.is_flagged:
        yield Part(_("Danger"), _("marked by a colleague"), _("first"))
    for signal in signals:
        yield Part(_("Danger"), str(label_name("crisis", signal)), _("first"))


def _laws(statutory: Mapping[str, Any] | None, now: datetime) -> Iterable[Part]:
    """Which law's deadline counts, and how long it has; it leads from the moment it is close."""
    if statutory is None:
        return
    regime = shipped_regimes().get(statutory["row"])
    law = in_words(regime.name) if regime else statutory["row"]
    left = datetime.fromisoformat(statutory["due_at"]) - now
    said = _("%(law)s: late") if left < timedelta() else _("%(law)s: %(days).1f days left")
    known = {"law": law, "days": left / timedelta(days=1)}
    yield Part(_("Legal deadline"), said % known, _("first, when close"))


def _severity(label: str, points: float) -> str:
    severities = {"minor": _("minor"), "moderate": _("moderate"), "severe": _("severe")}
    if label in severities:
        return severities[label]
    return _("not known; %(points).2f assumed") % {"points": points}


def _value(is_vip: bool, share: float) -> str:
    if is_vip:
        return _("VIP: counts as %(share)s at least") % {"share": f"{LEAST_VALUE_OF_VIP:.0%}"}
    if share == 0:
        return _("no spend known; nothing assumed")
    return _("spends more than %(share)s of customers") % {"share": f"{share:.0%}"}


def _late(is_reopened: bool, is_late: bool) -> str:
    said = [text for holds, text in ((is_reopened, _("reopened")), (is_late, _("late"))) if holds]
    return " · ".join(said) or _("no")


def _target(hours: float, target: float, *, has_clock: bool) -> str:
    said = _("%(waited).1f h of %(target).1f h") % {"waited": hours, "target": target}
    return said if has_clock else _("%(said)s; no clock runs, the target is assumed") % {"said": said}


def _work(handling_class: str, hours: float) -> str:
    if handling_class == UNKNOWN:
        return _("%(hours).2f h assumed; its class is not known") % {"hours": hours}
    return _("%(hours).2f h, as class %(name)s takes") % {"hours": hours, "name": handling_class}
