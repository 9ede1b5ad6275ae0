"""The one place where meaning comes in: vectors of texts, when the installation has an encoder, and None when not.

``CARELOOP_VECTORS`` in the settings names the function (a dotted path); it takes a list of texts and gives one row
of numbers for each, or None. Everything here works without it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Generic, TypeVar

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

K = TypeVar("K", bound=Hashable)
Encoder = Callable[[Sequence[str]], "NDArray[np.float32] | None"]


def vectors_of(texts: Sequence[str]) -> NDArray[np.float32] | None:
    """One row of length 1 a text; None without an encoder, or when it fails: then words alone decide."""
    encode = _encoder(settings.CARELOOP_VECTORS)
    if encode is None or not texts:
        return None
    import numpy as np

    try:
        told = encode(texts)
    except Exception:
        log.exception("The encoder failed; suggestions are found by words alone.")
        return None
    if told is None:
        return None
    found = np.asarray(told, dtype=np.float32)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    return found / np.maximum(lengths, 1e-9)


def pack(vector: NDArray[np.float32]) -> bytes:
    """As it is kept in a row: half precision, which costs no rank worth having."""
    import numpy as np

    return vector.astype(np.float16).tobytes()


class Meanings(Generic[K]):
    """Vectors side by side, to be asked which lie nearest to a text."""

    def __init__(self, keys: Sequence[K], vectors: NDArray[np.float32]) -> None:
        self._keys, self._vectors = keys, vectors

    @classmethod
    def unpacked(cls, rows: Sequence[tuple[K, bytes]], width: int) -> Meanings[K]:
        """Of kept rows; those of another encoder, which have another length, are left out."""
        import numpy as np

        fitting = [(key, kept) for key, kept in rows if len(kept) == width * 2]
        matrix = np.frombuffer(b"".join(kept for _key, kept in fitting), dtype=np.float16)
        return cls([key for key, _kept in fitting], matrix.reshape(len(fitting), width).astype(np.float32))

    def nearest(self, vector: NDArray[np.float32], limit: int, *, least: float = 0.35) -> list[K]:
        """Nearest first; what is farther than ``least`` (cosine) is not like it at all."""
        if not self._keys:
            return []
        alike = self._vectors @ vector
        order = alike.argsort()[::-1][:limit]
        return [self._keys[place] for place in order if alike[place] >= least]


@cache
def _encoder(path: str) -> Encoder | None:
    return import_string(path) if path else None
