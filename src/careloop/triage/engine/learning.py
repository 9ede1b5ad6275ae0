"""Learning apart: a process of its own that trains a challenger and judges it against the champion.

`python -m careloop.triage.engine.learning FOLDER` reads `request.json` there and writes `model.npz` and
`answer.json` beside it. It knows no database, no secret and no network, makes way for everything else on the
machine, and nothing it does is of consequence until the desk takes its answer.

The held-out rows are the latest labels: those of the last weeks, but at most 3 in 10. The challenger never sees them,
and the model that is judged is the model that will answer: it is not trained once more on all rows, because then the
next comparison would ask the champion about rows it knows by heart.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from careloop.common.errors import CareloopError
from careloop.triage.engine.classifier import classifier_from
from careloop.triage.engine.comparing import Answers, compare
from careloop.triage.engine.encoder.encoder import encoder_of_environment
from careloop.triage.engine.examples import Examples, distinct_positions
from careloop.triage.engine.heads import Context
from careloop.triage.engine.hybrid import AnyModel, load, save
from careloop.triage.engine.training import train_with

MOST_HELD_OUT_SHARE: Final = 0.3
MOST_HELD_OUT: Final = 5_000
FEWEST_TO_HOLD_OUT_FROM: Final = 40
REQUEST, ANSWER, MODEL = "request.json", "answer.json", "model.npz"


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled conversation: its first words, what it is, since when we know, and who says so."""

    text: str
    label: str
    at: str
    channel: str = ""
    is_vip: bool = False
    by_person: bool = True


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be learned. `champion` is a file that was verified, or empty when the rules answer alone."""

    head: str
    rows: list[Row]
    now: str
    held_out_weeks: int
    champion: str = ""
    champion_trained_until: str = ""

    def as_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


def split(request: Request) -> tuple[list[Row], list[Row]]:
    """Rows to train on and rows held out: the latest labels, which neither model has seen nor read elsewhere."""
    rows = sorted(request.rows, key=lambda row: row.at)
    if len(rows) < FEWEST_TO_HOLD_OUT_FROM:
        return rows, []
    begin = (datetime.fromisoformat(request.now) - timedelta(weeks=request.held_out_weeks)).isoformat()
    first = sum(row.at < begin for row in rows)
    cut = max(first, round(len(rows) * (1 - MOST_HELD_OUT_SHARE)))
    training, held_out = rows[:cut], rows[cut:]
    return training, _unseen(training, held_out, request.champion_trained_until)[-MOST_HELD_OUT:]


def learn(request: Request) -> tuple[AnyModel, dict[str, Any]]:
    """The challenger, and what there is to say of it. Raises UnusableExamples when the rows cannot teach."""
    training, held_out = split(request)
    encoder = encoder_of_environment()
    examples = Examples([row.text for row in training], [row.label for row in training])
    challenger = train_with(examples, request.head, encoder)
    champion = [load(Path(request.champion), encoder)] if request.champion else []
    truth = [row.label for row in held_out]
    report = compare(
        request.head, truth, _answers(champion, request.head, held_out), _answers([challenger], request.head, held_out)
    )
    report |= {
        "from": held_out[0].at if held_out else "",
        "until": held_out[-1].at if held_out else "",
        "by_people": sum(row.by_person for row in held_out),
    }
    answer = {"info": asdict(challenger.info), "labels": challenger.labels, "comparison": report}
    return challenger, answer | {
        "by_people": sum(row.by_person for row in training),
        "trained_until": training[-1].at,
    }


def main(folder: Path) -> int:
    """0 with an answer, 2 with a sentence in it when the rows cannot be learned from."""
    os.nice(10)
    said = json.loads((folder / REQUEST).read_text(encoding="utf-8"))
    request = Request(**said | {"rows": [Row(**row) for row in said["rows"]]})
    try:
        challenger, answer = learn(request)
        save(challenger, folder / MODEL)
    except CareloopError as error:
        answer = {"refused": str(error)}
    (folder / ANSWER).write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")
    return 2 if "refused" in answer else 0


def _unseen(training: Sequence[Row], held_out: Sequence[Row], champion_trained_until: str) -> list[Row]:
    """Without texts that also occur in training and without labels that the champion may have learned from."""
    first = distinct_positions([row.text for row in (*training, *held_out)])[len(training) :]
    return [
        row
        for row, position in zip(held_out, first, strict=True)
        if position >= len(training) and row.at > champion_trained_until
    ]


def _answers(models: Sequence[AnyModel], head: str, rows: Sequence[Row]) -> Answers:
    """As the desk would answer: rules and model together."""
    contexts = [Context(channel=row.channel, is_vip=row.is_vip) for row in rows]
    told = classifier_from(models).predict_many([row.text for row in rows], contexts) if rows else []
    results = [heads[head] for heads in told if head in heads]
    if len(results) != len(rows):  # a head that no rule knows: whoever has no model for it has no answer
        return Answers([""] * len(rows), [0.0] * len(rows))
    return Answers([result.label for result in results], [float(result.confidence) for result in results])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
