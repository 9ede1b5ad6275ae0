"""Triage from Python and Jupyter, without the web part (mission 23): tables in, tables out, and the worked notebook."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbclient import NotebookClient

from careloop import triage
from careloop.triage.engine.errors import UnusableExamples

pytestmark = pytest.mark.offline

REPOSITORY = Path(__file__).parents[4]
NOTEBOOKS = REPOSITORY / "docs" / "notebooks"
COMPLAINTS = NOTEBOOKS / "complaints.csv"


@pytest.fixture(scope="module")
def complaints() -> pd.DataFrame:
    return pd.read_csv(COMPLAINTS)


@pytest.fixture(scope="module")
def model(complaints: pd.DataFrame) -> triage.LinearModel:
    return triage.train(triage.read(complaints, "投诉内容", "投诉程度"), "severity")


def test_nothing_of_the_web_part_is_imported() -> None:
    script = f"""
import sys
from careloop.triage import evaluate, explain, predict, read, train, understand
examples = read({str(COMPLAINTS)!r}, "投诉内容", "投诉程度")
model = train(examples.take(range(0, 240, 3)), "severity")
assert predict(model, "电热毯冒烟")[0]["label"] in model.labels
assert explain("快递怎么还没到")
web = [name for name in sys.modules if name.split(".")[0] in ("django", "ninja", "allauth")]
assert not web, web
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_importing_the_room_costs_nothing() -> None:
    script = "import sys, careloop.triage; assert 'numpy' not in sys.modules and 'scipy' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_frame_reads_like_the_file_it_came_from(complaints: pd.DataFrame) -> None:
    from_frame = triage.read(complaints, "投诉内容,投诉类型", "投诉程度")
    from_file = triage.read(COMPLAINTS, "投诉内容,投诉类型", "投诉程度")
    assert (from_frame.texts, from_frame.labels, from_frame.skipped) == (
        from_file.texts, from_file.labels, from_file.skipped,
    )  # fmt: skip
    assert from_frame.skipped > 0


def test_seed_headers_are_known_without_naming_them(complaints: pd.DataFrame) -> None:
    assert triage.read(complaints).labels == triage.read(complaints, "投诉内容", "投诉类型").labels


def test_a_list_of_mappings_is_a_table_too() -> None:
    rows = [{"text": "broken", "label": 1}, {"text": "late", "label": 2}, {"text": "", "label": 1}]
    examples = triage.read(rows)
    assert (examples.labels, examples.skipped) == (["1", "2"], 1)


@pytest.mark.parametrize("nothing", [None, np.nan, pd.NA, pd.NaT, "", "  "], ids=str)
def test_whatever_pandas_calls_missing_is_skipped(nothing: Any) -> None:
    frame = pd.DataFrame({"text": ["broken", nothing, "late"], "label": ["a", "a", "b"]}, dtype=object)
    assert triage.read(frame).skipped == 1


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (pd.DataFrame({"words": ["a"], "label": ["b"]}), "no column “text”"),
        (pd.DataFrame({"text": ["a"], "label": [None]}), "has both a text and a label"),
        (pd.DataFrame({"text": [], "label": []}), "holds no rows"),
        ([], "holds no rows"),
    ],
    ids=["no such column", "no label", "no row", "empty list"],
)
def test_a_table_that_cannot_teach_is_refused_with_a_sentence(frame: Any, said: str) -> None:
    with pytest.raises(UnusableExamples, match=said):
        triage.read(frame)


def test_predictions_are_rows_with_label_probability_and_reasons(model: triage.LinearModel) -> None:
    table = pd.DataFrame(triage.predict(model, ["充电宝爆炸烫伤了手，我要起诉", "请问发票可以随货寄吗"]))
    assert list(table.columns) == ["text", "label", "probability", "reasons"]
    assert table["probability"].between(0, 1).all()
    assert table["label"].tolist() == ["严重", "轻微"]
    assert triage.predict(model, []) == []


def test_predictions_take_a_column_of_a_frame(model: triage.LinearModel, complaints: pd.DataFrame) -> None:
    told = triage.predict(model, complaints["投诉内容"].dropna())
    assert len(told) == complaints["投诉内容"].notna().sum()


def test_explaining_tells_every_head_with_its_reasons(model: triage.LinearModel) -> None:
    table = pd.DataFrame(triage.explain("热水器漏电，我被电了一下", model)).set_index("head")
    assert {"nature", "severity", "crisis", "intent"} <= set(table.index)
    assert "injury" in table.loc["crisis", "label"] or "safety" in table.loc["crisis", "label"]
    with pytest.raises(UnusableExamples, match="is a text"):
        triage.explain(None)  # type: ignore[arg-type]


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'guess'"):
        _ = triage.guess
    assert set(triage.__all__) <= set(dir(triage))
    assert all(hasattr(triage, name) for name in triage.__all__)


@pytest.mark.slow
def test_the_worked_notebook_runs_from_top_to_bottom() -> None:
    notebook = nbformat.read(NOTEBOOKS / "triage.ipynb", as_version=4)
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(NOTEBOOKS)}}
    ).execute()
    printed = json.dumps(notebook, ensure_ascii=False)
    assert "ours, held out" in printed
    assert "image/png" in printed


def test_the_notebook_is_kept_without_output_and_without_paths_of_a_machine() -> None:
    notebook = nbformat.read(NOTEBOOKS / "triage.ipynb", as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert "/work" not in json.dumps(notebook)
