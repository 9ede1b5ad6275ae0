"""Which bytes of a file are asked for (RFC 9110, 14). No database, no framework.

One range is answered; several at once, another unit, or words we cannot read are answered with the whole file, which
the standard allows and every browser understands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes ``first`` to ``last``, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


class NotSatisfiable(ValueError):
    """The range lies behind the end of the file."""


def part_of(header: str, size: int) -> Part | None:
    """The part a ``Range`` header names in a file of ``size`` bytes; None for the whole file.

    Raises NotSatisfiable when the file has none of these bytes.
    """
    found = _ONE_RANGE.fullmatch(header)
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        return _last_bytes(int(last), size)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise NotSatisfiable
    return Part(int(first), min(int(last), size - 1) if last else size - 1)


def _last_bytes(count: int, size: int) -> Part:
    if count == 0 or size == 0:
        raise NotSatisfiable
    return Part(max(0, size - count), size - 1)
