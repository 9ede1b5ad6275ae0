"""A linear model joined by a sentence encoder: chosen on held-out rows, kept in one file, words alone without it."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from careloop.triage.cli import triage
from careloop.triage.engine import hybrid, kernel
from careloop.triage.engine.classifier import classifier_from
from careloop.triage.engine.encoder.encoder import Encoder, encoder_of_environment
from careloop.triage.engine.errors import UnreadableModel
from careloop.triage.engine.evaluation import evaluate
from careloop.triage.engine.examples import Examples
from careloop.triage.engine.hybrid import HybridModel
from careloop.triage.engine.kernel import Lesson
from careloop.triage.engine.label_words import words_of
from careloop.triage.engine.linear import LinearModel
from careloop.triage.engine.training import train_with
from careloop.triage.engine.unlabelled import learn_from_both
from careloop.triage.tests.encoder_helpers import MadeUpEncoder

pytestmark = pytest.mark.offline

TOPICS = (("车", "船", "飞机", "火车"), ("苹果", "梨", "桃", "葡萄"), ("猫", "狗", "马", "牛"))
LABELS = ("vehicle", "fruit", "animal")


def examples_of(wanted: slice) -> Examples:
    rows = [
        (f"{word}{tail}", label)
        for topic, label in zip(TOPICS, LABELS, strict=True)
        for word in topic[wanted]
        for tail in ("来了", "很好", "在这里", "不见了", "真大")
    ]
    return Examples([text for text, _ in rows], [label for _, label in rows])


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return MadeUpEncoder(TOPICS)


@pytest.fixture(scope="module")
def model(encoder: Encoder) -> HybridModel:
    trained = train_with(examples_of(slice(0, 3)), "nature", encoder)
    assert isinstance(trained, HybridModel)
    return trained


def test_words_never_seen_are_understood_by_their_meaning(model: HybridModel) -> None:
    unseen = examples_of(slice(3, 4))
    assert model.predict(unseen.texts) == unseen.labels
    assert model.linear.predict(unseen.texts) != unseen.labels


def test_probabilities_sum_to_one_and_agree_with_the_label(model: HybridModel) -> None:
    texts = ["火车来了", "", "一", "葡萄很好" * 500]
    chances = model.probabilities(texts)
    assert np.allclose(chances.sum(axis=1), 1, atol=1e-4)
    assert [model.labels[at] for at in chances.argmax(axis=1)] == model.predict(texts)


def test_it_says_what_it_was_made_of_and_how_good_each_part_was(model: HybridModel) -> None:
    assert "made-up" in model.info.candidate
    assert {"accuracy", "linear_accuracy", "encoder_share"} <= model.info.scores.keys()


def test_it_answers_alike_before_and_after_its_file(model: HybridModel, encoder: Encoder, tmp_path: Path) -> None:
    hybrid.save(model, tmp_path / "m.npz")
    loaded = hybrid.load(tmp_path / "m.npz", encoder)
    texts = ["火车来了", "葡萄很好", "牛"]
    assert isinstance(loaded, HybridModel)
    assert np.allclose(loaded.probabilities(texts), model.probabilities(texts), atol=1e-5)


def test_without_its_encoder_the_words_answer_alone(model: HybridModel, tmp_path: Path) -> None:
    hybrid.save(model, tmp_path / "m.npz")
    other = MadeUpEncoder(TOPICS)
    other.fingerprint = "another"
    for given in (None, other):
        loaded = hybrid.load(tmp_path / "m.npz", given)
        assert isinstance(loaded, LinearModel)
        assert loaded.predict(["车来了"]) == ["vehicle"]
    assert hybrid.encoder_wanted(tmp_path / "m.npz") == ("made-up-1", "made-up")


def test_the_name_of_a_label_teaches_what_no_example_says(encoder: Encoder) -> None:
    rows = examples_of(slice(0, 3))
    named = Examples(rows.texts, [{"vehicle": "火车_和_马"}.get(label, label) for label in rows.labels])
    trained = train_with(named, "nature", encoder)
    assert "names of labels" in trained.info.candidate
    assert isinstance(trained, HybridModel)
    assert len(trained.dense.rows) == len(rows) + 3


@pytest.mark.parametrize(
    ("label", "words"),
    [("card_arrival", "card arrival"), ("LostCard", "Lost Card"), ("城乡-建设", "城乡 建设"), ("1", ""), ("A7", "")],
)
def test_the_name_of_a_label_is_read_as_words(label: str, words: str) -> None:
    assert words_of(label) == words


def test_texts_without_labels_teach_words_that_no_label_ever_saw() -> None:
    """Neither side of a topic is like the other; only texts that hold both words carry the label across."""
    steps = (*((f"w{number}", f"w{number + 1}") for number in range(8)), ("z0", "z1"), ("z1", "z2"))
    chain = MadeUpEncoder(steps)
    labelled = Examples(["w0 a", "w0 b", "w0 c", "z0 a", "z0 b", "z0 c"] * 2, ["1", "1", "1", "2", "2", "2"] * 2)
    others = [f"{left} {right}" for left, right in steps] * 3
    lesson = Lesson(chain.vectors(labelled.texts), np.array([0, 0, 0, 1, 1, 1] * 2), np.arange(12) % 3, 2)
    alone, held = kernel.fit_and_hold_out(lesson, kernel.Kernel(1.0, 0.1))
    taught, also_held = learn_from_both(lesson, chain.vectors(others), kernel.Kernel(1.0, 0.1))
    asked = chain.vectors(["w3"])
    assert held.shape == also_held.shape == (12, 2)
    surer = taught.decision(asked)[0] - alone.decision(asked)[0]
    assert surer[0] > 0.1 > surer[1]


def test_texts_without_labels_are_learned_from_only_where_they_help(model: HybridModel, encoder: Encoder) -> None:
    others = [f"{word}{tail}" for topic in TOPICS for word in topic for tail in ("坏了", "哪里")]
    taught = train_with(examples_of(slice(0, 3)), "nature", encoder, others)
    assert taught.info.scores["accuracy"] >= model.info.scores["accuracy"]
    assert taught.predict(["火车坏了", "葡萄哪里"]) == ["vehicle", "fruit"]


def test_a_test_text_is_never_learned_from(encoder: Encoder) -> None:
    test = examples_of(slice(3, 4))
    report = evaluate(examples_of(slice(0, 3)), test, encoder=encoder, unlabelled=[test.texts[0].upper(), "猫坏了"])
    assert any("1 unlabelled texts also occur in the test file" in remark for remark in report["remarks"])


def test_texts_without_labels_need_an_encoder(tmp_path: Path) -> None:
    rows, others = tmp_path / "rows.csv", tmp_path / "others.csv"
    rows.write_text("text,label\n" + "".join(f"a{at},x\nb{at},y\n" for at in range(5)))
    others.write_text("text\nc1\n")
    words = ["train", "--train", str(rows), "--out", str(tmp_path / "m.npz"), "--unlabelled", str(others)]
    result = CliRunner(env={"CARELOOP_ENCODER": ""}).invoke(triage, words)
    assert result.exit_code == 2
    assert "--encoder" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_an_encoder_that_sees_nothing_gets_no_say() -> None:
    blind = MadeUpEncoder([("word that nobody writes",)])
    model = train_with(examples_of(slice(0, 3)), "nature", blind)
    assert model.info.scores["accuracy"] >= model.info.scores["linear_accuracy"]


def test_an_answer_says_whether_the_encoder_had_a_say(model: HybridModel) -> None:
    for weighed, source in ((model, "hybrid"), (replace(model, meaning=0.0), "linear"), (model.linear, "linear")):
        assert classifier_from([weighed]).predict("火车来了")["nature"].source == source


def test_a_damaged_encoder_part_is_refused_with_a_sentence(
    model: HybridModel, encoder: Encoder, tmp_path: Path
) -> None:
    hybrid.save(model, tmp_path / "m.npz")
    with np.load(tmp_path / "m.npz") as arrays:
        kept = {name: arrays[name] for name in arrays.files}
    np.savez(tmp_path / "bad.npz", **kept | {"hybrid_votes": kept["hybrid_votes"][:2]})
    with pytest.raises(UnreadableModel, match="train it again"):
        hybrid.load(tmp_path / "bad.npz", encoder)


def test_what_a_fold_is_told_by_the_others_equals_a_fit_without_it() -> None:
    draw = np.random.default_rng(3)
    vectors = draw.normal(size=(60, 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    targets = draw.integers(0, 3, 60)
    folds = np.arange(60) % 4
    chosen = kernel.Kernel(1.0, 0.1)
    model, held_out = kernel.fit_and_hold_out(kernel.Lesson(vectors, targets, folds, 3), chosen)
    wanted = np.where(np.arange(3) == targets[:, None], 1, -1) - model.offset
    for fold in range(4):
        own = folds == fold
        system = chosen.between(vectors[~own], vectors[~own]) + 0.1 * np.eye((~own).sum())
        told = chosen.between(vectors[own], vectors[~own]) @ np.linalg.solve(system, wanted[~own])
        assert np.allclose(held_out[own], told + model.offset, atol=1e-3)


def test_an_evaluation_with_an_encoder_reports_the_same_figures(encoder: Encoder) -> None:
    report = evaluate(examples_of(slice(0, 3)), examples_of(slice(3, 4)), encoder=encoder)
    assert report["accuracy"] == 1.0
    assert "made-up" in report["model"]["candidate"]


def test_an_encoder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("text,label\n" + "".join(f"a{at},x\nb{at},y\n" for at in range(5)))
    words = ["evaluate", "--train", str(rows), "--test", str(rows), "--encoder", str(tmp_path / "none")]
    result = CliRunner().invoke(triage, words)
    assert result.exit_code == 2
    assert "careloop triage encoder prepare" in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.skipif(not os.environ.get("CARELOOP_ENCODER"), reason="CARELOOP_ENCODER names no encoder")
def test_a_real_encoder_brings_like_meanings_together() -> None:
    real = encoder_of_environment()
    assert real is not None
    stolen, used, weather = real.vectors(["my card was stolen", "somebody took my bank card", "nice weather today"])
    assert float(stolen @ used) > float(stolen @ weather) + 0.2


def test_a_model_trained_with_an_encoder_tells_who_lacks_it(model: HybridModel, tmp_path: Path) -> None:
    hybrid.save(model, tmp_path / "m.npz")
    words = ["predict", "--text", "苹果很好", "--model", str(tmp_path / "m.npz"), "--json"]
    result = CliRunner(env={"CARELOOP_ENCODER": ""}).invoke(triage, words)
    assert result.exit_code == 0
    assert "without it only its words answer" in result.stderr
    assert json.loads(result.stdout)["heads"]["nature"]["label"]
