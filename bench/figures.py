"""Figures: percentiles, medians of what was measured, and tables a person can read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of the measurements lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    """p50 and p95 in milliseconds, and how many measurements they rest on."""
    return {
        "p50_ms": round(percentile(seconds, 0.5) * 1000, 2),
        "p95_ms": round(percentile(seconds, 0.95) * 1000, 2),
        "n": len(seconds),
    }


def ratio(ours: float, yardstick: float) -> float | None:
    return round(ours / yardstick, 3) if yardstick else None


def table(rows: Sequence[Row]) -> str:
    """Rows with the same keys as aligned columns."""
    if not rows:
        return ""
    names = list(rows[0])
    cells = [names, *([_shown(row.get(name)) for name in names] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(names))]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in cells)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"
    return "–" if value is None else str(value)
