"""Build the learned twin: `python -m careloop.triage.engine.teaching` (needs scipy; half a minute).

Ridge regression on every label of every head, rare labels weighing as much as common ones, over the features of
`tokens`. It is built again when sentences, rules of a crisis or concepts change; a test compares the fingerprint.

It then judges every sentence by a table that had not seen it (four folds), and prints how often each head is right,
how sharp its scores must be made for its probabilities to be honest (stored in the file), and from which score a
sentence is an alarm: above all but a few of the ordinary sentences. Those floors stand in `data/crisis.yaml`.
"""

# ruff: noqa: T201

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from careloop.common.text import count_han
from careloop.triage.engine.crisis import crisis_rules
from careloop.triage.engine.heads import CRISIS, LABELS, NONE
from careloop.triage.engine.learned import MODEL, UNKNOWN_SHARE
from careloop.triage.engine.prepare import Prepared, prepare
from careloop.triage.engine.taught import CRISIS_LABELS, HEADS, Taught, fingerprint, taught
from careloop.triage.engine.tokens import Tokens

RIDGE = 0.25
SHOWN_SHARE = 0.03  # of ordinary sentences that may show one signal wrongly
RECALL_FIRST = frozenset({"injury", "safety", "self_harm", "fraud"})  # a miss there is worse than a false alarm
STOPPING_SHARE = 0.005  # of them that may stop the desk
CARRIED = 0.12  # of the weight, by the sentences that carry a signal
NARROWEST = 0.15  # between the two scores
ABOVE_NOTHING = (0.4, 0.5)  # what a sentence must score above one without a known word, of these signals and others
FOLDS = 4
SEED = 20261122
STEPS = 400  # of the solver at most; it stops when nothing moves
ENOUGH = 1e-6
SHARPNESSES = (1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0)

Matrix = Any  # scipy.sparse.csr_matrix; scipy carries no types
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lesson:
    """Features of a text as it will be judged, and what it teaches."""

    text: str
    features: Counter[str]
    labels: dict[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Table:
    """Words with their rarity, and a column a label of each head."""

    words: list[str]
    rarity: Numbers
    weights: Numbers
    intercept: Numbers


def labels_of(head: str) -> tuple[str, ...]:
    """The columns of a head; a crisis also has one for none."""
    return CRISIS_LABELS if head == CRISIS else LABELS[head]


def lessons(examples: Sequence[Taught]) -> list[Lesson]:
    """Signs of a crisis are taught by the text without figures of speech and rejected cues, the rest by the text."""
    found = []
    for one in examples:
        text = prepare(one.text)
        bare = crisis_rules().without_rejected(text) if CRISIS in one.labels else text.folded
        said = {head: frozenset(label.split(",")) for head, label in one.labels.items()}
        if bare == text.folded:
            found.append(Lesson(one.text, features_of(text), said))
            continue
        rest = {head: label for head, label in said.items() if head != CRISIS}
        found.append(Lesson(one.text, features_of(Prepared(bare, bare, ())), {CRISIS: said[CRISIS]}))
        found += [Lesson(one.text, features_of(text), rest)] if rest else []
    return found


def features_of(text: Prepared) -> Counter[str]:
    """How many sentences of the text hold each feature."""
    return Counter(name for sentence in Tokens.of(text).sentences for name in sentence.features)


def learn(taught_by: Sequence[Lesson]) -> Table:
    """One table of all heads."""
    frequency = Counter(name for one in taught_by for name in one.features)
    words = sorted(frequency)
    rarity = np.array([np.log(len(taught_by) / frequency[word]) for word in words])
    texts = matrix([one.features for one in taught_by], {word: row for row, word in enumerate(words)}, rarity)
    columns = [_columns(texts, taught_by, head) for head in HEADS]
    weights = np.hstack([own for own, _ in columns]) * rarity[:, None]
    return Table(words, rarity, weights, np.concatenate([mean for _, mean in columns]))


def matrix(found: Sequence[Counter[str]], at: dict[str, int], rarity: Numbers, *, unknown: float = 0.0) -> Matrix:
    """A row a text of length one, a column a word; `unknown` is the square of the rarity of a strange one."""
    begins, columns, values = [0], list[int](), list[float]()
    for counts in found:
        own = sorted((at[name], count) for name, count in counts.items() if name in at)
        places = [place for place, _ in own]
        many = np.array([count for _, count in own], dtype=float)
        square = float((np.square(rarity[places]) * many).sum()) + unknown * (sum(counts.values()) - many.sum())
        columns += places
        values += (rarity[places] * many / (square**0.5 or 1.0)).tolist()
        begins.append(len(columns))
    return sparse.csr_matrix((values, columns, begins), shape=(len(found), len(at)))


def _columns(texts: Matrix, taught_by: Sequence[Lesson], head: str) -> tuple[Numbers, Numbers]:
    """Ridge regression in its dual form, solved by conjugate gradients: a number a sentence, for every label."""
    labels = labels_of(head)
    used = [row for row, one in enumerate(taught_by) if head in one.labels]
    said = [taught_by[row].labels[head] for row in used]
    holds = np.array([[label in own for label in labels] for own in said])
    target, share = np.where(holds, 1.0, -1.0), _share(holds, alone=head == CRISIS)
    mean = (share * target).sum(axis=0) / share.sum(axis=0)
    chosen = texts[used]
    dual = _solved(chosen, RIDGE / share, target - mean)
    return np.asarray(chosen.T @ dual), mean


def _share(holds: npt.NDArray[np.bool_], *, alone: bool) -> Numbers:
    """How much a sentence weighs for each label.

    Of labels that exclude each other each weighs as much as any other; of signs of a crisis, which may come together
    (`alone`), a sentence with the sign weighs as much as all without.
    """
    counts = np.maximum(holds.sum(axis=0), 1)
    if alone:
        return np.where(holds, CARRIED / counts, (1 - CARRIED) / np.maximum(len(holds) - counts, 1)) * len(holds)
    rarest = np.where(holds, counts, len(holds)).min(axis=1)
    return np.repeat((len(holds) / len(counts) / rarest)[:, None], len(counts), axis=1)


def _solved(texts: Matrix, ridge: Numbers, wanted: Numbers) -> Numbers:
    """The x of (texts textsᵀ + ridge) x = wanted, a ridge a column, all columns at once (Hestenes and Stiefel 1952)."""
    scale = 1 / np.sqrt(1 + ridge)  # Jacobi's preconditioner, split; rows of texts have length one
    found, rest = np.zeros_like(wanted), wanted * scale
    ahead, left = rest.copy(), np.square(rest).sum(axis=0)
    for _ in range(STEPS):
        moved = ahead * scale
        moved = scale * (texts @ (texts.T @ moved) + ridge * moved)
        step = left / np.maximum((ahead * moved).sum(axis=0), 1e-30)
        found, rest = found + step * ahead, rest - step * moved
        now = np.square(rest).sum(axis=0)
        if now.max() < ENOUGH:
            break
        ahead, left = rest + now / np.maximum(left, 1e-30) * ahead, now
    return found * scale


def held_out(taught_by: Sequence[Lesson]) -> Numbers:
    """The scores of every lesson by a table taught by the other folds; one text stays in one fold."""
    numbers = np.random.default_rng(SEED).permutation(len(taught_by)) % FOLDS
    first = {one.text: fold for one, fold in zip(taught_by, numbers.tolist(), strict=True)}
    folds = np.array([first[one.text] for one in taught_by])
    scores = np.zeros((len(taught_by), sum(len(labels_of(head)) for head in HEADS)))
    for fold in range(FOLDS):
        table = learn([one for one, own in zip(taught_by, folds, strict=True) if own != fold])
        rows = np.flatnonzero(folds == fold).tolist()
        at = {word: row for row, word in enumerate(table.words)}
        strange = UNKNOWN_SHARE * float(np.square(table.rarity).max())
        texts = matrix([taught_by[row].features for row in rows], at, table.rarity, unknown=strange)
        scores[rows] = texts @ (table.weights / table.rarity[:, None]) + table.intercept
    return scores


def floors(taught_by: Sequence[Lesson], scores: Numbers) -> dict[str, dict[str, list[float]]]:
    """For each language and signal the scores that all but SHOWN_SHARE, and all but STOPPING_SHARE, stay below."""
    quiet = np.array([one.labels.get(CRISIS) == frozenset({NONE}) for one in taught_by])
    chinese = np.array([count_han(one.text) > 1 for one in taught_by])
    found: dict[str, dict[str, list[float]]] = {}
    for code, own in (("zh", chinese), ("en", ~chinese)):
        found[code] = {}
        for column, signal in enumerate(LABELS[CRISIS]):
            shown, stops = np.quantile(scores[own & quiet, column], (1 - SHOWN_SHARE, 1 - STOPPING_SHARE))
            shown = max(shown, 2 * CARRIED - 1 + ABOVE_NOTHING[signal not in RECALL_FIRST])
            found[code][signal] = [round(float(shown), 2), round(float(max(stops, shown + NARROWEST)), 2)]
    return found


def sharpness(taught_by: Sequence[Lesson], scores: Numbers) -> dict[str, float]:
    """For each head the factor under which the probabilities of unseen sentences say most (the least log loss)."""
    return {
        head: min(SHARPNESSES, key=lambda factor, own=own, right=right: _loss(own * factor, right))  # type: ignore[misc]
        for head, own, right in _judged(taught_by, scores)
    }


def _loss(scores: Numbers, right: npt.NDArray[np.int64]) -> float:
    shifted = scores - scores.max(axis=1, keepdims=True)
    chances = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-chances[np.arange(len(right)), right].mean())


def _judged(taught_by: Sequence[Lesson], scores: Numbers) -> list[tuple[str, Numbers, npt.NDArray[np.int64]]]:
    """For each head the scores of the lessons that teach it, and the column of the right (first) label."""
    found, begin = [], 0
    for head in HEADS:
        labels = labels_of(head)
        rows = [row for row, one in enumerate(taught_by) if head in one.labels]
        right = np.array([min(labels.index(label) for label in taught_by[row].labels[head]) for row in rows])
        found.append((head, scores[rows, begin : begin + len(labels)], right))
        begin += len(labels)
    return found


def build(examples: Sequence[Taught], table: Table, sharp: dict[str, float]) -> dict[str, npt.NDArray[Any]]:
    """The arrays of the model file: weights of eight bits, a scale a column."""
    scale = np.abs(table.weights).max(axis=0) / 127
    heads = {head: labels_of(head) for head in HEADS}
    about = {"heads": heads, "sharpness": sharp, "fingerprint": fingerprint(list(examples))}
    return {
        "about": np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
        "words": np.frombuffer("\n".join(table.words).encode(), dtype=np.uint8),
        "rarity": table.rarity.astype(np.float16),
        "weights": np.round(table.weights / scale).astype(np.int8),
        "scale": scale.astype(np.float32),
        "intercept": table.intercept.astype(np.float32),
    }


def main() -> None:
    """Write the model file; print what was found on the way."""
    examples = taught()
    taught_by = lessons(examples)
    scores = held_out(taught_by)
    sharp = sharpness(taught_by, scores)
    for head, own, right in _judged(taught_by, scores):
        print(f"{head:15} {np.mean(own.argmax(axis=1) == right):.3f} of {len(right)} unseen, sharpness {sharp[head]}")
    for code, found in floors(taught_by, scores).items():
        print(f"  {code}: {found}")
    with MODEL.open("wb") as stream:
        np.savez_compressed(stream, **build(examples, learn(taught_by), sharp))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
