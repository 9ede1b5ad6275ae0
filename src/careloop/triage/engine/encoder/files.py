"""What is in an encoder's folder: `encoder.onnx`, for BERT `vocab.txt`, and `encoder.json` that says what it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from careloop.triage.engine.encoder.errors import UnusableEncoder

FORMAT = "careloop-encoder"
FORMAT_VERSION = 1
DESCRIPTION, GRAPH, VOCABULARY = "encoder.json", "encoder.onnx", "vocab.txt"

BERT = "bert"  # takes pieces cut by us
TEXT = "text"  # takes texts and cuts them inside the graph


@dataclass(frozen=True, slots=True)
class Description:
    """Where an encoder comes from, what it may be used for, and what it takes. `longest` counts pieces."""

    name: str
    kind: str
    languages: tuple[str, ...]
    dimension: int
    numbers: str
    licence: str
    origin: str
    made_from: str
    fingerprint: str
    longest: int = 0
    lower: bool = True

    def write(self, folder: Path) -> None:
        said = {"format": FORMAT, "format_version": FORMAT_VERSION, **asdict(self)}
        text = json.dumps(said, ensure_ascii=False, indent=2)
        (folder / DESCRIPTION).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Description:
        """Raises UnusableEncoder with a sentence that says what to do."""
        try:
            said = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
            if said.pop("format") != FORMAT or said.pop("format_version") != FORMAT_VERSION:
                raise ValueError("another version")
            own = cls(**said | {"languages": tuple(said["languages"])})
        except FileNotFoundError as error:
            raise UnusableEncoder(
                f"{folder} is no encoder's folder (it has no {DESCRIPTION});"
                " make one with careloop triage encoder prepare."
            ) from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnusableEncoder(
                f"{folder / DESCRIPTION} cannot be used; make the folder again with careloop triage encoder prepare."
            ) from error
        if own.kind not in (BERT, TEXT):
            raise UnusableEncoder(f"{folder} holds an encoder of the unknown kind “{own.kind}”.")
        return own


def fingerprint_of(files: Sequence[Path]) -> str:
    """16 hexadecimal digits of a SHA-256 over the files' contents."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]
