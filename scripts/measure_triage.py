"""How often triage is right, head by head: `.venv/bin/python scripts/measure_triage.py [--misses HEAD] [demo tuned …]`.

It needs no database. The sets are the demo company's own conversations (`demo`, the opening words alone, without
subject and channel), and messages of five trades written for this (`tuned` was looked at while the rules were
improved, `frozen` never was). Chinese and English are counted apart.
"""

from __future__ import annotations

import argparse
import csv
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from careloop.demo.content import products, threads
from careloop.demo.wording import worded
from careloop.triage.engine import metrics
from careloop.triage.engine.heads import LABELS, Heads
from careloop.triage.engine.rules import rule_classifier

WRITTEN = Path(__file__).parents[1] / "src/careloop/triage/tests/data/heads"
HEADS = ("nature", "intent", "phase", "handling_class", "emotion")
SETS = ("demo", "tuned", "frozen")
WORST_SHOWN = 6
STAND_INS = {
    "order": "HM2611034821", "price": "199", "total": "258", "days": "5", "tracking": "YC40217750933",
    "coupon": "20", "medical": "186", "phone4": "4417", "courier": "SF", "agent": "Lin", "usage": "",
}  # fmt: skip
STAND_INS_OF = {
    "zh": {"name": "李女士", "city": "杭州", "ordered": "11月3日", "soon": "11月24日", "later": "11月27日",
           "yesterday": "11月21日", "hub": "武汉"},
    "en": {"name": "Emma", "city": "Leeds", "ordered": "3 November", "soon": "24 November", "later": "27 November",
           "yesterday": "21 November", "hub": "Daventry"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and what it is, by head."""

    text: str
    truth: dict[str, str]


def demo(language: str) -> Iterator[Labelled]:
    """Every opening of the demo company's conversations, with the slots filled."""
    for thread in threads():
        if thread.lang != language:
            continue
        truth = {"nature": "nature", "phase": "phase", "handling_class": "class"}
        for variant, opening in enumerate(thread.open):
            names = thread.product if isinstance(thread.product, list) else ["essence"]
            first = products()[names[variant % len(names)]]
            second = products()[(thread.product2 or names)[variant % len(thread.product2 or names)]]
            slots = STAND_INS | STAND_INS_OF[language]
            slots |= {"product": first.short[language], "product2": second.short[language]}
            yield Labelled(
                worded(opening, slots, variant), {head: str(thread.truth[key]) for head, key in truth.items()}
            )


def written(half: str, language: str) -> Iterator[Labelled]:
    """One half of the messages of five trades."""
    with (WRITTEN / f"{half}_{language}.tsv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield Labelled(row["text"], {head: row[head] for head in HEADS})


def rows_of(name: str, language: str) -> list[Labelled]:
    """The rows of one set in one language."""
    return list(demo(language) if name == "demo" else written(name, language))


def measure(rows: list[Labelled], answers: list[Heads], head: str) -> tuple[int, int, float, list[str]]:
    """Right, judged, macro-F1, and the commonest confusions of one head."""
    judged = [
        (row.truth[head], answer[head].label) for row, answer in zip(rows, answers, strict=True) if head in row.truth
    ]
    if not judged:
        return 0, 0, 0.0, []
    table = metrics.confusion([true for true, _ in judged], [told for _, told in judged], LABELS[head])
    wrong = Counter(pair for pair in judged if pair[0] != pair[1])
    shown = [f"{true}→{told} {count}" for (true, told), count in wrong.most_common(WORST_SHOWN)]
    return sum(true == told for true, told in judged), len(judged), metrics.macro_f1(table), shown


def main() -> None:
    """Print one line a set, language and head; with --misses also the texts that were misjudged."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("sets", nargs="*", default=list(SETS))
    options.add_argument("--misses", default="", choices=["", *HEADS], help="print the misjudged texts of this head")
    chosen = options.parse_args()
    classifier = rule_classifier()
    classifier.predict("warm up")
    texts, seconds = 0, 0.0
    for name in chosen.sets:
        for language in ("zh", "en"):
            rows = rows_of(name, language)
            begun = time.process_time()
            answers = [classifier.predict(row.text) for row in rows]
            seconds += time.process_time() - begun
            texts += len(rows)
            for head in HEADS:
                right, judged, f1, worst = measure(rows, answers, head)
                if judged:
                    share = f"{right}/{judged} = {right / judged:.1%}"
                    print(f"{name:7}{language}  {head:15}{share:19} macro-F1 {f1:.3f}  {', '.join(worst)}")
            if chosen.misses:
                _print_misses(rows, answers, chosen.misses)
    print(f"{texts} texts, {texts / max(seconds, 1e-9):.0f} a second of one core, one at a time")


def _print_misses(rows: list[Labelled], answers: list[Heads], head: str) -> None:
    for row, answer in zip(rows, answers, strict=True):
        told = answer[head]
        if head in row.truth and row.truth[head] != told.label:
            text = re.sub(r"\s+", " ", row.text)[:160]
            print(f"    {row.truth[head]} → {told.label} {told.confidence:.2f} {'; '.join(told.reasons)} | {text}")


if __name__ == "__main__":
    main()
