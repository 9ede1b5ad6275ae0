"""BERT's forward pass as an ONNX graph, written node by node from its weights, so that nobody needs torch.

Input: the numbers of the pieces and which of them count (one row a text). Output: one vector of length one a text,
pooled as sentence-transformers does: the mean over the pieces that count, or the first. The architecture is that of
Devlin et al. 2019.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

OPSET = 20  # the first with Gelu
IR_VERSION = 9
PIECES, COUNTED, VECTORS = "pieces", "counted", "vectors"
SMALLEST = np.finfo(np.float32).min

Weights = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Shape:
    """What the description of a BERT model says of it (config.json)."""

    layers: int
    heads: int
    width: int
    epsilon: float
    pooling: str = "mean"  # or "first", the vector of the first piece

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Shape:
        """Raises ValueError for anything but an ordinary BERT with exact GELU and absolute positions."""
        if config.get("model_type") != "bert" or config.get("position_embedding_type", "absolute") != "absolute":
            raise ValueError(f"a model of type {config.get('model_type')} cannot be prepared, only an ordinary BERT")
        if config.get("hidden_act") != "gelu":
            raise ValueError(f"the activation {config.get('hidden_act')} is not known, only gelu")
        return cls(
            int(config["num_hidden_layers"]),
            int(config["num_attention_heads"]),
            int(config["hidden_size"]),
            float(config["layer_norm_eps"]),
        )


def bert_graph(weights: Weights, shape: Shape) -> Any:
    """The ONNX model. Needs the `onnx` package; raises KeyError when a weight is missing."""
    from onnx import TensorProto, helper

    graph = _Graph(weights)
    state = _embeddings(graph, shape)
    hidden = _mask(graph)
    for layer in range(shape.layers):
        state = _layer(graph, state, hidden, f"encoder.layer.{layer}", shape)
    _levelled(graph, _mean(graph, state) if shape.pooling == "mean" else _first(graph, state))
    rows = [helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "length"]) for name in (PIECES, COUNTED)]
    vectors = helper.make_tensor_value_info(VECTORS, TensorProto.FLOAT, ["texts", shape.width])
    body = helper.make_graph(graph.nodes, "bert", rows, [vectors], graph.tensors)
    return helper.make_model(
        body, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="careloop"
    )


@dataclass(slots=True)
class _Graph:
    weights: Weights
    nodes: list[Any] = field(default_factory=list)
    tensors: list[Any] = field(default_factory=list)

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """A node with one output; returns the output's name."""
        from onnx import helper

        output = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], name=output, **attributes))
        return output

    def array(self, value: npt.NDArray[Any], name: str = "") -> str:
        from onnx import numpy_helper

        name = name or f"constant_{len(self.tensors)}"
        self.tensors.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def numbers(self, *values: int) -> str:
        return self.array(np.array(values, dtype=np.int64))

    def weight(self, name: str) -> str:
        return self.array(self.weights[name].astype(np.float32), name)

    def dense(self, state: str, name: str) -> str:
        table = self.array(self.weights[f"{name}.weight"].astype(np.float32).T, f"{name}.weight")
        return self.add("Add", self.add("MatMul", state, table), self.weight(f"{name}.bias"))

    def levelled(self, state: str, name: str, epsilon: float) -> str:
        scale, shift = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.add("LayerNormalization", state, scale, shift, axis=-1, epsilon=epsilon)


def _embeddings(graph: _Graph, shape: Shape) -> str:
    name = "embeddings"
    words = graph.add("Gather", graph.weight(f"{name}.word_embeddings.weight"), PIECES)
    # All pieces are of the first kind (there is no second sentence), so its vector is added to every place at once.
    kind = graph.weights[f"{name}.token_type_embeddings.weight"][0]
    places = graph.array((graph.weights[f"{name}.position_embeddings.weight"] + kind).astype(np.float32))
    length = graph.add("Shape", PIECES, start=1, end=2)
    used = graph.add("Slice", places, graph.numbers(0), length, graph.numbers(0))
    return graph.levelled(graph.add("Add", words, used), f"{name}.LayerNorm", shape.epsilon)


def _mask(graph: _Graph) -> str:
    """For every piece what is added to its attention: nothing, or so much less that nobody attends to it."""
    counted = graph.add("Cast", COUNTED, to=1)
    wide = graph.add("Unsqueeze", counted, graph.numbers(1, 2))
    absent = graph.add("Sub", graph.array(np.array(1, dtype=np.float32)), wide)
    return graph.add("Mul", absent, graph.array(np.array(SMALLEST, dtype=np.float32)))


def _layer(graph: _Graph, state: str, hidden: str, name: str, shape: Shape) -> str:
    seen = graph.dense(
        _attention(graph, state, hidden, f"{name}.attention.self", shape), f"{name}.attention.output.dense"
    )
    state = graph.levelled(graph.add("Add", seen, state), f"{name}.attention.output.LayerNorm", shape.epsilon)
    raised = graph.add("Gelu", graph.dense(state, f"{name}.intermediate.dense"))
    thought = graph.dense(raised, f"{name}.output.dense")
    return graph.levelled(graph.add("Add", thought, state), f"{name}.output.LayerNorm", shape.epsilon)


def _attention(graph: _Graph, state: str, hidden: str, name: str, shape: Shape) -> str:
    def split(part: str, order: list[int]) -> str:
        parted = graph.numbers(0, 0, shape.heads, shape.width // shape.heads)
        return graph.add("Transpose", graph.add("Reshape", graph.dense(state, f"{name}.{part}"), parted), perm=order)

    asked, offered, told = split("query", [0, 2, 1, 3]), split("key", [0, 2, 3, 1]), split("value", [0, 2, 1, 3])
    scale = graph.array(np.array(1 / math.sqrt(shape.width / shape.heads), dtype=np.float32))
    likeness = graph.add("Mul", graph.add("MatMul", asked, offered), scale)
    shares = graph.add("Softmax", graph.add("Add", likeness, hidden), axis=-1)
    seen = graph.add("Transpose", graph.add("MatMul", shares, told), perm=[0, 2, 1, 3])
    return graph.add("Reshape", seen, graph.numbers(0, 0, shape.width))


def _mean(graph: _Graph, state: str) -> str:
    """Over the pieces that count."""
    counted = graph.add("Unsqueeze", graph.add("Cast", COUNTED, to=1), graph.numbers(2))
    total = graph.add("ReduceSum", graph.add("Mul", state, counted), graph.numbers(1), keepdims=0)
    return graph.add("Div", total, graph.add("ReduceSum", counted, graph.numbers(1), keepdims=0))


def _first(graph: _Graph, state: str) -> str:
    return graph.add("Gather", state, graph.array(np.array(0, dtype=np.int64)), axis=1)


def _levelled(graph: _Graph, vectors: str) -> None:
    """Scaled to length one: the output."""
    from onnx import helper

    length = graph.add("ReduceL2", vectors, graph.numbers(1), keepdims=1)
    graph.nodes.append(helper.make_node("Div", [vectors, length], [VECTORS], name=VECTORS))
