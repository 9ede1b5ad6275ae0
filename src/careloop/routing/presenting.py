"""A replay as a person reads it: spans in words, labels by name, conversations only as far as they may be seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from careloop.conversations.models import Conversation
from careloop.routing.forms import CLASS_LABELS, SEVERITY_LABELS
from careloop.routing.models import PriorityWeights, Simulation
from careloop.triage.labels import label_name

if TYPE_CHECKING:
    from careloop.accounts.models import User

FEW = 20
"""Below this many turns a group's figures are said to be weak."""


@dataclass(frozen=True)
class Cell:
    """The figures of one way of serving a group, and whether its mean is better or worse than with today's rule."""

    mean: str
    p90: str
    within: str
    trend: str = ""


@dataclass(frozen=True)
class Row:
    label: str
    n: int
    waiting: int
    is_weak: bool
    actual: Cell
    current: Cell
    proposed: Cell


@dataclass(frozen=True)
class Group:
    title: str
    rows: list[Row]


@dataclass(frozen=True)
class Wait:
    """One conversation that would have waited longer or shorter."""

    conversation: Conversation
    severity: str
    actual: str
    current: str
    proposed: str
    difference: str


@dataclass(frozen=True)
class Change:
    """A number that was tried and differs from the one in force."""

    label: str
    old: float
    new: float


@dataclass(frozen=True)
class Presented:
    counts: Mapping[str, int]
    changes: list[Change]
    groups: list[Group]
    more: list[Wait]
    less: list[Wait]


def present(simulation: Simulation, user: User) -> Presented:
    """The result for this person, in their language. One query, for the conversations that are named."""
    result: dict[str, Any] = simulation.result or {}
    named = [*result["longest_more"], *result["longest_less"]]
    seen = Conversation.objects.visible_to(user).select_related("customer").in_bulk([each["id"] for each in named])
    return Presented(
        counts={name: result[name] for name in ("turns", "left", "longer", "shorter", "same")},
        changes=list(_changes(simulation)),
        groups=list(_groups(result["lines"])),
        more=_waits(result["longest_more"], seen),
        less=_waits(result["longest_less"], seen),
    )


def span(hours: float | None) -> str:
    """Minutes below two hours, hours below two days, else days."""
    if hours is None:
        return "–"
    if hours < 2:
        return _("%(n).0f min") % {"n": hours * 60}
    return _("%(n).1f h") % {"n": hours} if hours < 48 else _("%(n).1f d") % {"n": hours / 24}


def _groups(lines: Iterable[Mapping[str, Any]]) -> Iterable[Group]:
    titles = {"all": _("All"), "tier": _("By tier"), "severity": _("By severity"), "nature": _("By nature")}
    known = list(lines)
    for by, title in titles.items():
        rows = [_row(line) for line in known if line["by"] == by]
        if rows:
            yield Group(title, rows)


def _row(line: Mapping[str, Any]) -> Row:
    before, after = line["current"]["mean_hours"], line["proposed"]["mean_hours"]
    return Row(
        label=_label(line["by"], line["label"]),
        n=line["proposed"]["n"],
        waiting=line["proposed"]["waiting"],
        is_weak=line["proposed"]["n"] < FEW,
        actual=_cell(line["actual"]),
        current=_cell(line["current"]),
        proposed=_cell(line["proposed"], _trend(before, after)),
    )


def _cell(found: Mapping[str, Any], trend: str = "") -> Cell:
    share = found["within_target"]
    return Cell(span(found["mean_hours"]), span(found["p90_hours"]), "–" if share is None else f"{share:.0%}", trend)


def _trend(before: float | None, after: float | None) -> str:
    """What a reader's eye should go to: a mean that moved by more than two in a hundred."""
    if before is None or after is None or abs(after - before) <= 0.02 * before:
        return ""
    return "better" if after < before else "worse"


def _label(by: str, label: str) -> str:
    if by == "tier":
        return _("Danger to people or money") if label == "0" else _("Everything else")
    if by == "severity":
        return str(SEVERITY_LABELS.get(label, label))
    if by == "nature":
        return _("Not judged yet") if label == "unknown" else str(label_name("nature", label))
    return _("All first answers")


def _waits(changed: Iterable[Mapping[str, Any]], seen: Mapping[int, Conversation]) -> list[Wait]:
    return [
        Wait(
            conversation=seen[each["id"]],
            severity=str(SEVERITY_LABELS.get(each["severity"], each["severity"])),
            actual=span(each["actual"]),
            current=span(each["current"]),
            proposed=span(each["proposed"]),
            difference=("+" if each["proposed"] > each["current"] else "−")
            + span(abs(each["proposed"] - each["current"])),
        )
        for each in changed
        if each["id"] in seen
    ]


def _changes(simulation: Simulation) -> Iterable[Change]:
    for field in ("severity", "value", "source", "late_factor", "gamma"):
        label = str(_verbose(field))
        yield from _changed(label, simulation.current[field], simulation.proposed[field])
    for field, labels in (("severities", SEVERITY_LABELS), ("handling_hours", CLASS_LABELS)):
        for key, old in simulation.current[field].items():
            label = f"{_verbose(field)}: {labels[key]}"
            yield from _changed(label, old, simulation.proposed[field][key])


def _changed(label: str, old: float, new: float) -> Iterable[Change]:
    if old != new:
        yield Change(label, old, new)


def _verbose(field: str) -> object:
    return PriorityWeights._meta.get_field(field).verbose_name  # type: ignore[union-attr]
