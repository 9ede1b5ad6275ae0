"""Named ways to learn that others ask for by name, to be compared with the default.

`forest` is the recipe of seed A: a random forest of 100 trees with seed 42, but on features that also read Chinese
(its own TF-IDF took a sentence without spaces for one word). `tree` is one decision tree, `svm` one linear support
vector machine with nothing chosen. Forest and tree are measured only: they have no file, and scikit-learn predicts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from careloop.triage.engine.choosing import SEED, Candidate
from careloop.triage.engine.encoder.encoder import Encoder
from careloop.triage.engine.errors import CannotTrain
from careloop.triage.engine.examples import Examples
from careloop.triage.engine.features import FittedBlock
from careloop.triage.engine.hybrid import AnyModel
from careloop.triage.engine.linear import ModelInfo, Scores
from careloop.triage.engine.spans import Block
from careloop.triage.engine.training import check, described, train, train_with

DEFAULT, SVM, FOREST, TREE = "default", "svm", "forest", "tree"
RECIPES = (DEFAULT, SVM, FOREST, TREE)
KEPT_RECIPES = (DEFAULT, SVM)
TREES = 100
LARGEST_VOCABULARY = 5_000
PLAIN = (Block("word", 1, 2), Block("char_wb", 2, 3, 2))  # a Chinese character is a word


class Predictor(Protocol):
    """What an evaluation needs of a model."""

    @property
    def labels(self) -> list[str]: ...

    @property
    def info(self) -> ModelInfo: ...

    def probabilities(self, texts: Sequence[str]) -> Scores: ...

    @property
    def features(self) -> int: ...

    @property
    def megabytes(self) -> float: ...


@dataclass
class TreesModel:
    """Decision trees over TF-IDF features; kept in memory only."""

    blocks: list[FittedBlock]
    machine: Any
    labels: list[str]
    info: ModelInfo

    def probabilities(self, texts: Sequence[str]) -> Scores:
        """One row a text, one column a label: the share of trees, weighed by how pure their leaves are."""
        return np.asarray(self.machine.predict_proba(_matrix(self.blocks, texts)), dtype=np.float32)

    @property
    def features(self) -> int:
        return sum(len(block.vocabulary) for block in self.blocks)

    @property
    def megabytes(self) -> float:
        """Nodes and their counts as scikit-learn holds them in memory."""
        trees = getattr(self.machine, "estimators_", [self.machine])
        nodes = sum(tree.tree_.node_count * (64 + 8 * len(self.labels)) for tree in trees)
        return round(nodes / 1e6, 2)


def learn_by(
    recipe: str, examples: Examples, head: str, encoder: Encoder | None = None, unlabelled: Sequence[str] = ()
) -> Predictor:
    """A model by this recipe. Raises UnusableExamples or CannotTrain with a sentence."""
    if recipe in (FOREST, TREE) and encoder is None and not unlabelled:
        return _learn_trees(examples, head, recipe)
    return learn_to_keep(recipe, examples, head, encoder, unlabelled)


def learn_to_keep(
    recipe: str, examples: Examples, head: str, encoder: Encoder | None = None, unlabelled: Sequence[str] = ()
) -> AnyModel:
    """A model that can be kept in a file. Raises CannotTrain for the recipes that are only measured."""
    if recipe not in RECIPES:
        raise CannotTrain(f"There is no recipe “{recipe}”; these there are: {', '.join(RECIPES)}.")
    if unlabelled and encoder is None:
        raise CannotTrain("Texts without labels teach only a sentence encoder; name one with --encoder.")
    if recipe == DEFAULT:
        return train_with(examples, head, encoder, unlabelled)
    if encoder is not None:
        raise CannotTrain(f"A sentence encoder joins the recipe “{DEFAULT}” only, not “{recipe}”.")
    if recipe == SVM:
        return train(examples, head, candidate=Candidate(PLAIN))
    raise CannotTrain(
        f"The recipe “{recipe}” cannot be kept in a file; kept are: {', '.join(KEPT_RECIPES)}."
        " careloop triage evaluate measures all of them."
    )


def _learn_trees(examples: Examples, head: str, recipe: str) -> TreesModel:
    check(examples)
    try:
        from sklearn.ensemble import RandomForestClassifier
        from sklearn.tree import DecisionTreeClassifier
    except ImportError as error:
        raise CannotTrain("Training needs scikit-learn: pip install 'careloop[train]'.") from error
    forest = RandomForestClassifier(n_estimators=TREES, random_state=SEED, n_jobs=2)
    machine = forest if recipe == FOREST else DecisionTreeClassifier(random_state=SEED)
    blocks = [FittedBlock.fit(examples.texts, block, LARGEST_VOCABULARY) for block in PLAIN]
    machine.fit(_matrix(blocks, examples.texts), examples.labels)
    name = f"random forest of {TREES} trees" if recipe == FOREST else "decision tree"
    info = described(examples, head, f"{name}, seed {SEED}")
    return TreesModel(blocks, machine, [str(label) for label in machine.classes_], info)


def _matrix(blocks: list[FittedBlock], texts: Sequence[str]) -> Any:
    from scipy import sparse

    return sparse.hstack([block.transform(texts) for block in blocks], format="csr")
