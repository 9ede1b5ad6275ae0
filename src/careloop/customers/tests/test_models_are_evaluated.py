"""`careloop customers evaluate` on files of strangers: figures with intervals beside plain models, or one sentence."""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from careloop.customers.cli import customers
from careloop.customers.engine.bgnbd import PUBLISHED

pytestmark = pytest.mark.offline

UNTIL = date(2026, 3, 31)


def company(count: int, seed: int, *, staying: str = "No", leaving: str = "Yes") -> list[dict[str, Any]]:
    """Who pays monthly leaves, least of all those who have been here long."""
    draw = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for at in range(count):
        months, contract = int(draw.integers(0, 72)), str(draw.choice(["monthly", "yearly"]))
        left = draw.random() < (0.7 if contract == "monthly" and months < 24 else 0.1)
        rows.append({"id": f"c{at}", "months": months, "contract": contract, "left": leaving if left else staying})
    return rows


def log(count: int, seed: int) -> list[dict[str, Any]]:
    """Purchases of people who came six to nine months before the day, at rates of their own, for eighty weeks."""
    draw = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for customer in range(count):
        first = UNTIL - timedelta(days=int(draw.integers(180, 270)))
        rate, leaves = draw.gamma(PUBLISHED.r * 3, 1 / PUBLISHED.alpha), draw.beta(PUBLISHED.a, PUBLISHED.b)
        at = 0.0
        while at < 80 * 7:
            day = first + timedelta(days=int(at))
            rows.append({"customer_id": f"{seed}-{customer}", "date": day.isoformat(), "amount": "19.90"})
            at = 1e9 if draw.random() < leaves else at + 7 * draw.exponential(1 / max(rate, 1e-9)) + 1
    return rows


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def run(*words: object) -> Result:
    return CliRunner().invoke(customers, ["evaluate", *map(str, words)])


@pytest.fixture(scope="module")
def churn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("churn")
    train = written(folder / "train.csv.gz", company(700, 1))
    test = written(folder / "test.csv", company(900, 2))
    told = run("--train", train, "--test", test, "--label-column", "left", "--json")
    assert told.exit_code == 0, told.output
    report: dict[str, Any] = json.loads(told.output)
    return report


def test_a_table_is_judged_on_the_customers_of_the_other_file(churn: dict[str, Any]) -> None:
    assert (churn["n_train"], churn["n_test"]) == (700, 900)
    assert churn["auc_interval"][0] < churn["auc"] < churn["auc_interval"][1]
    assert churn["auc"] > 0.75
    assert churn["calibration_error"] < 0.06
    assert sum(group["n"] for group in churn["reliability"]) == 900


def test_plain_models_stand_beside_ours_on_the_same_customers(churn: dict[str, Any]) -> None:
    assert list(churn["baselines"]) == ["base rate", "logistic regression", "gradient boosting"]
    base = churn["baselines"]["base rate"]
    assert base["auc"] == 0.5
    assert base["brier"] > churn["brier"]
    assert base["ours_minus_it"][0] > 0.2


def test_identifiers_are_left_out_and_that_is_said(churn: dict[str, Any]) -> None:
    assert churn["columns"] == ["months", "contract"]
    assert any(": id." in remark for remark in churn["remarks"])


def test_the_same_files_give_the_same_figures(tmp_path: Path) -> None:
    train = written(tmp_path / "train.csv", company(400, 5))
    first, second = (json.loads(run("--train", train, "--label-column", "left", "--json").output) for _ in range(2))
    for told in (first, second):
        del told["customers_per_second"], told["model"]["seconds_to_learn"]
    assert first == second
    assert (first["n_train"], first["n_test"]) == (319, 81)


def test_a_log_of_purchases_is_judged_beside_bg_nbd(tmp_path: Path) -> None:
    train, test = (written(tmp_path / f"{seed}.csv", log(500, seed)) for seed in (1, 2))
    told = run("--train", train, "--test", test, "--until", UNTIL, "--weeks", 26, "--json")
    assert told.exit_code == 0, told.output
    report = json.loads(told.output)
    assert report["n_test"] == 500
    assert "BG/NBD" in report["baselines"]
    assert report["auc"] > 0.65
    assert report["brier"] < report["baselines"]["base rate"]["brier"]


def test_the_text_says_the_same_in_words_and_counts_what_was_left_out(tmp_path: Path) -> None:
    rows = [*company(400, 5), {"id": "x", "months": 3, "contract": "yearly", "left": " "}]
    told = run("--train", written(tmp_path / "t.csv", rows), "--label-column", "left")
    assert told.exit_code == 0
    assert "AUC" in told.output
    assert "gradient boosting" in told.output
    assert "81 customers are few to judge on" in told.output
    assert "1 rows of t.csv lack what is needed" in told.output


def test_the_rarer_label_of_the_training_file_counts_in_both(tmp_path: Path) -> None:
    train = written(tmp_path / "a.csv", company(500, 1, staying="bleibt", leaving="geht"))
    others = [row for row in company(900, 2, staying="bleibt", leaving="geht") if row["months"] < 24]
    most_leave = [row for row in others if row["contract"] == "monthly" or row["left"] == "geht"]
    told = run("--train", train, "--test", written(tmp_path / "b.csv", most_leave), "--label-column", "left", "--json")
    report = json.loads(told.output)
    assert report["happened_test"] > report["n_test"] / 2
    assert report["happened_test"] == sum(row["left"] == "geht" for row in most_leave)


def _refused(*words: object) -> str:
    told = run(*words)
    assert told.exit_code == 2, told.output
    assert told.stdout == ""
    assert "Traceback" not in told.stderr
    return told.stderr.strip()


def test_what_cannot_be_used_is_refused_with_one_sentence(tmp_path: Path) -> None:
    good = written(tmp_path / "good.csv", company(400, 1))
    one_kind = written(tmp_path / "one.csv", [row | {"left": "No"} for row in company(200, 1)])
    three = written(tmp_path / "three.csv", [row | {"left": str(at % 3)} for at, row in enumerate(company(90, 1))])
    few = written(tmp_path / "few.csv", company(40, 1))
    (empty := tmp_path / "empty.csv").write_bytes(b"")
    (binary := tmp_path / "binary.csv").write_bytes(bytes(range(256)) * 8)
    (damaged := tmp_path / "damaged.csv.gz").write_bytes(good.read_bytes()[:0] + b"\x1f\x8b\x08cut")
    assert "No such file" in _refused("--train", tmp_path / "none.csv", "--label-column", "left")
    assert "no column “gone”; its columns are: id, months" in _refused("--train", good, "--label-column", "gone")
    assert "two different values; it has 1: No" in _refused("--train", one_kind, "--label-column", "left")
    assert "it has 3: 0, 1, 2" in _refused("--train", three, "--label-column", "left")
    assert "too few; 50 are needed" in _refused("--train", few, "--label-column", "left")
    assert "holds no rows" in _refused("--train", empty, "--label-column", "left")
    assert _refused("--train", binary, "--label-column", "left")
    assert "cut short or damaged" in _refused("--train", damaged, "--label-column", "left")
    assert "either --label-column" in _refused("--train", good)
    assert "No row of good.csv says “maybe”" in _refused(
        "--train", good, "--label-column", "left", "--positive", "maybe"
    )
    assert "no column “customer_id”" in _refused("--train", good, "--until", "2026-01-01")


def test_a_log_that_cannot_tell_is_refused(tmp_path: Path) -> None:
    rows = log(60, 1)
    told = written(tmp_path / "log.csv", rows)
    odd = written(tmp_path / "odd.csv", [*rows, rows[0] | {"date": "soon"}])
    assert "“someday” is no day" in _refused("--train", told, "--until", "someday")
    assert f"row {len(rows) + 1}: “soon” is no day" in _refused("--train", odd, "--until", UNTIL)
    assert "nothing tells who bought after" in _refused("--train", told, "--until", "2030-01-01")
    assert "Nobody in log.csv bought until" in _refused("--train", told, "--until", "2001-01-01")


def test_no_database_secret_or_setting_is_needed(tmp_path: Path) -> None:
    train = written(tmp_path / "t.csv", company(300, 1))
    command = "import sys; from careloop.cli.main import careloop;"
    command += f"careloop(['customers', 'evaluate', '--train', {str(train)!r}, '--label-column', 'left'],"
    command += " standalone_mode=False); assert 'django.conf' not in sys.modules, 'Django was asked'"
    done = subprocess.run([sys.executable, "-c", command], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
