"""What is known of a customer's purchases, as the columns from which buying again is learned.

`bgnbd` forecasts from three figures and needs no customer whose end is known. Where one has such customers, a learned
model sees more: how much, how unevenly, how lately each purchase was, and what `bgnbd` itself expects.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

import numpy as np

from careloop.customers.engine.bgnbd import PUBLISHED
from careloop.customers.engine.histories import Histories, Numbers, history_of

HALF_LIVES_DAYS = (20, 45, 90, 180)
USUAL_GAP_DAYS = 200.0  # of those who bought on one day only
A_FEW_DAYS = 5.0
RECENT_DAYS = (14, 30, 90, 150)
FORECAST_WEEKS = 39

Purchase = tuple[date, float, int]


def repurchase_facts(purchases: Sequence[Purchase], as_of: date) -> dict[str, float] | None:
    """One row for `learning.learn`, from (day, amount, units) until the end of `as_of`; None before the first purchase.

    Amounts in one currency; a learned model expects the one it was learned with.
    """
    known = [purchase for purchase in purchases if purchase[0] <= as_of]
    if not known:
        return None
    days = sorted({day for day, _, _ in known})
    ago = np.array([(as_of - day).days for day in days], dtype=float)
    return _rhythm(ago) | _spending(known, as_of, days) | _expected(known, as_of)


def _rhythm(ago: Numbers) -> dict[str, float]:
    """From the days since each purchase, first to last."""
    gaps = -np.diff(ago) if len(ago) > 1 else np.array([USUAL_GAP_DAYS])
    told = {
        "repeats": math.log1p(len(ago) - 1),
        "silence": math.log1p(ago[-1]),
        "silence_days": float(ago[-1]),
        "known_days": float(ago[0]),
        "mean_gap": float(gaps.mean()),
        "last_gap": float(gaps[-1]),
        "longest_gap": float(gaps.max()),
        "silence_in_gaps": float(ago[-1] / (gaps.mean() + A_FEW_DAYS)),
        "silence_in_last_gap": float(ago[-1] / (gaps[-1] + A_FEW_DAYS)),
        "silence_in_last_gap_root": math.sqrt(ago[-1] / (gaps[-1] + A_FEW_DAYS)),
        "bought_again": float(len(ago) > 1),
    }
    faded = {f"purchases_fading_{half}": math.log((0.5 ** (ago / half)).sum() + 0.01) for half in HALF_LIVES_DAYS}
    recent = {f"purchases_in_{days}_days": float((ago < days).sum()) for days in RECENT_DAYS}
    return told | faded | recent


def _expected(known: Sequence[Purchase], as_of: date) -> dict[str, float]:
    """What the published rhythm of a shop would expect of them: one figure for how often, how lately and how long."""
    history = history_of([(day, amount) for day, amount, _ in known], as_of)
    assert history is not None
    one = Histories.of([history])
    return {
        "expected_purchases": math.log(PUBLISHED.expected(one, FORECAST_WEEKS)[0] + 1e-9),
        "expected_chance": math.log(PUBLISHED.chance_of_buying(one, FORECAST_WEEKS)[0] + 1e-9),
    }


def _spending(known: Sequence[Purchase], as_of: date, days: Sequence[date]) -> dict[str, float]:
    amounts = np.array([max(amount, 0.0) for _, amount, _ in known])
    ago = np.array([(as_of - day).days for day, _, _ in known], dtype=float)
    units = sum(max(count, 0) for _, _, count in known)
    of_day = {day: sum(max(count, 0) for at, _, count in known if at == day) for day in days}
    spent_last = sum(max(amount, 0.0) for day, amount, _ in known if day == days[-1])
    last = max(range(len(known)), key=lambda at: known[at][0])
    return {
        "spent": math.log1p(amounts.sum()),
        "spent_a_day": math.log1p(amounts.sum() / len(days)),
        "first_amount": math.log1p(amounts[int(np.argmax(ago))]),
        "last_amount": math.log1p(amounts[last]),
        "largest_amount": math.log1p(amounts.max()),
        "units": math.log1p(units),
        "units_last": math.log1p(of_day[days[-1]]),
        "units_most": math.log1p(max(of_day.values())),
        "a_unit": float(amounts.sum() / max(units, 1)),
        "a_unit_last": spent_last / max(of_day[days[-1]], 1),
        "at_once": math.log1p(len(known) - len(days)),
        "spent_fading_45": math.log1p((amounts * 0.5 ** (ago / 45)).sum()),
        "spent_fading_180": math.log1p((amounts * 0.5 ** (ago / 180)).sum()),
    }
