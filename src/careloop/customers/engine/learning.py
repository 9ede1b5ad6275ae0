"""Learning a `CustomerModel` from a table of customers whose end is known. Needs scikit-learn; predicting does not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from careloop.customers.engine import fitness
from careloop.customers.engine.errors import CustomerModelError, TooFewCustomers
from careloop.customers.engine.histories import Numbers
from careloop.customers.engine.learned import (
    LEAF,
    NO_TREES,
    Column,
    CustomerModel,
    Row,
    Trees,
    as_choice,
    as_numbers,
    encode,
)

SEED = 42
FOLDS = 5
FEWEST_OF_A_KIND = 50
MOST_CHOICES = 30
NUMBER_FROM = 7  # a column of numbers with fewer distinct values is a column of choices
TREES = {"learning_rate": 0.05, "n_estimators": 200, "max_depth": 3, "subsample": 0.7, "max_features": 0.3}
FEWEST_IN_A_LEAF = 20
SHARE_IN_A_LEAF = 1 / 250

Truth = npt.NDArray[np.int64]
Line = tuple[int, float]  # ranges and freedom, as a candidate has them


@dataclass(frozen=True, slots=True)
class Candidate:
    """Into how many ranges the line cuts numbers, how free it is (C of the logistic), what share the trees have."""

    ranges: int
    freedom: float
    share_of_trees: float


LINES = ((12, 0.1), (0, 0.1), (0, 0.01))
SHARES_OF_TREES = (0.5, 0.25, 0.0)
CANDIDATES = tuple(Candidate(*line, share) for line in LINES for share in SHARES_OF_TREES)


def learn(rows: Sequence[Row], happened: Sequence[bool], names: Sequence[str] = ()) -> CustomerModel:
    """A model of these customers, calibrated on rows each fold held out; `about` carries those figures.

    `names` are the columns to learn from (all of the first row when none is given). Raises TooFewCustomers with fewer
    than 50 of either kind, CustomerModelError when no column tells customers apart or scikit-learn is missing.
    """
    truth = np.asarray(happened, dtype=np.int64)
    rarest = int(min(truth.sum(), len(truth) - truth.sum()))
    if rarest < FEWEST_OF_A_KIND:
        raise TooFewCustomers(f"{rarest} customers of the rarer kind are too few; {FEWEST_OF_A_KIND} are needed.")
    names = names or list(rows[0])
    tried = _held_out(rows, truth, names)
    best = max(CANDIDATES, key=lambda one: fitness.auc(tried[one], truth))  # chances are made true afterwards
    slope, shift = _calibrated(tried[best], truth)
    lines, trees = _fit(rows, truth, names, [(best.ranges, best.freedom)], bool(best.share_of_trees))
    about = _about(rows, truth, expit(slope * tried[best] + shift)) | {"candidate": asdict(best)}
    whole = _blended(lines[best.ranges, best.freedom], trees, best.share_of_trees)
    return replace(whole, slope=slope, shift=shift, about=about)


def _held_out(rows: Sequence[Row], truth: Truth, names: Sequence[str]) -> dict[Candidate, Numbers]:
    """By each candidate, the score of each row from a model that did not see it."""
    scores = {candidate: np.zeros(len(truth)) for candidate in CANDIDATES}
    for inside, outside in folds(truth):
        lines, trees = _fit([rows[at] for at in inside], truth[inside], names, LINES)
        held_out = [rows[at] for at in outside]
        by_trees = _blended(lines[LINES[0]], trees, 1.0).scores(held_out)
        by_line = {line: model.scores(held_out) for line, model in lines.items()}
        for one in CANDIDATES:
            mixed = (1 - one.share_of_trees) * by_line[one.ranges, one.freedom] + one.share_of_trees * by_trees
            scores[one][outside] = mixed
    return scores


def folds(truth: Truth, count: int = FOLDS, seed: int = SEED) -> list[tuple[Truth, Truth]]:
    """Positions to learn from and to judge on, both kinds spread evenly; the same for the same rows."""
    draw = np.random.default_rng(seed)
    fold_of = np.zeros(len(truth), dtype=np.int64)
    for kind in (0, 1):
        own = draw.permutation(np.flatnonzero(truth == kind))
        fold_of[own] = np.arange(len(own)) % count
    return [(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(count)]


def columns_of(rows: Sequence[Row], names: Sequence[str], ranges: int) -> tuple[Column, ...]:
    """How each column is read: numbers when nearly all of its values are, else the choices worth telling apart."""
    found = [_column(name, [row.get(name) for row in rows], ranges) for name in names]
    told = tuple(column for column in found if column is not None)
    if not told:
        raise CustomerModelError("No column has two different values; there is nothing to tell customers apart by.")
    return told


def _column(name: str, values: list[object], ranges: int) -> Column | None:
    """Nothing for a column that says the same of all, or something else of nearly everybody, as identifiers do."""
    numbers = as_numbers(values)
    known = numbers[~np.isnan(numbers)]
    if len(known) > 0.9 * len(values) and len(np.unique(known)) >= NUMBER_FROM:
        cuts = np.linspace(0, 1, ranges + 1)[1:-1]
        borders = tuple(float(border) for border in np.unique(np.quantile(known, cuts)))
        return Column(name, (), float(known.mean()), float(known.std()) or 1.0, borders)
    choices, counts = np.unique([as_choice(value) for value in values], return_counts=True)
    if len(choices) < 2 or len(choices) > max(MOST_CHOICES, len(values) / 2):
        return None
    common = choices[np.argsort(-counts, kind="stable")][:MOST_CHOICES]
    return Column(name, tuple(sorted(str(choice) for choice in common)))


def _fit(
    rows: Sequence[Row], truth: Truth, names: Sequence[str], lines: Sequence[Line], is_with_trees: bool = True
) -> tuple[dict[Line, CustomerModel], Trees]:
    """A model of each line alone, and the trees; ranges and choices from these rows too; not calibrated yet."""
    try:
        from sklearn.ensemble import GradientBoostingClassifier
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise CustomerModelError("Learning needs scikit-learn: pip install 'careloop[train]'.") from error
    fitted: dict[Line, CustomerModel] = {}
    for ranges, freedom in lines:
        columns = columns_of(rows, names, ranges)
        plain, cut = encode(columns, rows)
        features = np.hstack([plain, cut])
        centre = features.mean(axis=0)
        line = LogisticRegression(C=freedom, max_iter=3000).fit(features - centre, truth)
        fitted[ranges, freedom] = CustomerModel(
            columns, line.coef_[0], centre, float(line.intercept_[0]), NO_TREES, 1.0, 0.0
        )
    if not is_with_trees:
        return fitted, NO_TREES
    leaf = max(FEWEST_IN_A_LEAF, int(len(truth) * SHARE_IN_A_LEAF))
    boosted = GradientBoostingClassifier(random_state=SEED, min_samples_leaf=leaf, **TREES).fit(plain, truth)
    return fitted, _as_arrays(boosted, truth)


def _blended(line: CustomerModel, trees: Trees, share: float) -> CustomerModel:
    """The model whose score is (1 - share) of the line's and `share` of the trees'."""
    return replace(
        line,
        weights=line.weights * (1 - share),
        intercept=line.intercept * (1 - share),
        trees=replace(trees, value=trees.value * share),
    )


def _as_arrays(boosted: Any, truth: Truth) -> Trees:
    """The trees of scikit-learn as arrays. The first also carries the share of the kind before any is asked."""
    trees = [row[0].tree_ for row in boosted.estimators_]
    most = max(tree.node_count for tree in trees)
    arrays = {
        "feature": np.full((len(trees), most), LEAF, dtype=np.int16),
        "border": np.zeros((len(trees), most)),
        "left": np.zeros((len(trees), most), dtype=np.int16),
        "right": np.zeros((len(trees), most), dtype=np.int16),
        "value": np.zeros((len(trees), most)),
    }
    for at, tree in enumerate(trees):
        count = tree.node_count
        arrays["feature"][at, :count] = np.where(tree.children_left == -1, LEAF, tree.feature)
        arrays["border"][at, :count] = tree.threshold
        arrays["left"][at, :count] = np.maximum(tree.children_left, 0)
        arrays["right"][at, :count] = np.maximum(tree.children_right, 0)
        arrays["value"][at, :count] = _values(tree) * boosted.learning_rate
    share = truth.mean()
    arrays["value"][0] += np.log(share / (1 - share))
    return Trees(**arrays)


def _values(tree: Any) -> Numbers:
    """What each node says: leaves as they were fitted, an inner node the mean of its children by their rows.

    Boosting rewrites the leaves alone (one Newton step), so that the inner values would not add up along the way.
    """
    values = tree.value[:, 0, 0].copy()
    for node in reversed(range(tree.node_count)):
        left, right = tree.children_left[node], tree.children_right[node]
        if left != -1:
            counts = tree.n_node_samples[[left, right]]
            values[node] = np.average(values[[left, right]], weights=counts)
    return np.asarray(values)


def _calibrated(scores: Numbers, truth: Truth) -> tuple[float, float]:
    """Slope and shift that make the held-out chances likeliest (Platt 1999)."""
    from sklearn.linear_model import LogisticRegression

    found = LogisticRegression(C=1e6).fit(scores[:, None], truth)
    return float(found.coef_[0, 0]), float(found.intercept_[0])


def _about(rows: Sequence[Row], truth: Truth, chances: Numbers) -> dict[str, Any]:
    return {
        "rows": len(truth),
        "happened": int(truth.sum()),
        "fingerprint": _fingerprint(rows, truth),
        "how": f"{FOLDS}-fold cross-validation on these rows",
        "auc": round(fitness.auc(chances, truth), 4),
        "auc_interval": fitness.interval(fitness.auc, chances, truth),
        "brier": round(fitness.brier(chances, truth), 4),
        "brier_of_base_rate": round(fitness.brier(np.full(len(truth), truth.mean()), truth), 4),
        "calibration_error": round(fitness.calibration_error(chances, truth), 4),
    }


def _fingerprint(rows: Sequence[Row], truth: Truth) -> str:
    lines = sorted(
        json.dumps([dict(row), int(own)], sort_keys=True, default=str) for row, own in zip(rows, truth, strict=True)
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
