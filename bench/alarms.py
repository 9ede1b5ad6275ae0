"""Alarms: how many crises triage finds, how often it cries wolf, how often it grades a message rightly.

Four sets: the sentences frozen beside the tests of triage, the unseen ones of another hand, those that tell a danger
indirectly (see the READMEs there: never learn from them), and the openings of the demo threads with the truth written
beside them. "Shown" is a signal in the panel, "stops" one that is sure enough to stop the desk. No database is opened.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from bench.figures import table

ROOT = Path(__file__).parents[1] / "src" / "careloop"
DATA = ROOT / "triage" / "tests" / "data"
THREADS = ROOT / "demo" / "data" / "threads"
SIGNALS = ("injury", "safety", "self_harm", "fraud", "legal", "media", "regulator")
ANY = "any"
DRAWS = 1_000
SEED = 20261122


@dataclass(frozen=True, slots=True)
class Message:
    """A text with what a person says of it."""

    text: str
    severity: str
    signals: frozenset[str]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a person says, and what triage says at both levels."""

    true: Message
    severity: str
    shown: frozenset[str]
    stops: frozenset[str]


def measure() -> dict[str, Any]:
    found = {name: judge(messages) for name, messages in sets().items()}
    return {
        "alarms": [row for name, judged in found.items() for row in _alarms(name, judged)],
        "severity": [_graded(name, judged) for name, judged in found.items()],
        "openings": _openings([one for name, judged in found.items() if name.startswith("demo") for one in judged]),
    }


def show(result: dict[str, Any]) -> str:
    tables = (result["alarms"], result["severity"], [result["openings"]])
    return "\n\n".join(table(rows) for rows in tables)


def sets() -> dict[str, list[Message]]:
    """The frozen set, the unseen and the indirect one, and the demo openings, each by language."""
    return {
        **{
            f"{name} {language}": list(kept(name, language))
            for name in ("frozen", "unseen", "indirect")
            for language in ("zh", "en")
        },
        **{f"demo {language}": list(openings(language)) for language in ("zh", "en")},
    }


def kept(name: str, language: str) -> Iterator[Message]:
    for line in (DATA / name / f"{language}.tsv").read_text(encoding="utf-8").splitlines():
        severity, signals, _, text = line.split("\t")
        yield Message(text, severity, frozenset(signals.split(",")) - {"none"})


def openings(language: str) -> Iterator[Message]:
    """Every wording of every first message; slots stay as they are written, `<product>`."""
    for file in sorted(THREADS.glob(f"{language}_*.yaml")):
        for thread in yaml.safe_load(file.read_text(encoding="utf-8")):
            truth, opened = thread["truth"], thread["open"]
            for text in [opened] if isinstance(opened, str) else opened:
                yield Message(text, truth["severity"], frozenset(truth.get("crisis", ())))


def judge(messages: Sequence[Message]) -> list[Judged]:
    from careloop.triage.engine.classifier import understand

    enough = _least_confidence()
    judged = []
    for message in messages:
        heads = understand(message.text)
        crisis = heads["crisis"]
        shown = frozenset(crisis.labels or ())
        stops = frozenset(name for name, chance in crisis.ranked if name in shown and chance >= enough)
        judged.append(Judged(message, heads["severity"].label, shown, stops))
    return judged


def _least_confidence() -> float:
    """What the desk asks for; its room holds models, hence needs Django to be set up."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "careloop.config.settings")
    import django

    django.setup()
    from careloop.sla.facts import LEAST_CONFIDENCE

    return LEAST_CONFIDENCE


def _alarms(name: str, judged: Sequence[Judged]) -> Iterator[dict[str, Any]]:
    for signal in (ANY, *SIGNALS):
        true = np.array([_has(one.true.signals, signal) for one in judged])
        row: dict[str, Any] = {"set": name, "signal": signal, "n": len(judged), "true": int(true.sum())}
        if not true.any():
            continue
        for level in ("shown", "stops"):
            said = np.array([_has(getattr(one, level), signal) for one in judged])
            row |= {
                f"{level}_recall": _with_interval(true, said, _recall),
                f"{level}_precision": _with_interval(true, said, _precision),
            }
        yield row


def _has(signals: frozenset[str], signal: str) -> bool:
    return bool(signals) if signal == ANY else signal in signals


def _recall(true: Any, said: Any) -> float:
    return float((true & said).sum() / true.sum()) if true.any() else float("nan")


def _precision(true: Any, said: Any) -> float:
    return float((true & said).sum() / said.sum()) if said.any() else float("nan")


def _with_interval(true: Any, said: Any, share: Any) -> str:
    """The share and the middle 95 % of it over rows drawn again (bootstrap)."""
    generator = np.random.default_rng(SEED)
    draws = [share(true[rows], said[rows]) for rows in generator.integers(0, len(true), (DRAWS, len(true)))]
    kept = [draw for draw in draws if not np.isnan(draw)]
    if not kept:
        return "–"
    low, high = np.percentile(kept, (2.5, 97.5))
    return f"{share(true, said):.3f} ({low:.2f}–{high:.2f})"


def _graded(name: str, judged: Sequence[Judged]) -> dict[str, Any]:
    levels = ("minor", "moderate", "severe")
    right = np.array([one.severity == one.true.severity for one in judged])
    row: dict[str, Any] = {"set": name, "n": len(judged), "right": int(right.sum())}
    row["accuracy"] = _with_interval(np.ones(len(judged), dtype=bool), right, _recall)
    for level in levels:
        of_it = [one for one in judged if one.true.severity == level]
        row[level] = f"{sum(one.severity == level for one in of_it)}/{len(of_it)}"
    return row


def _openings(judged: Sequence[Judged]) -> dict[str, Any]:
    """A true one counts as found when any of its own signals is."""
    quiet = [one for one in judged if not one.true.signals]
    crises = [one for one in judged if one.true.signals]
    return {
        "harmless": len(quiet),
        "false_shown": sum(bool(one.shown) for one in quiet),
        "false_stops": sum(bool(one.stops) for one in quiet),
        "true": len(crises),
        "found_shown": sum(bool(one.shown & one.true.signals) for one in crises),
        "found_stops": sum(bool(one.stops & one.true.signals) for one in crises),
    }
