"""Arrays out of a safetensors file: a length, a JSON table of contents, then bare numbers; nothing that can run code.

The layout is that of https://huggingface.co/docs/safetensors/index#format.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

LARGEST_HEADER = 100_000_000  # bytes, as the format allows
KINDS = {"F32": np.float32, "F16": np.float16, "F64": np.float64, "I64": np.int64, "I32": np.int32}

Arrays = dict[str, npt.NDArray[Any]]


def read_arrays(raw: bytes) -> Arrays:
    """Every array of the file by its name, as read-only views of `raw`. Raises ValueError when it is not one."""
    if len(raw) < 8:
        raise ValueError("the file is too short")
    length = int.from_bytes(raw[:8], "little")
    if length > min(LARGEST_HEADER, len(raw) - 8):
        raise ValueError("the table of contents is longer than the file")
    contents = json.loads(raw[8 : 8 + length])
    body = memoryview(raw)[8 + length :]
    return {name: _array(body, about) for name, about in contents.items() if name != "__metadata__"}


def _array(body: memoryview, about: Mapping[str, Any]) -> npt.NDArray[Any]:
    kind = KINDS.get(about["dtype"])
    if kind is None:
        raise ValueError(f"numbers of kind {about['dtype']} are not read")
    begin, end = about["data_offsets"]
    shape = tuple(int(side) for side in about["shape"])
    if not 0 <= begin <= end <= len(body) or end - begin != math.prod(shape) * np.dtype(kind).itemsize:
        raise ValueError("an array lies outside the file")
    return np.frombuffer(body[begin:end], dtype=kind).reshape(shape)
