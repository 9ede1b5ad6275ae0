"""`careloop customers evaluate`: no database, secret or network; JSON alone on standard output.

Exit 0 with an answer, 2 with one sentence on standard error when the input cannot be used.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from careloop.common.errors import CareloopError

if TYPE_CHECKING:
    from careloop.customers.engine.outcomes import Table

PER_FILE = click.Path(path_type=Path)


@click.group()
def customers() -> None:
    """Judge models of customers: who leaves, who buys again."""


@customers.command()
@click.option("--train", "train_file", required=True, type=PER_FILE, help="Customers to learn from: CSV, TSV, JSONL.")
@click.option("--test", "test_file", type=PER_FILE, help="Customers to be judged on; else one in five of the same.")
@click.option("--label-column", default="", help="Column that says what happened; a row a customer.")
@click.option("--positive", default="", help="The label that counts as happened (else yes, 1 …, else the rarer).")
@click.option("--leave-out", default="", help="Columns not to learn from, parted by commas.")
@click.option("--until", default="", help="For a log of purchases: learn from what was bought until this day.")
@click.option("--weeks", type=click.IntRange(1, 520), default=39, help="… and foretell purchases within these weeks.")
@click.option("--customer-column", default="", help="Of a log: who (default: customer_id).")
@click.option("--date-column", default="", help="Of a log: when (default: date).")
@click.option("--amount-column", default="", help="Of a log: for how much (default: amount).")
@click.option("--units-column", default="", help="Of a log: how many (default: quantity, where there is one).")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
def evaluate(as_json: bool, **asked: Any) -> None:
    """Learn from one file, predict the other (or one in five of the same), and say how good that was.

    A table with --label-column (who left), or a log of purchases with --until (who buys again).
    """
    from careloop.customers.engine.errors import CustomerModelError

    try:
        report = _measured(**asked)
    except (CareloopError, CustomerModelError, OSError) as error:
        click.echo(str(error), err=True)
        raise SystemExit(2) from None
    text = json.dumps(report, ensure_ascii=False, indent=2) if as_json else _summary(report)
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")


def _measured(train_file: Path, test_file: Path | None, weeks: int, **asked: str) -> dict[str, Any]:
    from careloop.customers.engine import bgnbd
    from careloop.customers.engine.evaluation import evaluate as measure
    from careloop.customers.engine.evaluation import split

    table = _table(train_file, weeks, **asked)
    asked["positive"] = table.positive  # in the other file the other kind may be the rarer
    training, test = split(table) if test_file is None else (table, _table(test_file, weeks, **asked))

    def buying(inside: Table, outside: Table) -> Any:
        assert inside.histories is not None
        assert outside.histories is not None
        return bgnbd.fit(inside.histories).chance_of_buying(outside.histories, weeks)

    return measure(training, test, {"BG/NBD": buying} if asked["until"] else {})


def _table(
    path: Path,
    weeks: int,
    *,
    label_column: str,
    positive: str,
    leave_out: str,
    until: str,
    customer_column: str,
    date_column: str,
    amount_column: str,
    units_column: str,
) -> Table:
    from careloop.common.tables import read_rows
    from careloop.customers.engine.errors import UnusableRows
    from careloop.customers.engine.outcomes import LogColumns, day_of, labelled, purchase_log

    if bool(label_column) == bool(until):
        raise UnusableRows("Say either --label-column (a table) or --until DAY (a log of purchases).")
    rows = list(read_rows(path))
    if until:
        columns = LogColumns(customer_column, date_column, amount_column, units_column)
        return purchase_log(rows, day_of(until), weeks, columns, path.name)
    unwanted = [name.strip() for name in leave_out.replace("，", ",").split(",") if name.strip()]
    return labelled(rows, label_column, happened=positive, leave_out=unwanted, called=path.name)


def _summary(report: dict[str, Any]) -> str:
    low, high = report["auc_interval"]
    lines = [
        f"learned on  {report['n_train']} customers, {report['happened_train']} of whom it happened to",
        f"judged on   {report['n_test']} customers, {report['happened_test']} of whom it happened to",
        f"AUC         {report['auc']:.4f}  (95 % {low:.4f} to {high:.4f})",
        f"Brier       {report['brier']:.4f}, log loss {report['log_loss']:.4f}",
        f"calibration {report['calibration_error']:.4f} expected error",
        f"model       {report['model']['kilobytes']} kB, {report['customers_per_second']} customers a second",
        "beside it: AUC, Brier, calibration error, ours minus it (95 %)",
    ]
    others = [
        f"  {own['auc']:.4f} {own['brier']:.4f} {own['calibration_error']:.4f}"
        f"  {own['ours_minus_it'][0]:+.4f} to {own['ours_minus_it'][1]:+.4f}  {name}"
        for name, own in report["baselines"].items()
    ]
    groups = [f"  {own['chance']:.3f} {own['came_true']:.3f} {own['n']:6d}" for own in report["reliability"]]
    return "\n".join([*lines, *others, "  chance, share that came true, customers", *groups, *report["remarks"]])
