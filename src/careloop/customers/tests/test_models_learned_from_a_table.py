"""Models of one's own table of customers: learned with scikit-learn, kept as arrays, predicted with numpy alone."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from careloop.customers.engine import fitness, learned, packaged
from careloop.customers.engine.errors import CustomerModelError, TooFewCustomers, UnreadableTable
from careloop.customers.engine.learning import folds, learn
from careloop.customers.engine.repurchase import repurchase_facts

pytestmark = pytest.mark.offline


def company(count: int = 700, seed: int = 1) -> tuple[list[dict[str, Any]], list[bool]]:
    """Who pays monthly leaves, least of all those who have been here long."""
    draw = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    left = []
    for at in range(count):
        months, contract = int(draw.integers(0, 72)), str(draw.choice(["monthly", "yearly"]))
        rows.append({"id": f"c{at}", "months": str(months), "contract": contract, "country": "CN"})
        left.append(bool(draw.random() < (0.7 if contract == "monthly" and months < 24 else 0.1)))
    return rows, left


@pytest.fixture(scope="module")
def model() -> learned.CustomerModel:
    return learn(*company())


def test_a_model_orders_customers_it_never_saw_and_its_chances_are_true(model: learned.CustomerModel) -> None:
    rows, left = company(1_500, seed=2)
    chances = model.chances(rows)
    assert fitness.auc(chances, np.array(left)) > 0.75
    assert fitness.calibration_error(chances, np.array(left)) < 0.06
    assert chances.mean() == pytest.approx(np.mean(left), abs=0.04)


def test_identifiers_and_columns_that_say_nothing_are_left_out(model: learned.CustomerModel) -> None:
    assert [column.name for column in model.columns] == ["months", "contract"]


def test_a_model_says_over_how_many_customers_and_how_it_was_judged(model: learned.CustomerModel) -> None:
    assert model.about["rows"] == 700
    assert model.about["auc_interval"][0] < model.about["auc"] < model.about["auc_interval"][1]
    assert model.about["brier"] < model.about["brier_of_base_rate"]


def test_reasons_name_the_column_and_which_way_it_pushed(model: learned.CustomerModel) -> None:
    monthly, yearly = ({"months": "3", "contract": kind} for kind in ("monthly", "yearly"))
    assert {reason.column for reason in model.reasons(monthly)} == {"months", "contract"}
    assert all(reason.push > 0 for reason in model.reasons(monthly))
    assert next(reason for reason in model.reasons(yearly) if reason.column == "contract").push < 0


def test_pushes_add_up_to_the_score(model: learned.CustomerModel) -> None:
    rows, _ = company(5, seed=3)
    by_line, by_trees = model._pushes(rows)
    whole = model._by_column(by_line, by_trees).sum(axis=1)
    assert whole + model.intercept + model.trees.start == pytest.approx(model.scores(rows))


def test_our_arrays_say_what_scikit_learn_says() -> None:
    from sklearn.ensemble import GradientBoostingClassifier

    from careloop.customers.engine.learning import _as_arrays

    draw = np.random.default_rng(0)
    features = draw.normal(size=(400, 5))
    truth = (features[:, 0] + draw.normal(size=400) > 0).astype(np.int64)
    boosted = GradientBoostingClassifier(n_estimators=30, learning_rate=0.1, random_state=0).fit(features, truth)
    trees = _as_arrays(boosted, truth)
    ours = trees.pushes(features).sum(axis=1) + trees.start
    assert ours == pytest.approx(boosted.decision_function(features), abs=1e-9)


@pytest.mark.parametrize(
    "row",
    [{}, {"months": "", "contract": None}, {"months": "many", "contract": "lunar"}, {"months": float("inf")}],
    ids=["nothing", "blank", "unknown", "endless"],
)
def test_what_is_not_known_gets_an_answer_all_the_same(model: learned.CustomerModel, row: dict[str, Any]) -> None:
    assert 0 < model.chances([row])[0] < 1


def test_no_row_no_answer(model: learned.CustomerModel) -> None:
    assert len(model.chances([])) == 0


def test_a_model_answers_alike_after_it_was_saved_and_without_scikit_learn(
    model: learned.CustomerModel, tmp_path: Path
) -> None:
    file = tmp_path / "churn.npz"
    learned.save(model, file)
    row = {"months": "3", "contract": "monthly"}
    assert learned.load(file).chances([row])[0] == model.chances([row])[0]
    script = (
        "import sys; from pathlib import Path; from careloop.customers.engine import learned;"
        f"print(learned.load(Path({str(file)!r})).chances([{row!r}])[0]); assert 'sklearn' not in sys.modules"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert float(told.stdout) == pytest.approx(model.chances([row])[0])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half a file", b"not a model"], ids=["empty", "cut", "other"])
def test_a_damaged_file_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "model.npz"
    file.write_bytes(content)
    with pytest.raises(UnreadableTable, match="learn it again"):
        learned.load(file)
    with pytest.raises(UnreadableTable, match="cannot be read"):
        learned.load(tmp_path / "missing.npz")


def test_a_file_of_another_format_is_refused_with_a_sentence(
    model: learned.CustomerModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learned, "FORMAT_VERSION", 99)
    learned.save(model, tmp_path / "model.npz")
    monkeypatch.undo()
    with pytest.raises(UnreadableTable, match="another format"):
        learned.load(tmp_path / "model.npz")


def test_too_little_teaches_nothing() -> None:
    rows, _ = company(100)
    with pytest.raises(TooFewCustomers, match="too few"):
        learn(rows, [at < 49 for at in range(100)])
    with pytest.raises(CustomerModelError, match="No column"):
        learn([{"country": "CN"}] * 200, [at % 2 == 0 for at in range(200)])


def test_folds_hold_both_kinds_and_everybody_once() -> None:
    truth = np.array([1] * 50 + [0] * 450)
    parts = folds(truth)
    assert sorted(np.concatenate([outside for _, outside in parts]).tolist()) == list(range(500))
    assert {int(truth[outside].sum()) for _, outside in parts} == {10}


def test_what_a_model_may_know_of_purchases_ends_with_the_day_asked() -> None:
    day = date(2026, 3, 1)
    bought = [(day, 20.0, 1), (day + timedelta(30), 60.0, 2), (day + timedelta(90), 999.0, 9)]
    facts = repurchase_facts(bought, day + timedelta(60))
    assert facts == repurchase_facts(bought[:2], day + timedelta(60))
    assert facts is not None
    assert facts["silence_days"] == 30
    assert facts["mean_gap"] == 30
    assert np.exp(facts["spent"]) - 1 == pytest.approx(80)
    assert repurchase_facts(bought, day - timedelta(1)) is None


def test_refunds_and_gifts_break_no_logarithm() -> None:
    facts = repurchase_facts([(date(2026, 1, 1), -5.0, 0)], date(2026, 1, 1))
    assert facts is not None
    assert all(np.isfinite(value) for value in facts.values())


def test_auc_and_brier_agree_with_what_they_mean() -> None:
    chances, truth = np.array([0.1, 0.4, 0.4, 0.9]), np.array([0, 0, 1, 1])
    assert fitness.auc(chances, truth) == pytest.approx(3.5 / 4)
    assert fitness.brier(chances, truth) == pytest.approx((0.01 + 0.16 + 0.36 + 0.01) / 4)
    assert np.isnan(fitness.auc(chances, np.zeros(4)))
    assert sum(group["n"] for group in fitness.reliability(chances, truth)) == 4


def test_the_packaged_tables_tell_the_faithful_from_the_fleeting() -> None:
    new = {"tenure": "1", "Contract": "Month-to-month", "InternetService": "Fiber optic", "MonthlyCharges": "90"}
    old = {"tenure": "70", "Contract": "Two year", "InternetService": "DSL", "MonthlyCharges": "60"}
    gone, stays = packaged.telecom_churn().chances([new, old])
    assert gone > 0.4
    assert stays < 0.1
    today = date(1997, 9, 30)
    regular = [(today - timedelta(days), 30.0, 2) for days in (240, 180, 120, 60, 14)]
    often, once = (repurchase_facts(bought, today) for bought in (regular, regular[:1]))
    assert often is not None
    assert once is not None
    again, not_again = packaged.repurchase().chances([often, once])
    assert again > 0.6
    assert not_again < 0.3
    assert packaged.repurchase().about["rows"] > 10_000
