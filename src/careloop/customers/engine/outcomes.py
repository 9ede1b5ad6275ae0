"""Customers whose end is known: from a table with a label a row, or from a log of purchases cut at a day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from careloop.customers.engine.errors import CustomerModelError, UnusableRows
from careloop.customers.engine.histories import Histories, history_of
from careloop.customers.engine.learned import Row, as_choice, as_numbers
from careloop.customers.engine.repurchase import Purchase, repurchase_facts

YES = frozenset({"yes", "y", "true", "t", "1", "1.0", "是", "流失", "churned", "churn", "left", "lost", "happened"})
DAY_FORMATS = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%d.%m.%Y")
CUSTOMER_COLUMNS = ("customer_id", "customer", "client", "客户", "客户编号")
DATE_COLUMNS = ("date", "day", "placed_at", "order_date", "日期", "下单时间")
AMOUNT_COLUMNS = ("amount", "amount_usd", "total", "price", "spend", "金额")
UNIT_COLUMNS = ("quantity", "units", "count", "数量")
A_MONTH = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows to learn from or to judge on, which of their columns may be used, and what happened (1) or not (0)."""

    rows: Sequence[Row]
    names: Sequence[str]
    truth: npt.NDArray[np.int64]
    positive: str = ""  # the label that counts as 1
    histories: Histories | None = None  # of a log of purchases
    remarks: tuple[str, ...] = ()  # what a reader of figures made from it should know

    def take(self, positions: npt.NDArray[np.int64]) -> Table:
        """The customers at these positions."""
        histories = None if self.histories is None else self.histories.take(positions)
        kept = [self.rows[at] for at in positions]
        return replace(self, rows=kept, truth=self.truth[positions], histories=histories)


def labelled(
    rows: Sequence[Row], label: str, *, happened: str = "", leave_out: Sequence[str] = (), called: str = "The table"
) -> Table:
    """A table with a row a customer. `happened` is the label that counts as 1; else yes, true, 1 …, else the rarer.

    Raises UnusableRows for a missing column and for a label with one value or more than two.
    """
    for name in (label, *leave_out):
        _present(name, rows, called)
    told = [(row, said) for row in rows if (said := as_choice(row.get(label)))]
    positive = _positive(Counter(said for _, said in told), label, happened, called)
    kept = [row for row, _ in told]
    names = [name for name in rows[0] if name not in (label, *leave_out)]
    truth = np.array([said == positive for _, said in told], dtype=np.int64)
    return Table(kept, names, truth, positive, remarks=_skipped(len(rows) - len(kept), called))


def _positive(counts: Counter[str], label: str, happened: str, called: str) -> str:
    if len(counts) != 2:
        some = ", ".join(sorted(counts)[:8])
        raise UnusableRows(f"Column “{label}” of {called} needs two different values; it has {len(counts)}: {some}.")
    if happened:
        if happened not in counts:
            raise UnusableRows(f"No row of {called} says “{happened}” in “{label}”; it says: {', '.join(counts)}.")
        return happened
    known = [said for said in counts if said.lower() in YES]
    return known[0] if len(known) == 1 else min(counts, key=lambda said: (counts[said], said))


@dataclass(frozen=True, slots=True)
class LogColumns:
    """Where a log of purchases says who, when, for how much, how many; empty names are found by usual headers."""

    customer: str = ""
    day: str = ""
    amount: str = ""
    units: str = ""


def purchase_log(
    rows: Sequence[Row], until: date, weeks: int, columns: LogColumns | None = None, called: str = "The log"
) -> Table:
    """A row a customer who bought until the end of that day; what happened is a purchase within `weeks` after it.

    Rows without a customer, a day or an amount are left out and counted. Raises UnusableRows for a missing column, for
    a day that is none, and when the log says nothing of the time after it.
    """
    asked = columns or LogColumns()
    who = _found(asked.customer, CUSTOMER_COLUMNS, rows, called)
    when = _found(asked.day, DATE_COLUMNS, rows, called)
    spent = _found(asked.amount, AMOUNT_COLUMNS, rows, called)
    units = asked.units or next((name for name in UNIT_COLUMNS if name in rows[0]), "")
    if units:
        _present(units, rows, called)
    bought: dict[str, list[Purchase]] = defaultdict(list)
    counts = as_numbers([row.get(units) for row in rows]) if units else np.ones(len(rows))
    amounts = as_numbers([row.get(spent) for row in rows])
    skipped = 0
    for number, (row, amount, count) in enumerate(zip(rows, amounts, counts, strict=True), start=1):
        customer, said = as_choice(row.get(who)), as_choice(row.get(when))
        if not customer or not said or np.isnan(amount):
            skipped += 1
            continue
        bought[customer].append((_day(said, number, called), float(amount), 1 if np.isnan(count) else int(count)))
    return _cut(bought, until, timedelta(weeks=weeks), skipped, called)


def _cut(bought: Mapping[str, list[Purchase]], until: date, ahead: timedelta, skipped: int, called: str) -> Table:
    last = max((day for own in bought.values() for day, _, _ in own), default=until)
    if last <= until:
        raise UnusableRows(f"{called} ends on {last}: nothing tells who bought after {until}; choose an earlier day.")
    known = [own for own in bought.values() if any(day <= until for day, _, _ in own)]
    if not known:
        raise UnusableRows(f"Nobody in {called} bought until {until}; choose a later day.")
    facts = [told for own in known if (told := repurchase_facts(own, until))]
    histories = [past for own in known if (past := history_of([(day, spent) for day, spent, _ in own], until))]
    truth = np.array([any(until < day <= until + ahead for day, _, _ in own) for own in known], dtype=np.int64)
    remarks = _skipped(skipped, called)
    if last < until + ahead - A_MONTH:
        remarks = (*remarks, f"{called} ends on {last}, before the weeks do: who bought later counts as silent.")
    return Table(facts, list(facts[0]), truth, "", Histories.of(histories), remarks)


def _skipped(count: int, called: str) -> tuple[str, ...]:
    return (f"{count} rows of {called} lack what is needed and were left out.",) if count else ()


def day_of(text: str) -> date:
    """A day as logs write it (2026-03-01, 20260301, 2026/3/1, a time of day behind it). Raises CustomerModelError."""
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        pass
    for shape in DAY_FORMATS:
        try:
            return datetime.strptime(text.split(" ", maxsplit=1)[0], shape).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise CustomerModelError(f"“{text[:40]}” is no day; write it as 2026-03-01.")


def _day(said: str, number: int, called: str) -> date:
    try:
        return day_of(said)
    except CustomerModelError as error:
        raise UnusableRows(f"{called}, row {number}: {error}") from error


def _found(asked: str, usual: Sequence[str], rows: Sequence[Row], called: str) -> str:
    if not rows:
        raise UnusableRows(f"{called} holds no rows.")
    name = asked or next((name for name in usual if name in rows[0]), usual[0])
    return _present(name, rows, called)


def _present(name: str, rows: Sequence[Row], called: str) -> str:
    if not rows:
        raise UnusableRows(f"{called} holds no rows.")
    if name not in rows[0]:
        columns = ", ".join(str(column) for column in rows[0])[:500]
        raise UnusableRows(f"{called} has no column “{name}”; its columns are: {columns}.")
    return name
