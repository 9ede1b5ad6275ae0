"""Which way to learn: a few plain candidates, judged by cross-validation on the training rows alone.

They differ in which characters and words count as features, in how strongly the support vector machine is
regularised, and in whether rare labels weigh more. Texts that occur twice stay in one fold. scikit-learn is imported
only while fitting.
"""

from __future__ import annotations

import os
import warnings
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from careloop.common.text import detect_language
from careloop.triage.engine import metrics
from careloop.triage.engine.errors import CannotTrain
from careloop.triage.engine.examples import Examples, distinct_positions
from careloop.triage.engine.features import CountedBlock, Matrix
from careloop.triage.engine.linear import Scores, both_sides
from careloop.triage.engine.spans import Block

SEED = 42
ROWS_TO_CHOOSE_ON = 10_000
FEW_ROWS = 1_000
A_TIE = 0.0005
IN_DOUBT = 0.003
SHARE_OF_CHINESE_TEXTS = 0.3
SHORT_TEXT_WORDS = 40  # a short question is one thought, in a long letter only near words belong together


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to learn: the features, the strength of the fit, and whether rare labels weigh as much as common ones."""

    blocks: tuple[Block, ...]
    c: float = 1.0
    balanced: bool = False

    @property
    def name(self) -> str:
        features = " + ".join(block.name for block in self.blocks)
        return f"{features}, SVM C={self.c:g}{' balanced' if self.balanced else ''}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What cross-validation says of one candidate, or of several whose scores are averaged (a linear model again)."""

    candidates: tuple[Candidate, ...]
    accuracy: float
    macro_f1: float
    held_out: Scores  # the scores of each row while that row was held out

    @property
    def name(self) -> str:
        return "; ".join(candidate.name for candidate in self.candidates)


_CHARACTERS = Block("char", 1, 3)
# Runs found once are left out and pairs of characters that stand near each other added: better by 0.3 to 0.7 points on
# three Chinese sets in leave-one-out (docs/measurements/triage.md). The weights are the square roots of 0.65 and 0.35.
# Alone none of the three families beats the first beyond noise; their average does, because they err on other texts.
_RUNS_AND_PAIRS = (Block("char", 1, 5, 2, 0.81), Block("pair", 1, 6, 2, 0.59))
CHINESE = (
    Candidate((_CHARACTERS,)),
    Candidate(_RUNS_AND_PAIRS, 0.6),
    Candidate((Block("char", 1, 2),), 0.5),
)
FEW_CHINESE = (Candidate((_CHARACTERS,)), Candidate(_RUNS_AND_PAIRS), Candidate((Block("char", 1, 3, 2),)))
_WORDS = (Block("word", 1, 2), Block("char_wb", 2, 5, 2))
ENGLISH = (Candidate(_WORDS), Candidate((*_WORDS, Block("pair", 1, 8, 2))))
SHORT_ENGLISH = (Candidate(_WORDS), Candidate((*_WORDS, Block("pair", 1, 30, 2))))
# A subject says most of what a letter is about: 0.77 to 0.81 on 307 citizens' letters in leave-one-out.
_CHINESE_SUBJECT = (Block("char", 1, 3, 2, 0.73, "line"),)
_ENGLISH_SUBJECT = (Block("word", 1, 2, 1, 0.73, "line"), Block("char_wb", 2, 5, 2, 0.73, "line"))
SHARE_WITH_SUBJECT = 0.8
STRENGTHS = ((0.5, False), (2.0, False), (1.0, True))


def choose(examples: Examples) -> list[Outcome]:
    """The candidates tried, best first, by cross-validation on at most ROWS_TO_CHOOSE_ON of these rows.

    First every family of features at its own strength, then other strengths for the best family, then averages of the
    families as they began and of the best candidate of each, which cost no further fit.
    """
    sample = rows_to_choose_on(examples)
    folds = assign_folds(sample, 5 if len(sample) < FEW_ROWS else 3)
    prepared: dict[Block, _Folds] = {}
    families = [_try(candidate, sample, folds, prepared) for candidate in _families(sample.texts)]
    best = _ranked(families)[0].candidates[0]
    others = [Candidate(best.blocks, c, balanced) for c, balanced in STRENGTHS]
    outcomes = [*families, *(_try(candidate, sample, folds, prepared) for candidate in others)]
    if _ranked(outcomes)[0].candidates[0].c == max(STRENGTHS)[0]:
        outcomes.append(_try(Candidate(best.blocks, 5.0), sample, folds, prepared))
    averages = {one.candidates: one for one in (*_averages(families, sample), *_averages(outcomes, sample))}
    return _ranked([*outcomes, *averages.values()])


def _averages(outcomes: list[Outcome], sample: Examples) -> list[Outcome]:
    """The two and the three best families taken together."""
    best: dict[tuple[Block, ...], Outcome] = {}
    for outcome in _ranked(outcomes):
        best.setdefault(outcome.candidates[0].blocks, outcome)
    ranked = list(best.values())
    return [
        _judged(
            tuple(one.candidates[0] for one in ranked[:count]),
            np.mean([one.held_out for one in ranked[:count]], axis=0),
            sample,
        )
        for count in (2, 3)
        if len(ranked) >= count
    ]


def fit(
    matrix: Matrix, targets: npt.NDArray[np.int64], classes: int, candidate: Candidate
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Weights (one row a feature) and intercepts, one label against all others; a thread a core, at most 4."""
    try:
        from sklearn.svm import LinearSVC
    except ImportError as error:
        raise CannotTrain("Training needs scikit-learn: pip install 'careloop[train]'.") from error

    def one(label: int) -> tuple[npt.NDArray[np.float64], float]:
        if matrix.shape[1] == 0 or not (targets == label).any():  # a label so rare that this fold lacks it
            return np.zeros(matrix.shape[1]), -1.0
        machine = LinearSVC(C=candidate.c, class_weight="balanced" if candidate.balanced else None, random_state=SEED)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a fit stopped at the limit is still a fit; scores say how good
            machine.fit(matrix, targets == label)
        return machine.coef_[0], float(machine.intercept_[0])

    wanted = [1] if classes == 2 else list(range(classes))
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as threads:
        found = list(threads.map(one, wanted))
    weights = np.stack([coefficients for coefficients, _ in found], axis=1).astype(np.float32)
    return weights, np.array([intercept for _, intercept in found], dtype=np.float32)


def assign_folds(examples: Examples, count: int) -> npt.NDArray[np.int64]:
    """A fold for each row: labels spread evenly, equal texts together, the same for the same rows."""
    first = distinct_positions(examples.texts)
    by_label: dict[str, list[int]] = defaultdict(list)
    for position in sorted(set(first)):
        by_label[examples.labels[position]].append(position)
    generator = np.random.default_rng(SEED)
    fold_of: dict[int, int] = {}
    turn = 0
    for label in sorted(by_label):
        for position in generator.permutation(by_label[label]):
            fold_of[int(position)] = turn % count
            turn += 1
    return np.array([fold_of[position] for position in first], dtype=np.int64)


@dataclass(slots=True)
class _Folds:
    train: list[Matrix]
    test: list[Matrix]


def _try(
    candidate: Candidate, sample: Examples, folds: npt.NDArray[np.int64], prepared: dict[Block, _Folds]
) -> Outcome:
    for block in candidate.blocks:
        if block not in prepared:
            prepared[block] = _prepare(sample.texts, folds, block)
    labels = sorted(sample.counts)
    targets = targets_of(sample.labels, labels)
    held_out = np.zeros((len(sample), len(labels)), dtype=np.float32)
    for fold in range(int(folds.max()) + 1):
        inside = folds != fold
        train_matrix, test_matrix = (
            sparse.hstack([getattr(prepared[block], part)[fold] for block in candidate.blocks], format="csr")
            for part in ("train", "test")
        )
        weights, intercept = fit(train_matrix, targets[inside], len(labels), candidate)
        held_out[~inside] = both_sides(np.asarray(test_matrix @ weights) + intercept)
    return _judged((candidate,), held_out, sample)


def _judged(candidates: tuple[Candidate, ...], held_out: Scores, sample: Examples) -> Outcome:
    labels = sorted(sample.counts)
    predicted = [labels[i] for i in held_out.argmax(axis=1)]
    table = metrics.confusion(sample.labels, predicted, labels)
    return Outcome(candidates, metrics.accuracy(table), metrics.macro_f1(table), held_out)


def _prepare(texts: Sequence[str], folds: npt.NDArray[np.int64], block: Block) -> _Folds:
    counted = CountedBlock(texts, block)
    ready = _Folds([], [])
    for fold in range(int(folds.max()) + 1):
        training, others = counted.split(folds != fold)
        ready.train.append(training)
        ready.test.append(others)
    return ready


def _ranked(outcomes: list[Outcome]) -> list[Outcome]:
    """By accuracy in steps of A_TIE, then by macro-F1; an average varies less from rows to rows and wins in doubt."""
    return sorted(
        outcomes,
        key=lambda one: (-round((one.accuracy + IN_DOUBT * (len(one.candidates) > 1)) / A_TIE), -one.macro_f1),
    )


def rows_to_choose_on(examples: Examples) -> Examples:
    if len(examples) <= ROWS_TO_CHOOSE_ON:
        return examples
    drawn = np.random.default_rng(SEED).permutation(len(examples))[:ROWS_TO_CHOOSE_ON]
    sample = examples.take(sorted(int(i) for i in drawn))
    return sample if len(sample.counts) > 1 else examples


def _families(texts: Sequence[str]) -> tuple[Candidate, ...]:
    chinese = _mostly_chinese(texts)
    usual = float(np.median([text.count(" ") + 1 for text in texts]))
    in_chinese = FEW_CHINESE if len(texts) < FEW_ROWS else CHINESE
    in_english = SHORT_ENGLISH if usual <= SHORT_TEXT_WORDS else ENGLISH
    plain, *richer = in_chinese if chinese else in_english
    if sum("\n" in text.strip() for text in texts) < SHARE_WITH_SUBJECT * len(texts):
        return (plain, *richer)
    subject = _CHINESE_SUBJECT if chinese else _ENGLISH_SUBJECT
    return (plain, *(replace(one, blocks=(*one.blocks, *subject)) for one in richer))


def _mostly_chinese(texts: Sequence[str]) -> bool:
    looked_at = texts[:: max(1, len(texts) // 500)]
    chinese = sum(detect_language(text).language in ("zh", "mixed") for text in looked_at)
    return chinese / len(looked_at) >= SHARE_OF_CHINESE_TEXTS


def targets_of(labels: Sequence[str], names: Sequence[str]) -> npt.NDArray[np.int64]:
    at = {name: position for position, name in enumerate(names)}
    return np.array([at[label] for label in labels], dtype=np.int64)
