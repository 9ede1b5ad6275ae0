"""A tiny BERT made up on the spot, as a folder and as a package; its numbers mean nothing, its arithmetic is BERT's."""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

WIDTH, HEADS, LAYERS, INNER, PLACES = 8, 2, 2, 16, 32
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "card", "lost", "my", "refund", "##s", "##ed", "un", "!", "信", "用", "卡"]
CONFIG = {
    "model_type": "bert", "hidden_act": "gelu", "num_hidden_layers": LAYERS, "num_attention_heads": HEADS,
    "hidden_size": WIDTH, "layer_norm_eps": 1e-12, "max_position_embeddings": PLACES, "_name_or_path": "tiny",
}  # fmt: skip

Weights = dict[str, npt.NDArray[np.float32]]


def made_up_weights(seed: int = 1) -> Weights:
    """Every weight that BERT has, at random."""
    draw = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(WORDS), WIDTH),
        "embeddings.position_embeddings.weight": (PLACES, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
    }
    names = ["embeddings.LayerNorm"]
    for layer in range(LAYERS):
        own = f"encoder.layer.{layer}"
        parts = ("query", "key", "value")
        shapes |= {f"{own}.attention.self.{part}.weight": (WIDTH, WIDTH) for part in parts}
        shapes |= {f"{own}.attention.self.{part}.bias": (WIDTH,) for part in parts}
        shapes |= {f"{own}.attention.output.dense.weight": (WIDTH, WIDTH), f"{own}.output.dense.weight": (WIDTH, INNER)}
        shapes |= {f"{own}.attention.output.dense.bias": (WIDTH,), f"{own}.output.dense.bias": (WIDTH,)}
        shapes |= {f"{own}.intermediate.dense.weight": (INNER, WIDTH), f"{own}.intermediate.dense.bias": (INNER,)}
        names += [f"{own}.attention.output.LayerNorm", f"{own}.output.LayerNorm"]
    shapes |= {f"{name}.{part}": (WIDTH,) for name in names for part in ("weight", "bias")}
    return {name: draw.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def as_safetensors(weights: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """The bytes of a safetensors file."""
    contents: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    body = b""
    for name, array in weights.items():
        raw = array.astype(np.float32).tobytes()
        offsets = [len(body), len(body) + len(raw)]
        contents[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": offsets}
        body += raw
    table = json.dumps(contents).encode()
    return len(table).to_bytes(8, "little") + table + body


def tiny_files(**config: object) -> dict[str, bytes]:
    """The files of a sentence-transformers model."""
    return {
        "model.safetensors": as_safetensors(made_up_weights()),
        "vocab.txt": ("\n".join(WORDS) + "\n").encode(),
        "config.json": json.dumps(CONFIG | config).encode(),
        "sentence_bert_config.json": b'{"max_seq_length": 16}',
        "1_Pooling/config.json": b'{"word_embedding_dimension": 8, "pooling_mode_mean_tokens": true}',
        "README.md": b"---\nlanguage: en\nlicense: mit\n---\n# Tiny\n",
    }


def tiny_package(path: Path, files: Mapping[str, bytes] | None = None) -> Path:
    """The same as a wheel."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (files or tiny_files()).items():
            archive.writestr(f"tiny/model/{name}", content)
    return path


def tiny_folder(path: Path, files: Mapping[str, bytes] | None = None) -> Path:
    """The same as a folder."""
    for name, content in (files or tiny_files()).items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def forward(weights: Weights, pieces: Sequence[int]) -> npt.NDArray[np.float64]:
    """BERT's forward pass of one text in plain numpy, as an obvious second implementation."""
    w = {name: array.astype(np.float64) for name, array in weights.items()}

    def levelled(state: npt.NDArray[np.float64], name: str) -> npt.NDArray[np.float64]:
        middle = state - state.mean(axis=-1, keepdims=True)
        scaled = middle / np.sqrt((middle**2).mean(axis=-1, keepdims=True) + 1e-12)
        return scaled * w[f"{name}.weight"] + w[f"{name}.bias"]

    def dense(state: npt.NDArray[np.float64], name: str) -> npt.NDArray[np.float64]:
        return state @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    state = w["embeddings.word_embeddings.weight"][list(pieces)]
    state = state + w["embeddings.position_embeddings.weight"][: len(pieces)]
    state = levelled(state + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    side = WIDTH // HEADS
    for layer in range(LAYERS):
        own = f"encoder.layer.{layer}"
        asked, offered, told = (dense(state, f"{own}.attention.self.{part}") for part in ("query", "key", "value"))
        seen = np.zeros_like(state)
        for head in range(HEADS):
            part = slice(head * side, (head + 1) * side)
            likeness = np.exp(asked[:, part] @ offered[:, part].T / math.sqrt(side))
            seen[:, part] = likeness / likeness.sum(axis=1, keepdims=True) @ told[:, part]
        state = levelled(state + dense(seen, f"{own}.attention.output.dense"), f"{own}.attention.output.LayerNorm")
        inner = dense(state, f"{own}.intermediate.dense")
        raised = inner * 0.5 * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
        state = levelled(state + dense(raised, f"{own}.output.dense"), f"{own}.output.LayerNorm")
    mean = state.mean(axis=0)
    return mean / np.linalg.norm(mean)


class MadeUpEncoder:
    """An encoder without a file: texts are near each other when they share one of its topics' words."""

    name = "made-up"
    fingerprint = "made-up-1"

    def __init__(self, topics: Sequence[Sequence[str]], languages: tuple[str, ...] = ("zh", "en")) -> None:
        self.topics, self.languages = topics, languages

    def vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        rows = np.array([[float(any(word in text for word in topic)) for topic in self.topics] for text in texts])
        rows = rows.reshape(len(texts), len(self.topics))
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)
