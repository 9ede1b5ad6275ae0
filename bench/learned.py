"""Learned models: ours beside a plain attempt in the same folds, on the labelled sets of a folder.

Plain is scikit-learn's TF-IDF (Chinese: characters 1-3; English: words 1-2 and characters 2-5 in words) and LinearSVC,
C = 1. Ours is what `careloop triage train` makes of the same rows, choosing included. The sets are read from the folder
that CARELOOP_BENCH_DATA names (`data` without it); what is not there is skipped with a sentence. At most ROWS rows of a
set count, drawn with a fixed seed, unless all are asked for.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from bench.figures import table

ROWS = 2_000
FOLDS = 3
SEED = 7  # another than choosing's own, so that its inner folds are not these
CHINESE, ENGLISH = "zh", "en"
SETS = (
    ("BANKING77", "banking77/train.csv.gz", "text", "category", ENGLISH),
    ("CFPB product", "cfpb/narratives_train.csv.gz", "narrative", "product", ENGLISH),
    ("shop10 sentiment", "online_shopping_10_cats/data_train.csv.gz", "review", "label", CHINESE),
    ("shop10 category", "online_shopping_10_cats/data_train.csv.gz", "review", "cat", CHINESE),
    ("waimai", "waimai_10k/data_train.csv.gz", "review", "label", CHINESE),
    ("hotel", "chnsenticorp_htl/data_train.csv.gz", "review", "label", CHINESE),
    ("citizen complaints", "gov_messages_zh/labelled_train.csv.gz", "subject,body", "label_l1", CHINESE),
)


def measure(*, all_rows: bool = False) -> dict[str, Any]:
    """For each set the accuracy of both over the held-out rows of all folds, and how many only one had right."""
    return {name: _set(*where, all_rows=all_rows) for name, *where in SETS}


def show(result: dict[str, Any]) -> str:
    rows = [{"set": name, **found} for name, found in result.items() if "skipped" not in found]
    left_out = [f"{name}: skipped, {found['skipped']}" for name, found in result.items() if "skipped" in found]
    return "\n".join(part for part in (table(rows), *left_out) if part)


def _set(file: str, text_column: str, label_column: str, language: str, *, all_rows: bool) -> dict[str, Any]:
    from careloop.triage.engine.examples import distinct_positions, read_examples
    from careloop.triage.engine.training import train

    path = Path(os.environ.get("CARELOOP_BENCH_DATA", "data")) / file
    if not path.exists():
        return {"skipped": f"no {file} below the folder that CARELOOP_BENCH_DATA names"}
    examples = read_examples(path, text_column, label_column)
    generator = np.random.default_rng(SEED)
    if not all_rows:
        examples = examples.take(sorted(generator.permutation(len(examples))[:ROWS].tolist()))
    fold_of_text = generator.integers(0, FOLDS, len(examples))
    folds = fold_of_text[distinct_positions(examples.texts)]  # equal texts together
    truth = np.array(examples.labels)
    plain, ours = truth.copy(), truth.copy()
    for fold in range(FOLDS):
        inside, outside = np.flatnonzero(folds != fold).tolist(), np.flatnonzero(folds == fold).tolist()
        texts = [examples.texts[i] for i in outside]
        training = examples.take(inside)
        plain[outside] = _plain(training.texts, training.labels, texts, language)
        ours[outside] = train(training).predict(texts)
    ahead, behind = int(((ours == truth) & (plain != truth)).sum()), int(((ours != truth) & (plain == truth)).sum())
    return {
        "n": len(truth),
        "folds": FOLDS,
        "plain": _share(plain == truth),
        "ours": _share(ours == truth),
        "only_ours_right": ahead,
        "only_plain_right": behind,
    }


def _plain(texts: list[str], labels: list[str], asked: list[str], language: str) -> Any:
    from scipy import sparse
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    of_characters = [TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)]
    of_words = [
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True),
    ]
    kinds = of_characters if language == CHINESE else of_words
    learned = sparse.hstack([kind.fit_transform(texts) for kind in kinds], format="csr")
    machine = LinearSVC(C=1.0, random_state=42).fit(learned, labels)
    return machine.predict(sparse.hstack([kind.transform(asked) for kind in kinds], format="csr"))


def _share(right: Any) -> float:
    return round(float(np.mean(right)), 4)
