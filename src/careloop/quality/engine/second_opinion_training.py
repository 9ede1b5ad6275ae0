"""Build the learned second opinion: `python -m careloop.quality.engine.second_opinion_training`.

It learns from `data/sentences` and from the hand-written replies of `tests/corpus`, save those of the held half. Of a
bad reply nobody has marked which sentence is the bad one: the model of the round before chooses it. Needs
scikit-learn (the extra `train`); what it writes is read with numpy alone.
"""

import hashlib
import json
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from careloop.common.text import fold
from careloop.quality.engine.context import Context
from careloop.quality.engine.expressions import read_data
from careloop.quality.engine.reply import LANGUAGES, Reply
from careloop.quality.engine.second_opinion import (
    BUCKETS,
    HEADS,
    MODEL,
    SecondOpinion,
    features,
    has_evidence,
    own_sentences,
)

SENTENCES = Path(__file__).parent.parent / "data" / "sentences"
CORPUS = Path(__file__).parent.parent / "tests" / "corpus"
HELD = "unseen_held"
QUIET = "quiet"
FOLDS = 5
MOST_QUIET, MOST_CLOSE = 0.003, 0.005
ROUNDS = 3
STRENGTH = 30.0
_ABOUT_TROUBLE = ("empathy", "business", "nobusiness")
_LEXICAL = ("blame_shifting", "over_promise", "curt_or_robotic")


@dataclass(frozen=True, slots=True)
class Example:
    """The sentences of one text, and for each head that may learn from it whether one of them is meant."""

    sentences: tuple[str, ...]
    meant: dict[str, bool]
    is_quiet: bool = False

    @property
    def fold(self) -> int:
        """Which part of the cross-validation it belongs to: the same sentence always to the same."""
        return zlib.crc32("".join(self.sentences).encode()) % FOLDS


def examples(language: str) -> list[Example]:
    """Everything there is to learn from in one language."""
    found = [*_from_sentences(language), *_from_corpus(language)]
    return [each for each in found if each.sentences]


def _from_sentences(language: str) -> Iterator[Example]:
    for line in (SENTENCES / f"{language}.tsv").read_text(encoding="utf-8").splitlines():
        label, _, text = line.partition("\t")
        yield Example((fold(text),), {head: head == label for head in _taught_by_sentence(label)}, label == QUIET)


def _taught_by_sentence(label: str) -> tuple[str, ...]:
    """The heads that learn from a sentence: a rude one may shift blame as well and says nothing about that head."""
    if label in _LEXICAL:
        return (label, "empathy")
    if label == QUIET:
        return _LEXICAL
    return HEADS if label in _ABOUT_TROUBLE else HEADS[:-1]


def _from_corpus(language: str) -> Iterator[Example]:
    for check in (*_LEXICAL, "missing_empathy"):
        for line in (CORPUS / f"{check}.{language}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["part"] != HELD:
                yield Example(_sentences(row["text"], language), _taught_by(check, row["expected"]))


def _taught_by(check: str, expected: bool) -> dict[str, bool]:
    if check == "missing_empathy":
        return {"empathy": not expected, "blame_shifting": False, "over_promise": False}
    if expected or check == "curt_or_robotic":
        return {check: expected}
    return {"blame_shifting": False, "over_promise": False, check: False}


def _sentences(text: str, language: str) -> tuple[str, ...]:
    reply = Reply.read(text, language=language, kind="", context=Context())
    return tuple(reply.slice(span) for span in own_sentences(reply))


def fit(taught: Sequence[Example], language: str) -> SecondOpinion:
    """One logistic regression a head; the order of the examples does not matter to it."""
    columns = [_fit_head(taught, head, language) for head in HEADS]
    weights = np.stack([weights for weights, _ in columns], axis=1).astype(np.float32)
    return SecondOpinion(weights, np.array([intercept for _, intercept in columns], dtype=np.float32))


def _fit_head(taught: Sequence[Example], head: str, language: str) -> tuple[np.ndarray, float]:
    sentences: list[str] = []
    bags: list[range] = []
    clean: list[int] = []
    for each in taught:
        if head in each.meant:
            rows = range(len(sentences), len(sentences) + len(each.sentences))
            sentences.extend(each.sentences)
            if each.meant[head]:
                bags.append(rows)
            else:
                clean.extend(rows)
    table = _table(sentences, language)
    chosen = [rows[0] for rows in bags if len(rows) == 1]
    for _ in range(ROUNDS):
        wanted = np.r_[np.ones(len(chosen)), np.zeros(len(clean))]
        model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=1000)
        model.fit(table[chosen + clean], wanted)
        scores = model.decision_function(table)
        chosen = [max(rows, key=lambda row: scores[row]) for rows in bags]
    return model.coef_[0], float(model.intercept_[0])


def _table(sentences: Sequence[str], language: str) -> sparse.csr_matrix:
    owners, rows = features(sentences, language)
    counts = np.bincount(owners, minlength=len(sentences))
    values = np.repeat(1 / np.sqrt(counts), counts)
    return sparse.csr_matrix((values, (owners, rows)), shape=(len(sentences), BUCKETS))


def limits(language: str) -> dict[str, tuple[float, float]]:
    """Where the score of each check must begin, and how much of what is meant is then found; all out of fold."""
    seen: dict[str, dict[str, list[float]]] = {head: {"quiet": [], "close": [], "meant": []} for head in _LEXICAL}
    known = examples(language)
    for part in range(FOLDS):
        model = fit([each for each in known if each.fold != part], language)
        for each in known:
            if each.fold == part:
                _note(seen, each, model, language)
    return {head: _limit(scores) for head, scores in seen.items()}


def _note(seen: dict[str, dict[str, list[float]]], each: Example, model: SecondOpinion, language: str) -> None:
    judged = model.judge(each.sentences, language)
    for head in (name for name in _LEXICAL if name in each.meant):
        scores = [
            scores[head] if has_evidence(head, sentence, language) else 0.0
            for sentence, scores in zip(each.sentences, judged, strict=True)
        ]
        if each.meant[head]:
            seen[head]["meant"].append(max(scores))
        else:
            seen[head]["quiet" if each.is_quiet else "close"].extend(scores)


def _limit(scores: dict[str, list[float]]) -> tuple[float, float]:
    least = max(_above(scores["quiet"], MOST_QUIET), _above(scores["close"], MOST_CLOSE), 0.5)
    return least, float(np.mean(np.array(scores["meant"]) > least))


def _above(scores: Sequence[float], share: float) -> float:
    return sorted(scores, reverse=True)[int(len(scores) * share)]


def fingerprint() -> str:
    """Changes with anything the models would learn differently from."""
    taught = [sorted((each.sentences, sorted(each.meant.items())) for each in examples(name)) for name in LANGUAGES]
    classes = {name: read_data("second_opinion")[name] for name in LANGUAGES}
    return hashlib.sha256(repr((taught, classes, STRENGTH, ROUNDS, HEADS)).encode()).hexdigest()


def main() -> None:
    """Fits both languages and writes the file that is shipped."""
    arrays: dict[str, np.ndarray] = {}
    for language in LANGUAGES:
        model = fit(examples(language), language)
        arrays[f"weights_{language}"] = model.weights.astype(np.float16)
        arrays[f"intercept_{language}"] = model.intercept
    arrays["fingerprint"] = np.array(fingerprint())
    with MODEL.open("wb") as stream:
        np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]


def show_limits() -> None:
    """Prints the limit of each check and language with the recall it leaves."""
    for language in LANGUAGES:
        for head, (least, recall) in limits(language).items():
            print(f"{language} {head:<16} from {least:.3f} recall {recall:.2f}")  # noqa: T201


if __name__ == "__main__":
    show_limits() if "--limits" in sys.argv else main()
