"""`careloop triage predict|train|evaluate`: JSON alone on standard output, 2 and a sentence on bad input."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from careloop.triage.cli import triage
from careloop.triage.engine.examples import Examples
from careloop.triage.engine.remarks import SENTENCES, remarks_on, said

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


@pytest.mark.parametrize("recipe", ["svm", "forest", "tree"])
def test_named_recipes_are_measured_like_the_default(file: Path, recipe: str) -> None:
    code, out, err = run("evaluate", "--train", str(file), "--test", str(file), "--recipe", recipe, "--json")
    assert code == 0, err
    report = json.loads(out)
    assert report["recipe"] == recipe
    assert report["accuracy"] > report["baselines"]["majority"]["accuracy"]


def test_without_a_test_file_one_row_in_five_is_held_out(file: Path) -> None:
    code, out, err = run("evaluate", "--train", str(file), "--recipe", "forest", "--json")
    assert code == 0, err
    assert (json.loads(out)["n_train"], json.loads(out)["n_test"]) == (12, 3)


@pytest.mark.parametrize(
    ("lang", "warning"), [("en", "test texts also occur in the training file"), ("zh", "条也出现在训练文件里。")]
)
def test_a_page_warns_in_its_own_language(file: Path, tmp_path: Path, lang: str, warning: str) -> None:
    page = tmp_path / "report.html"
    words = ("--recipe", "svm", "--page", str(page), "--lang", lang)
    code, _, err = run("evaluate", "--train", str(file), "--test", str(file), *words)
    assert code == 0, err
    assert warning in page.read_text("utf-8")


def test_every_remark_is_a_sentence_in_both_languages() -> None:
    rows = [("a", "x")] * 40 + [("b", "y")] * 3 + [("a", "y")]
    training = Examples([text for text, _ in rows], [label for _, label in rows], skipped=2)
    test = Examples(["a", "c"], ["x", "z"], skipped=1)
    found = remarks_on(training, test, unlabelled_left_out=1)
    assert {remark["code"] for remark in found} == set(SENTENCES["en"]) == set(SENTENCES["zh"])
    for remark in found:
        assert re.search("[a-z]{3}", said(remark, "en"))
        assert re.search("[一-鿿]{3}", said(remark, "zh"))


@pytest.mark.parametrize(("lang", "title"), [("en", "What is taken for what"), ("zh", "哪些类别被认错")])
def test_a_page_with_pictures_stands_alone(file: Path, tmp_path: Path, lang: str, title: str) -> None:
    page = tmp_path / "report.html"
    words = ("--recipe", "svm", "--page", str(page), "--lang", lang)
    code, _, err = run("evaluate", "--train", str(file), "--test", str(file), *words)
    assert code == 0, err
    html = page.read_text("utf-8")
    assert title in html
    assert html.count("<svg") == 2
    assert html.count("<div><i style=") == 6  # three ways beside each other and three labels
    assert "质量" in html
    assert not any(foreign in html for foreign in ("<script", "http:", "https:", "src="))


def test_a_recipe_that_is_only_measured_or_unknown_is_refused(file: Path, tmp_path: Path) -> None:
    out_file = tmp_path / "model.npz"
    for recipe, refusal in (("forest", "cannot be kept"), ("magic", "no recipe")):
        code, out, err = run("train", "--train", str(file), "--out", str(out_file), "--recipe", recipe)
        assert (code, out) == (2, "")
        assert refusal in err
    assert not out_file.exists()


@pytest.mark.parametrize("rows", ["one,质量\ntwo,质量\nthree,质量\nfour,质量\n", "one,质量\ntwo,物流\n"])
@pytest.mark.parametrize("recipe", ["default", "forest"])
def test_one_class_or_two_rows_teach_nothing(tmp_path: Path, rows: str, recipe: str) -> None:
    path = tmp_path / "few.csv"
    path.write_text("投诉内容,投诉类型\n" + rows, "utf-8")
    code, out, err = run("evaluate", "--train", str(path), "--test", str(path), "--recipe", recipe, "--json")
    assert (code, out) == (2, "")
    assert "at least" in err


def test_a_huge_and_an_odd_text_are_read(file: Path, tmp_path: Path) -> None:
    odd = tmp_path / "odd.csv"
    odd.write_text("投诉内容,投诉类型\n" + "坏了" * 500_000 + ",质量\n\x01\x02🙂,物流\n", "utf-8")
    code, out, err = run("evaluate", "--train", str(file), "--test", str(odd), "--recipe", "svm", "--json")
    assert code == 0, err
    assert json.loads(out)["n_test"] == 2


@pytest.mark.parametrize(
    "words",
    [
        ("train", "--train", "nowhere.csv", "--out", "x.npz"),
        ("evaluate", "--train", "nowhere.csv", "--test", "nowhere.csv", "--json"),
        ("predict", "--text", "hi", "--model", "nowhere.npz", "--json"),
        ("predict", "--json"),
        ("predict", "--text", " ", "--json"),
        ("unheard-of",),
    ],
)
def test_bad_input_is_two_and_a_sentence(words: tuple[str, ...]) -> None:
    code, out, err = run(*words)
    assert code == 2
    assert out == ""
    assert err.strip()


def test_a_folder_that_is_not_there_is_said_before_learning(file: Path, tmp_path: Path) -> None:
    code, out, err = run("train", "--train", str(file), "--out", str(tmp_path / "nowhere" / "model.npz"))
    assert (code, out) == (2, "")
    assert err == f"There is no folder {tmp_path / 'nowhere'} to write the model into.\n"


@pytest.mark.parametrize("recipe", ["default", "svm"])
def test_people_read_what_was_learned_in_lines(file: Path, tmp_path: Path, recipe: str) -> None:
    code, out, err = run("train", "--train", str(file), "--out", str(tmp_path / "m.npz"), "--recipe", recipe)
    assert code == 0, err
    assert "rows        15, 3 labels" in out.splitlines()
    assert not set("{}[]'") & set(out)


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
