"""Customers: churn on Telco, repurchase on CDNOW; ours beside logistic regression and gradient boosting, same folds.

The sets are read from the folder that CARELOOP_BENCH_DATA names (`data` without it):
`telco_churn/data_train.csv.gz`, `cdnow/transactions_train.csv.gz` and, for the value models, the sample that the papers
fitted, `cdnow/cdnow_customers_summary_with_transactions.csv` (as the package `lifetimes` carries it); what is not there
is skipped with a sentence. Every chance is of a customer held out, out of five folds; intervals are bootstraps over
those customers.
"""

from __future__ import annotations

import csv
import gzip
import os
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from bench.figures import table

FOLDS = 5
SEED = 7  # another than learning's own, so that its inner folds are not these
CUT = date(1997, 9, 30)
FORECAST = timedelta(weeks=39)
FIVE = ("repeats", "silence_days", "known_days", "spent", "spent_a_day")
Chances = Callable[[Any, Any], Any]


def measure() -> dict[str, Any]:
    return {
        "churn": _set("telco_churn/data_train.csv.gz", _churn),
        "repurchase": _set("cdnow/transactions_train.csv.gz", _repurchase),
        "refit": _set("cdnow/cdnow_customers_summary_with_transactions.csv", _refit),
    }


def show(result: dict[str, Any]) -> str:
    parts = []
    for name, found in result.items():
        if "skipped" in found:
            parts.append(f"{name}: skipped, {found['skipped']}")
            continue
        if "fitted" in found:
            parts += [f"{name}: {found['n']} customers", table(found["fitted"])]
            continue
        parts.append(f"{name}: {found['n']} customers, {found['happened']} positive, {FOLDS} folds")
        parts.append(table(found["models"]))
        parts.append(table(found["reliability"]))
    return "\n".join(parts)


def _set(name: str, of: Callable[[list[dict[str, str]]], dict[str, Any]]) -> dict[str, Any]:
    path = Path(os.environ.get("CARELOOP_BENCH_DATA", "data")) / name
    if not path.exists():
        return {"skipped": f"no {name} below the folder that CARELOOP_BENCH_DATA names"}
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as stream:
        return of(list(csv.DictReader(stream)))


def _churn(rows: list[dict[str, str]]) -> dict[str, Any]:
    names = [name for name in rows[0] if name not in ("customerID", "Churn")]
    told = [{name: row[name] for name in names} for row in rows]
    left = np.array([row["Churn"] == "Yes" for row in rows], dtype=np.int64)
    plain = _plain(told, names)
    return _compared(left, {
        "ours": lambda inside, outside: _ours(told, left, inside, outside),
        "LogReg": lambda inside, outside: _logistic(plain, left, inside, outside),
        "HistGB": lambda inside, outside: _boosted(plain, left, inside, outside),
        "HistGB small": lambda inside, outside: _boosted(plain, left, inside, outside, learning_rate=0.05,
                                                         max_iter=150, max_leaf_nodes=8),
    })  # fmt: skip


def _repurchase(rows: list[dict[str, str]]) -> dict[str, Any]:
    """Learned on what was known on 1997-09-30, judged on the 39 weeks after it."""
    from careloop.customers.engine import bgnbd
    from careloop.customers.engine.histories import Histories, history_of
    from careloop.customers.engine.repurchase import repurchase_facts

    bought = purchases(rows)
    told = [facts for one in bought if (facts := repurchase_facts(one, CUT))]
    again = np.array([any(CUT < day <= CUT + FORECAST for day, _, _ in one) for one in bought], dtype=np.int64)
    known = Histories.of([own for one in bought if (own := history_of([(d, a) for d, a, _ in one], CUT))])
    five = np.array([[facts[name] for name in FIVE] for facts in told])
    weeks = FORECAST.days / 7
    return _compared(again, {
        "ours": lambda inside, outside: _ours(told, again, inside, outside),
        "LogReg, five": lambda inside, outside: _logistic(five, again, inside, outside),
        "HistGB, five": lambda inside, outside: _boosted(five, again, inside, outside),
        "HistGB small, five": lambda inside, outside: _boosted(five, again, inside, outside, learning_rate=0.05,
                                                               max_iter=120, max_leaf_nodes=8),
        "BG/NBD": lambda inside, outside: bgnbd.fit(known.take(inside)).chance_of_buying(known.take(outside), weeks),
    })  # fmt: skip


def _refit(rows: list[dict[str, str]]) -> dict[str, Any]:
    """Both value models on the sample the papers fitted (`lifetimes` carries it), beside the papers' parameters."""
    from careloop.customers.engine import bgnbd, gamma_gamma
    from careloop.customers.engine.histories import Histories

    columns = [np.array([float(row[name]) for row in rows]) for name in ("x", "t_x", "T", "zbar")]
    known = Histories(*columns).checked()
    counts, spend = bgnbd.fit(known), gamma_gamma.fit(known)
    likelihoods = [float(model.log_likelihood(known).sum()) for model in (bgnbd.PUBLISHED, counts)]
    names = {"r": 4, "alpha": 4, "a": 4, "b": 4}
    return {"n": len(known), "fitted": [
        {"BG/NBD": "published", **{name: getattr(bgnbd.PUBLISHED, name) for name in names}, "logL": likelihoods[0],
         "p": 6.25, "q": 3.74, "v": 15.44},
        {"BG/NBD": "ours", **{name: round(getattr(counts, name), 4) for name in names}, "logL": likelihoods[1],
         "p": round(spend.p, 2), "q": round(spend.q, 2), "v": round(spend.v, 2)},
    ]}  # fmt: skip


def purchases(rows: Sequence[dict[str, str]]) -> list[list[tuple[date, float, int]]]:
    """Of each customer: day, amount, units."""
    found: dict[str, list[tuple[date, float, int]]] = defaultdict(list)
    for row in rows:
        day = date(int(row["date"][:4]), int(row["date"][4:6]), int(row["date"][6:]))
        found[row["customer_id"]].append((day, float(row["amount_usd"]), int(row["quantity"])))
    return list(found.values())


def _compared(truth: Any, models: dict[str, Chances]) -> dict[str, Any]:
    from careloop.customers.engine import fitness
    from careloop.customers.engine.learning import folds

    chances = {name: np.zeros(len(truth)) for name in models}
    seconds = dict.fromkeys(models, 0.0)
    for inside, outside in folds(truth, FOLDS, SEED):
        for name, model in models.items():
            begun = time.process_time()
            chances[name][outside] = model(inside, outside)
            seconds[name] += time.process_time() - begun
    ours = chances["ours"]
    return {
        "n": len(truth),
        "happened": int(truth.sum()),
        "models": [
            {
                "model": name,
                "auc": f"{fitness.auc(own, truth):.4f}",
                "95 %": "{:.4f}–{:.4f}".format(*fitness.interval(fitness.auc, own, truth)),
                "ours minus it": "{:+.4f}…{:+.4f}".format(*fitness.difference_interval(fitness.auc, ours, own, truth)),
                "brier": f"{fitness.brier(own, truth):.4f}",
                "log loss": f"{fitness.log_loss(own, truth):.4f}",
                "calibration error": f"{fitness.calibration_error(own, truth):.4f}",
                "cpu s": round(seconds[name], 1),
            }
            for name, own in chances.items()
        ],
        "reliability": fitness.reliability(ours, truth),
    }


def _ours(rows: Sequence[Any], truth: Any, inside: Any, outside: Any) -> Any:
    from careloop.customers.engine.learning import learn

    model = learn([rows[at] for at in inside], truth[inside])
    return model.chances([rows[at] for at in outside])


def _plain(rows: Sequence[dict[str, str]], names: Sequence[str]) -> Any:
    """Numbers as they are, every choice as a column of its own: what one would do in a notebook."""
    return np.hstack(list(_columns(rows, names)))


def _columns(rows: Sequence[dict[str, str]], names: Sequence[str]) -> Iterator[Any]:
    for name in names:
        values = np.array([row[name].strip() for row in rows])
        if len(set(values)) > 10:
            yield np.array([[float(value or 0)] for value in values])
        else:
            yield (values[:, None] == np.unique(values)[None, :]).astype(float)


def _logistic(features: Any, truth: Any, inside: Any, outside: Any) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)).fit(features[inside], truth[inside])
    return model.predict_proba(features[outside])[:, 1]


def _boosted(features: Any, truth: Any, inside: Any, outside: Any, **settings: Any) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(random_state=42, **settings).fit(features[inside], truth[inside])
    return model.predict_proba(features[outside])[:, 1]
