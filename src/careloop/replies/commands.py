"""``careloop answers index|evaluate``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from careloop.common.commands import BadInput, start_django


@click.group()
def answers() -> None:
    """Suggested answers: the index they come from, and how good they are."""


@answers.command()
def index() -> None:
    """Put every solved conversation into the index of suggested answers. Safe to run again."""
    start_django()
    from careloop.replies.models import PastAnswer
    from careloop.replies.services.past import index_all

    looked_at = max(index_all(), default=0)
    click.echo(f"{looked_at} resolved conversations were looked at, {PastAnswer.objects.count()} can be suggested.")


@answers.command()
@click.option(
    "--file", "path", type=click.Path(path_type=Path), help="Questions with their answers: CSV, TSV or JSONL."
)
@click.option("--question-column", default="", help="Column of the question; several, parted by commas, are joined.")
@click.option("--answer-column", default="answer", show_default=True, help="Column of the answer.")
@click.option("--most", default=500, show_default=True, help="How many of the newest solved conversations are asked.")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
def evaluate(path: Path | None, question_column: str, answer_column: str, most: int, as_json: bool) -> None:
    """Hit rates at 1, 3 and 5: of solved conversations asked anew, or with --file of answers among all its answers."""
    start_django()
    from careloop.common.errors import CareloopError

    try:
        report = _from_file(path, question_column, answer_column) if path else _from_database(most)
    except CareloopError as error:
        raise BadInput(str(error)) from None
    click.echo(json.dumps(report, ensure_ascii=False, indent=2) if as_json else _readable(report))


def _from_file(path: Path, question_column: str, answer_column: str) -> dict[str, Any]:
    from careloop.replies.services.measuring import measure_pairs
    from careloop.triage.engine.examples import read_examples

    rows = read_examples(path, question_column, answer_column)
    return {"own_answer": measure_pairs(rows.texts, rows.labels)}


def _from_database(most: int) -> dict[str, Any]:
    from careloop.accounts.models import Role, User
    from careloop.replies.services.measuring import measure_solved

    somebody = User.objects.filter(role=Role.ADMIN, is_active=True).order_by("pk").first()
    if somebody is None:
        raise BadInput("There is no administrator, in whose sight the measurement is made: run careloop createadmin.")
    return measure_solved(somebody, most=most)


def _readable(report: dict[str, Any]) -> str:
    lines = []
    for name, rates in report.items():
        if name == "shown":
            lines.append(_of_shown(rates))
            continue
        shares = "  ".join(
            f"@{depth} {rates[f'hit_at_{depth}']['share']:.3f}"
            f" ({rates[f'hit_at_{depth}']['interval'][0]:.3f} to {rates[f'hit_at_{depth}']['interval'][1]:.3f})"
            for depth in (1, 3, 5)
        )
        lines.append(f"{name.replace('_', ' '):22} {shares}  MRR {rates['mrr']:.3f}  n = {rates['n']}")
    return "\n".join(lines)


def _of_shown(rates: dict[str, Any]) -> str:
    precision = rates["precision"]
    low, high = precision["interval"]
    return (
        f"{'shown, same matter':22} {precision['share']:.3f} ({low:.3f} to {high:.3f}) of {rates['lines']} lines are"
        f" right, {rates['blind_precision']:.3f} by chance; of n = {rates['n']} questions {rates['with_any']:.3f} get"
        f" any, {rates['with_a_right_one']:.3f} a right one"
    )
