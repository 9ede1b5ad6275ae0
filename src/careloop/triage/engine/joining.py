"""Joining a linear model and a sentence encoder: what the encoder's part learns from, and how loud each part speaks.

Everything is chosen on held-out scores of the training rows: the kernel, whether the names of the labels help, whether
texts without labels help, the shares of the two parts and the temperature.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from careloop.triage.engine.choosing import FEW_ROWS, SEED, assign_folds, rows_to_choose_on, targets_of
from careloop.triage.engine.encoder.encoder import Encoder
from careloop.triage.engine.examples import Examples
from careloop.triage.engine.hybrid import HybridModel
from careloop.triage.engine.kernel import (
    ALWAYS,
    GRID,
    USUAL,
    Kernel,
    KernelModel,
    Lesson,
    Table,
    fit_and_hold_out,
    merit,
)
from careloop.triage.engine.label_words import words_of
from careloop.triage.engine.linear import LinearModel, Scores, softmax
from careloop.triage.engine.unlabelled import MOST_LABELLED, MOST_TEXTS, learn_from_both

ROWS_TO_CHOOSE_A_KERNEL_ON = 2_500
SHARES = tuple(step / 10 for step in range(11))  # of the encoder


def join(
    model: LinearModel, held_out: Scores, examples: Examples, encoder: Encoder, unlabelled: Sequence[str] = ()
) -> HybridModel:
    """The hybrid of a linear model trained on these examples.

    `held_out` are its scores on `rows_to_choose_on(examples)`, each row judged without its fold; the encoder's part
    learns from the same rows, and where they are few from `unlabelled` texts too if that helps.
    """
    sample = rows_to_choose_on(examples)
    labels = sorted(sample.counts)
    targets = targets_of(sample.labels, labels)
    folds = assign_folds(sample, 5 if len(sample) < FEW_ROWS else 3)
    lesson = Lesson(_rounded(encoder.vectors(sample.texts)), targets, folds, len(labels))
    kernel, names = _choose(lesson, _names(labels, encoder))
    lesson = lesson.and_also(names)
    dense, unseen = fit_and_hold_out(lesson, kernel)
    texts = _drawn(unlabelled) if len(sample) <= MOST_LABELLED else []
    if texts:
        taught, also_unseen = learn_from_both(lesson, _rounded(encoder.vectors(texts)), kernel)
        helps = merit(also_unseen, targets) > merit(unseen, targets)
        dense, unseen, texts = (taught, also_unseen, texts) if helps else (dense, unseen, [])
    parts = (held_out / held_out.std(), unseen / unseen.std())
    share = max(SHARES, key=lambda one: (_right(_mixed(parts, one), targets), -abs(one - 0.7)))
    said = f"{encoder.name} {share:.0%} (narrowness {kernel.narrowness:g}, ridge {kernel.ridge:g}"
    said += f"{', names of labels' if len(names.targets) else ''}{f', {len(texts)} texts unlabelled' if texts else ''})"
    return HybridModel(
        _described(model, said, _right(_mixed(parts, share), targets), share),
        _for_all_labels(dense, labels, model.labels),
        encoder,
        float((1 - share) / held_out.std()),
        float(share / unseen.std()),
        _temperature(_mixed(parts, share), targets),
    )


def _choose(lesson: Lesson, names: Lesson) -> tuple[Kernel, Lesson]:
    """The kernel, and the names of the labels or none of them, as held-out rows of a sample say.

    With few rows chance decides between kernels that are nearly alike, so the usual one stays, and the names with it,
    unless another is better by more than half a standard error (Breiman et al. 1984 take a whole one).
    """
    few = lesson.take(np.random.default_rng(SEED).permutation(len(lesson.targets))[:ROWS_TO_CHOOSE_A_KERNEL_ON])
    named = few.and_also(names)

    def merit_of(own: Lesson, kernel: Kernel) -> tuple[float, float]:
        return merit(fit_and_hold_out(own, kernel)[1], few.targets)

    kernels = {kernel: merit_of(named, kernel) for kernel in (Kernel(*one) for one in GRID)}
    usual, best = Kernel(*USUAL), max(kernels, key=kernels.__getitem__)
    doubt = 0.5 * math.sqrt(kernels[usual][0] * (1 - kernels[usual][0]) / len(few.targets))
    kernel = best if kernels[best][0] > kernels[usual][0] + doubt else usual
    if len(names.targets) and merit_of(few, kernel)[0] > kernels[kernel][0] + doubt:
        names = names.take(np.zeros(0, dtype=np.int64))
    return kernel, names


def _names(labels: list[str], encoder: Encoder) -> Lesson:
    """The names that say something, each an example of its label that is never held out."""
    words = [(at, said) for at, label in enumerate(labels) if (said := words_of(label))]
    vectors = _rounded(encoder.vectors([said for _, said in words]))
    return Lesson(
        vectors,
        np.array([at for at, _ in words], dtype=np.int64),
        np.full(len(words), ALWAYS, dtype=np.int64),
        len(labels),
    )


def _drawn(texts: Sequence[str]) -> list[str]:
    """At most so many as can be learned from in a minute or two, each once."""
    distinct = list(dict.fromkeys(texts))
    return [distinct[at] for at in np.random.default_rng(SEED).permutation(len(distinct))[:MOST_TEXTS]]


def _for_all_labels(dense: KernelModel, known: list[str], labels: list[str]) -> KernelModel:
    """A column for labels so rare that no row of the sample has them; rounded as the file will round it."""
    votes = np.zeros((len(dense.rows), len(labels)), dtype=np.float32)
    offset = np.full(len(labels), -1, dtype=np.float32)
    columns = [labels.index(label) for label in known]
    votes[:, columns] = _rounded(dense.votes)
    offset[columns] = dense.offset
    return replace(dense, votes=votes, offset=offset)


def _described(model: LinearModel, said: str, accuracy: float, share: float) -> LinearModel:
    scores = {**model.info.scores, "linear_accuracy": model.info.scores.get("accuracy")}
    scores |= {"accuracy": round(accuracy, 4), "encoder_share": share}
    return replace(model, info=replace(model.info, candidate=f"{model.info.candidate}; {said}", scores=scores))


def _mixed(parts: tuple[Scores, Scores], share: float) -> Scores:
    return (1 - share) * parts[0] + share * parts[1]


def _right(scores: Scores, targets: npt.NDArray[np.int64]) -> float:
    return float((scores.argmax(axis=1) == targets).mean())


def _temperature(scores: Scores, targets: npt.NDArray[np.int64]) -> float:
    """The factor that makes the probabilities of held-out rows most likely (Guo et al. 2017)."""
    rows = np.arange(len(targets))
    tried = np.geomspace(0.25, 24, 40)
    losses = [-np.log(softmax(scores * factor)[rows, targets] + 1e-9).mean() for factor in tried]
    return round(float(tried[int(np.argmin(losses))]), 3)


def _rounded(table: Table) -> Table:
    return table.astype(np.float16).astype(np.float32)
