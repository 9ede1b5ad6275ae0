"""How good a learned model is on customers it never saw, beside what one would try first.

`evaluate` is what `careloop customers evaluate` prints: order (AUC), closeness (Brier) and honesty (calibration error)
of our chances and of each plain model, on the same rows, with intervals.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from careloop.customers.engine import fitness
from careloop.customers.engine.errors import TooFewCustomers
from careloop.customers.engine.histories import Numbers
from careloop.customers.engine.learned import CustomerModel, Row, encode, save
from careloop.customers.engine.learning import columns_of, folds, learn
from careloop.customers.engine.outcomes import Table

FEW = 200  # below so many customers to judge on an interval is wide; the report says so
Truth = npt.NDArray[np.int64]
Figures = dict[str, Any]
Rival = Callable[[Table, Table], Numbers]


def split(table: Table) -> tuple[Table, Table]:
    """Four fifths to learn from and one to judge on, both kinds alike; the same for the same rows."""
    inside, outside = folds(table.truth)[0]
    return table.take(inside), table.take(outside)


def evaluate(training: Table, test: Table, rivals: Mapping[str, Rival] | None = None) -> Figures:
    """Learn from the one, judge on the other.

    `rivals` are further models to stand beside ours, by name. Raises TooFewCustomers when either table lacks one of
    the two kinds or the training rows are too few.
    """
    if not 0 < test.truth.sum() < len(test.truth):
        raise TooFewCustomers("The customers to judge on are all of one kind; both kinds are needed.")
    begun = time.perf_counter()
    model = learn(training.rows, training.truth.astype(bool).tolist(), training.names)
    learned = time.perf_counter()
    ours = model.chances(test.rows)
    done = time.perf_counter()
    plain = {"base rate": _base_rate, "logistic regression": _logistic, "gradient boosting": _boosted}
    others = {name: of(training, test) for name, of in (plain | dict(rivals or {})).items()}
    return {
        "n_train": len(training.truth), "happened_train": int(training.truth.sum()),
        "n_test": len(test.truth), "happened_test": int(test.truth.sum()),
        "columns": [column.name for column in model.columns],
        **_figures(ours, test.truth),
        "reliability": fitness.reliability(ours, test.truth),
        "baselines": {name: _beside(ours, chances, test.truth) for name, chances in others.items()},
        "model": _about(model) | {"seconds_to_learn": round(learned - begun, 1)},
        "customers_per_second": round(len(test.truth) / max(done - learned, 1e-9)),
        "remarks": _remarks(training, test, model),
    }  # fmt: skip


def _figures(chances: Numbers, truth: Truth) -> Figures:
    return {
        "auc": round(fitness.auc(chances, truth), 4),
        "auc_interval": fitness.interval(fitness.auc, chances, truth),
        "brier": round(fitness.brier(chances, truth), 4),
        "brier_interval": fitness.interval(fitness.brier, chances, truth),
        "log_loss": round(fitness.log_loss(chances, truth), 4),
        "calibration_error": round(fitness.calibration_error(chances, truth), 4),
    }


def _beside(ours: Numbers, theirs: Numbers, truth: Truth) -> Figures:
    """Their figures, and by how much our AUC is above theirs on the same customers drawn again."""
    return _figures(theirs, truth) | {"ours_minus_it": fitness.difference_interval(fitness.auc, ours, theirs, truth)}


def _about(model: CustomerModel) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.npz"
        save(model, path)
        size = path.stat().st_size
    return {"kilobytes": round(size / 1024, 1), "candidate": model.about["candidate"], "folds": {
        key: model.about[key] for key in ("auc", "auc_interval", "brier", "calibration_error")
    }}  # fmt: skip


def _remarks(training: Table, test: Table, model: CustomerModel) -> list[str]:
    said = []
    used = {column.name for column in model.columns}
    left_out = [name for name in training.names if name not in used]
    if left_out:
        said.append(f"Columns that tell customers apart too little or too well to learn from: {', '.join(left_out)}.")
    missing = [name for name in sorted(used) if not any(name in row for row in test.rows)]
    if missing:
        said.append(f"The customers to judge on lack {', '.join(missing)}; these count as unknown.")
    if len(test.truth) < FEW:
        said.append(f"{len(test.truth)} customers are few to judge on: read the intervals, not the figures.")
    said += dict.fromkeys((*training.remarks, *test.remarks))
    return said


def _base_rate(training: Table, test: Table) -> Numbers:
    return np.full(len(test.truth), training.truth.mean())


def _logistic(training: Table, test: Table) -> Numbers:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    inside, outside = _plain(training, test)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        line = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)).fit(inside, training.truth)
    return np.asarray(line.predict_proba(outside)[:, 1])


def _boosted(training: Table, test: Table) -> Numbers:
    from sklearn.ensemble import HistGradientBoostingClassifier

    inside, outside = _plain(training, test)
    small = {"learning_rate": 0.05, "max_iter": 150, "max_leaf_nodes": 8}
    trees = HistGradientBoostingClassifier(random_state=42, **small).fit(inside, training.truth)
    return np.asarray(trees.predict_proba(outside)[:, 1])


def _plain(training: Table, test: Table) -> tuple[Numbers, Numbers]:
    """Numbers as they are, every choice as a column of its own: what one would do in a notebook."""
    columns = columns_of(training.rows, training.names, 0)
    rows: Sequence[Sequence[Row]] = (training.rows, test.rows)
    inside, outside = (encode(columns, own)[0] for own in rows)
    return inside, outside
