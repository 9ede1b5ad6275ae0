"""A linear model is trained, kept in a file that runs no code, read back, and blended with the rules (mission 10)."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from careloop.triage.engine import choosing, training
from careloop.triage.engine.choosing import assign_folds
from careloop.triage.engine.classifier import classifier_from
from careloop.triage.engine.errors import OtherModelVersion, UnreadableModel, UnusableExamples
from careloop.triage.engine.evaluation import evaluate
from careloop.triage.engine.examples import Examples, read_examples
from careloop.triage.engine.features import FittedBlock, spans_of
from careloop.triage.engine.linear import LinearModel, load, save
from careloop.triage.engine.spans import Block, normalise
from careloop.triage.engine.training import train

GOODS = ("面霜", "精华", "洗面奶", "口红", "面膜", "防晒", "眼影", "香水")
SAID = {
    "quality": ("{}坏了用不了", "{}变质了有异味", "{}漏液瓶子裂了", "{}质量太差"),
    "logistics": ("{}快递五天没到", "{}物流不更新", "{}包裹丢了", "{}还没发货"),
    "price": ("{}降价了补差价", "{}多收了我钱", "{}优惠券用不了太贵", "{}收费不合理"),
}


@pytest.fixture(scope="module")
def examples() -> Examples:
    rows = [(text.format(thing), label) for label, texts in SAID.items() for text in texts for thing in GOODS]
    return Examples([text for text, _ in rows], [label for _, label in rows])


@pytest.fixture(scope="module")
def model(examples: Examples) -> LinearModel:
    return train(examples, "nature")


def test_a_model_learns_what_it_was_shown(model: LinearModel) -> None:
    assert model.predict(["眼霜坏了", "唇膏快递没到", "睫毛膏多收钱"]) == ["quality", "logistics", "price"]
    assert np.allclose(model.probabilities(["眼霜坏了"]).sum(), 1, atol=1e-5)
    assert "坏了" in " ".join(model.reasons("眼霜坏了", "quality"))


def test_a_model_says_what_it_learned_from_and_how_well(model: LinearModel, examples: Examples) -> None:
    assert model.info.rows == 96
    assert model.info.fingerprint == examples.fingerprint
    assert model.info.scores["n"] == 96
    assert model.info.scores["accuracy"] > 0.9


def test_a_model_answers_alike_before_and_after_its_file(model: LinearModel, tmp_path: Path) -> None:
    save(model, tmp_path / "nature.npz")
    again = load(tmp_path / "nature.npz")
    texts = ["眼霜坏了", "物流呢", "", "hello", "🙂"]
    assert np.allclose(model.probabilities(texts), again.probabilities(texts), atol=2e-3)
    assert again.info == model.info


@given(st.lists(st.text(max_size=200), max_size=5))
@settings(max_examples=60, deadline=None)
def test_any_text_gets_a_label(texts: list[str]) -> None:
    taught = _SMALL
    predicted = taught.predict(texts)
    assert len(predicted) == len(texts)
    assert set(predicted) <= set(taught.labels)
    for text in texts:
        taught.reasons(text, "yes")


_SMALL = train(Examples(["good thing", "bad thing", "good day", "bad day", "good", "bad"], ["yes", "no"] * 3))


def test_one_text_is_analysed_alike_alone_and_in_a_batch() -> None:
    texts = ["I lost my card", "我的卡丢了 card", "", "a", "card card card"]
    for kind, low, high in (("char", 1, 3), ("char_wb", 2, 5), ("word", 1, 2), ("pair", 1, 5)):
        fitted = FittedBlock.fit(texts, Block(kind, low, high))  # type: ignore[arg-type]
        batch = fitted.transform(texts).toarray()
        for row, text in enumerate(texts):
            assert np.allclose(fitted.transform([text]).toarray()[0], batch[row], atol=1e-6)


def test_features_are_the_words_and_characters_of_the_text() -> None:
    fitted = FittedBlock.fit(["The Card, 坏了"], Block("word", 1, 2))
    found = {words for words, _ in spans_of("The Card, 坏了", fitted)}
    assert found == {"the", "card", "坏", "了", "the card", "card, 坏", "坏了"}
    assert normalise("  Ａ\t b\0 ") == " a b "
    assert normalise(" Broken  cup\n\nIt\nbroke. ") == " broken cup\nit broke. "


def test_the_first_line_counts_by_itself() -> None:
    fitted = FittedBlock.fit(["Broken cup\nIt came today"], Block("word", 1, 2, part="line"))
    assert {words for words, _ in spans_of("Broken cup\nIt came today", fitted)} == {"broken", "cup", "broken cup"}


def test_pairs_are_of_stems_and_pass_over_little_words() -> None:
    fitted = FittedBlock.fit(["card payment charged"], Block("pair", 1, 3))
    for same in ("charging the cards for a payment", "payments: charges, card"):
        assert fitted.transform([same]).nnz == 3
    assert fitted.transform(["card refunds"]).nnz == 0


def test_equal_texts_share_a_fold() -> None:
    doubled = Examples(["same", "same", "other", "more", "same ", "less"], ["a", "b", "a", "b", "a", "b"])
    folds = assign_folds(doubled, 3)
    assert folds[0] == folds[1] == folds[4]


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "rows.csv", "no rows"),
        (b"text,label\n", "rows.csv", "no rows"),
        (b"a,b\n1,2\n", "rows.csv", "no column"),
        (b"text,label\n,\n", "rows.csv", "No row"),
        (b"{broken", "rows.jsonl", "not JSON"),
        (b"[1]", "rows.jsonl", "not a JSON object"),
        (b"\x1f\x8b\x08\x00", "rows.csv.gz", "cut short"),
        (b"\xff\xfe\xfa\x81\xff", "rows.csv", "neither UTF-8 nor GB18030"),
    ],
)
def test_a_file_that_cannot_teach_is_refused_with_a_sentence(
    tmp_path: Path, content: bytes, name: str, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnusableExamples, match=said):
        read_examples(tmp_path / name)


def test_a_missing_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnusableExamples, match="cannot be read"):
        read_examples(tmp_path / "nowhere.csv")


def test_the_headers_of_seed_a_are_known(tmp_path: Path) -> None:
    file = tmp_path / "complaint_data.csv"
    file.write_text(
        "投诉内容,投诉时间,投诉类型,投诉程度\n坏了,2025-01-01,质量,严重\n贵,2025-01-02,价格,轻微\n", "gb18030"
    )
    assert read_examples(file).labels == ["质量", "价格"]
    assert read_examples(file, "投诉内容,投诉类型", "投诉程度").texts[0] == "坏了\n质量"


def test_json_lines_in_gzip_are_read(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl.gz"
    file.write_bytes(gzip.compress(json.dumps({"text": "hi", "label": 1}).encode() + b"\n"))
    assert read_examples(file).labels == ["1"]


def test_one_label_or_hardly_any_rows_cannot_be_learned_from() -> None:
    with pytest.raises(UnusableExamples, match="at least two labels"):
        train(Examples(["a", "b", "c", "d", "e"], ["x"] * 5))
    with pytest.raises(UnusableExamples, match="at least four"):
        train(Examples(["a", "b"], ["x", "y"]))
    with pytest.raises(UnusableExamples):
        train(Examples([" . ", "!", "?", "-"], ["x", "y", "x", "y"]))


def test_a_label_with_a_single_row_is_learned_beside_the_others(examples: Examples) -> None:
    taught = train(Examples([*examples.texts, "宽带断网"], [*examples.labels, "network"]))
    assert "network" in taught.labels


def test_a_plain_way_as_it_stands_is_part_of_an_average_that_may_win(
    examples: Examples, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "FEW_ROWS", 50)
    tried = choosing.choose(examples)
    assert choosing.CHINESE in [one.candidates for one in tried]
    assert choosing.CHINESE[0] == choosing.Candidate((Block("char", 1, 3),), 1.0)


def test_the_rarest_features_give_way_to_keep_a_file_small(
    examples: Examples, model: LinearModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    bytes_a_feature = training.BYTES_A_FEATURE + training.BYTES_A_WEIGHT * len(model.labels)
    monkeypatch.setattr(training, "LARGEST_FILE", bytes_a_feature * model.features // 2)
    smaller = train(examples, "nature")
    assert smaller.features <= model.features // 2
    assert smaller.predict(["眼霜坏了", "唇膏快递没到"]) == ["quality", "logistics"]


def test_what_a_small_block_leaves_goes_to_the_others(examples: Examples, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = (Block("char", 1, 1), Block("char", 1, 3))
    small, large = (len(FittedBlock.fit(examples.texts, block).vocabulary) for block in blocks)
    bytes_a_feature = training.BYTES_A_FEATURE + training.BYTES_A_WEIGHT * len(examples.counts)
    assert small < large / 2
    monkeypatch.setattr(training, "LARGEST_FILE", bytes_a_feature * (small + large))
    assert train(examples, candidate=choosing.Candidate(blocks)).features == small + large


@pytest.mark.parametrize("content", [b"", b"not a model", b"PK\x03\x04broken", b"\x93NUMPY\x01\x00"])
def test_a_file_that_is_no_model_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.npz").write_bytes(content)
    with pytest.raises(UnreadableModel, match="Careloop model"):
        load(tmp_path / "bad.npz")


def test_a_missing_model_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnreadableModel, match="cannot be read"):
        load(tmp_path / "none.npz")


def test_a_model_of_another_version_is_refused_with_a_sentence(model: LinearModel, tmp_path: Path) -> None:
    save(model, tmp_path / "old.npz")
    with np.load(tmp_path / "old.npz") as arrays:
        kept = dict(arrays)
    description = json.loads(kept["description"].tobytes()) | {"format_version": 99}
    kept["description"] = np.frombuffer(json.dumps(description).encode(), dtype=np.uint8)
    np.savez(tmp_path / "old.npz", **kept)
    with pytest.raises(OtherModelVersion, match="train it again"):
        load(tmp_path / "old.npz")


def test_a_model_file_holds_no_pickle(model: LinearModel, tmp_path: Path) -> None:
    save(model, tmp_path / "nature.npz")
    with np.load(tmp_path / "nature.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype != object for name in arrays.files)


def test_a_model_speaks_for_its_head_and_never_for_crisis(model: LinearModel) -> None:
    heads = classifier_from([model]).predict("眼霜坏了，用完过敏了")
    assert heads["nature"].label == "quality"
    assert heads["nature"].source == "linear"
    assert heads["nature"].version == model.info.version
    assert heads["severity"].source == "rules"
    assert "injury" in (heads["crisis"].labels or ())


def test_an_evaluation_says_how_good_how_sure_and_how_fast(examples: Examples) -> None:
    report = evaluate(
        examples, Examples(["眼霜坏了", "快递没到", "太贵了", "新问题"], ["quality", "logistics", "price", "new"])
    )
    assert report["n_test"] == 4
    assert report["accuracy"] == 0.75
    assert 0 < report["macro_f1"] < 1
    assert report["texts_per_second"] > 0
    assert report["per_class"]["new"]["recall"] == 0
    assert any("new" in remark for remark in report["remarks"])
