"""The parts of a score as a person reads them (mission 12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from careloop.routing.models import QueueEntry
from careloop.routing.priority import ORDINARY, PREEMPTS
from careloop.routing.reasons import explain


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
    return Explanation(entry.tier, _headline(entry), index, _parts(entry, hours), explain(entry.held_because))


def _headline(entry: QueueEntry) -> str:
    if entry.tier == PREEMPTS:
        return _("Before everything: danger to people or money")
    if entry.tier == ORDINARY:
        return _("By weight and waiting time")
    return _("A legal deadline is close")


def _parts(entry: QueueEntry, hours: float) -> list[Part]:
    case, points, inputs = entry.parts["case"], entry.parts["parts"], entry.parts["inputs"]
    severities = {"minor": _("minor"), "moderate": _("moderate"), "severe": _("severe")}
    yes, no = _("yes"), _("no")
    return [
        Part(_("Severity"), severities.get(inputs["severity"], _("not known")), f"+{points['severity']:.2f}"),
        Part(_("Customer value"), "VIP" if inputs["is_vip"] else f"{case['value']:.0%}", f"+{points['value']:.2f}"),
        Part(_("Source"), f"{case['source']:.0%}", f"+{points['source']:.2f}"),
        Part(
            _("Reopened or late"),
            yes if case["is_reopened"] or case["is_late"] else no,
            f"×{points['factor']:.2f}",
        ),
        Part(
            _("Waiting, against the target"),
            _("%(waited).1f h of %(target).1f h") % {"waited": hours, "target": case["target_hours"]},
            f"×{hours / case['target_hours']:.2f}",
        ),
        Part(
            _("Expected work"),
            _("%(hours).2f h") % {"hours": case["handling_hours"]},
            f"÷{max(case['handling_hours'], 0.1):.2f}",
        ),
    ]
