"""Is a challenger better than the champion, or was it luck? Both answer the same rows, and the pairs are counted.

McNemar's exact test (McNemar 1947): of the rows where only one of the two is right, would a fair coin have favoured
the challenger this often? The interval of the difference is a paired bootstrap over the rows. A desk asks this again
night after night, so the bar is one in a hundred, not one in twenty.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from careloop.triage.engine import metrics
from careloop.triage.engine.heads import SEVERITY

FEWEST_JUDGED: Final = 50
CHANCE: Final = 0.01
DRAWS: Final = 2_000
SEED: Final = 42
GRAVEST: Final[Mapping[str, str]] = {SEVERITY: "severe"}  # a miss here weighs more than any gain elsewhere
CURVE: Final = tuple(round(0.3 + 0.05 * step, 2) for step in range(14))

BETTER, NOISE, WORSE, TOO_FEW = "better", "noise", "worse", "too_few"
RARE_SUFFER, GRAVE_MISSED = "rare_suffer", "grave_missed"


@dataclass(frozen=True, slots=True)
class Answers:
    """What one of the two said of every row, and how sure it was."""

    labels: list[str]
    confidences: list[float]


def compare(head: str, truth: Sequence[str], champion: Answers, challenger: Answers) -> dict[str, Any]:
    """Both on the same rows: scores with intervals, rows gained and lost, chance, and the verdict."""
    names = sorted({*truth, *champion.labels, *challenger.labels})
    gained, lost = gained_and_lost(truth, champion.labels, challenger.labels)
    report: dict[str, Any] = {
        "n": len(truth),
        "gained": gained,
        "lost": lost,
        "difference": round((gained - lost) / max(len(truth), 1), 4),
        "difference_interval": difference_interval(len(truth), gained, lost),
        "p_value": round(mcnemar(gained, lost), 6),
        "champion": _scores(truth, champion, names),
        "challenger": _scores(truth, challenger, names),
    }
    return report | {"verdict": verdict(head, report)}


def gained_and_lost(truth: Sequence[str], champion: Sequence[str], challenger: Sequence[str]) -> tuple[int, int]:
    """On how many rows the challenger alone is right, and on how many the champion alone."""
    rows = list(zip(truth, champion, challenger, strict=True))
    gained = sum(new == true != old for true, old, new in rows)
    return gained, sum(old == true != new for true, old, new in rows)


def mcnemar(gained: int, lost: int) -> float:
    """Two-sided exact probability of so uneven a split of the rows where only one is right."""
    uneven = gained + lost
    if uneven == 0:
        return 1.0
    tail = sum(math.exp(_log_choose(uneven, k) - uneven * math.log(2)) for k in range(min(gained, lost) + 1))
    return min(1.0, 2 * tail)


def difference_interval(count: int, gained: int, lost: int) -> list[float]:
    """95 % paired bootstrap of the challenger's accuracy less the champion's."""
    if count == 0:
        return [-1.0, 1.0]
    shares = [gained / count, lost / count, (count - gained - lost) / count]
    drawn = np.random.default_rng(SEED).multinomial(count, shares, size=DRAWS)
    differences = (drawn[:, 0] - drawn[:, 1]) / count
    return [round(float(np.quantile(differences, share)), 4) for share in (0.025, 0.975)]


def verdict(head: str, report: Mapping[str, Any]) -> str:
    """Better beyond noise, and if not, why not. The rule in words is in docs/models.md."""
    if report["n"] < FEWEST_JUDGED:
        return TOO_FEW
    if report["p_value"] >= CHANCE:
        return NOISE
    if report["difference"] < 0:
        return WORSE
    old, new = report["champion"], report["challenger"]
    gravest = GRAVEST.get(head, "")
    if gravest in old["per_class"] and new["per_class"][gravest]["recall"] < old["per_class"][gravest]["recall"]:
        return GRAVE_MISSED
    return RARE_SUFFER if new["macro_f1"] < old["macro_f1"] else BETTER


def _scores(truth: Sequence[str], answers: Answers, names: list[str]) -> dict[str, Any]:
    table = metrics.confusion(truth, answers.labels, names)
    return {
        "accuracy": round(metrics.accuracy(table), 4),
        "accuracy_interval": metrics.wilson(metrics.accuracy(table), len(truth)),
        "macro_f1": round(metrics.macro_f1(table), 4),
        "per_class": metrics.per_class(table, names),
        "confusion": {"labels": names, "table": table.tolist()},
        "curve": _curve(truth, answers),
    }


def _curve(truth: Sequence[str], answers: Answers) -> list[dict[str, float]]:
    """For each threshold: what share is answered without asking a person, and how much of that is right."""
    right = np.array([a == b for a, b in zip(truth, answers.labels, strict=True)], dtype=bool)
    sure = np.array(answers.confidences, dtype=float)
    points = []
    for threshold in CURVE:
        answered = sure >= threshold
        if answered.any():
            accuracy = round(float(right[answered].mean()), 4)
            points.append({"threshold": threshold, "answered": round(float(answered.mean()), 4), "accuracy": accuracy})
    return points


def _log_choose(count: int, chosen: int) -> float:
    return math.lgamma(count + 1) - math.lgamma(chosen + 1) - math.lgamma(count - chosen + 1)
