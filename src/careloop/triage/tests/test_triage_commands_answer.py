"""`careloop triage predict|train|evaluate`: JSON alone on standard output, 2 and a sentence on bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from careloop.triage.cli import triage

ROWS = "".join(
    f"{text}{thing},{label}\n"
    for thing in ("面霜", "精华", "口红", "面膜", "防晒")
    for text, label in (("坏了", "质量"), ("没收到", "物流"), ("太贵", "价格"))
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text("投诉内容,投诉类型\n" + ROWS, encoding="utf-8")
    return path


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(triage, list(words))
    return result.exit_code, result.stdout, result.stderr


def test_predict_prints_every_head_as_json() -> None:
    code, out, _ = run("predict", "--text", "我购买的产品出现了质量问题，无法正常使用。", "--json")
    heads = json.loads(out)["heads"]
    assert code == 0
    assert heads["nature"]["label"] == "quality"
    assert {"label", "confidence", "reasons"} <= heads["severity"].keys()
    assert heads["crisis"]["labels"] == []


def test_train_then_predict_with_the_model(file: Path, tmp_path: Path) -> None:
    out_file = tmp_path / "model.npz"
    code, out, err = run("train", "--train", str(file), "--out", str(out_file), "--json")
    assert code == 0, err
    assert json.loads(out)["rows"] == 15
    code, out, _ = run("predict", "--text", "眼霜坏了", "--model", str(out_file), "--json")
    assert code == 0
    assert json.loads(out)["heads"]["nature"]["label"] == "质量"


def test_evaluate_prints_its_figures_as_json(file: Path) -> None:
    columns = ("--text-column", "投诉内容", "--label-column", "投诉类型")
    code, out, _ = run("evaluate", "--train", str(file), "--test", str(file), *columns, "--json")
    report = json.loads(out)
    assert code == 0
    assert {"accuracy", "macro_f1", "n_test", "texts_per_second"} <= report.keys()
    assert report["n_test"] == 15
    assert run("evaluate", "--train", str(file), "--test", str(file))[1].startswith("accuracy")


@pytest.mark.parametrize(
    "words",
    [
        ("train", "--train", "nowhere.csv", "--out", "x.npz"),
        ("evaluate", "--train", "nowhere.csv", "--test", "nowhere.csv", "--json"),
        ("predict", "--text", "hi", "--model", "nowhere.npz", "--json"),
        ("predict", "--json"),
        ("unheard-of",),
    ],
)
def test_bad_input_is_two_and_a_sentence(words: tuple[str, ...]) -> None:
    code, out, err = run(*words)
    assert code == 2
    assert out == ""
    assert err.strip()


def test_a_missing_column_is_named(file: Path) -> None:
    code, out, err = run("evaluate", "--train", str(file), "--test", str(file), "--text-column", "body", "--json")
    assert (code, out) == (2, "")
    assert "“body”" in err
    assert "投诉内容" in err


def test_the_command_needs_no_settings_and_no_framework() -> None:
    watched = (
        "import sys; from careloop.triage.cli import triage;"
        "triage(['predict', '--text', '坏了', '--json'], standalone_mode=False);"
        "assert not any(name == 'django' or name.startswith(('django.', 'sklearn')) for name in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", watched], capture_output=True, env={"PATH": "/usr/bin"}, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode()


def test_training_without_the_library_says_what_to_install(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.svm", None)
    code, out, err = run("train", "--train", str(file), "--out", str(file.with_suffix(".npz")))
    assert (code, out) == (2, "")
    assert "careloop[train]" in err


@pytest.mark.parametrize("migrated", [False, True])
def test_training_from_a_database_without_labels_says_what_to_do(tmp_path: Path, migrated: bool) -> None:
    def careloop(*words: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [str(Path(sys.executable).with_name("careloop")), *words],
            capture_output=True,
            env={"PATH": "/usr/bin", "CARELOOP_DATA_DIR": str(tmp_path)},
            check=False,
            timeout=120,
        )

    if migrated:
        assert careloop("migrate").returncode == 0
    done = careloop("triage", "train")
    assert (done.returncode, done.stdout) == (2, b"")
    assert (b"correct some predictions" if migrated else b"careloop migrate") in done.stderr
