"""`careloop triage models list|promote|rollback|export|import`, and `careloop triage train` from the database.

These need the database. On SQLite they may run beside the desk, which sees a promotion within five seconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from careloop.common.commands import BadInput, start_django
from careloop.common.errors import CareloopError

if TYPE_CHECKING:
    from careloop.triage.models import ModelVersion, TrainingRun

AS_JSON = click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")


@click.group()
def models() -> None:
    """The learned models of this installation: what answers, what might, and what did."""


@models.command(name="list")
@click.option("--head", default="", help="Only the versions of this head.")
@AS_JSON
def list_versions(head: str, as_json: bool) -> None:
    """Every version, newest first, with how it stands and what it was compared with."""
    with _database():
        from careloop.triage.models import ModelVersion

        rows = ModelVersion.objects.with_standing().order_by("head", "-pk")
        told = [_described(row) for row in (rows.filter(head=head) if head else rows)]
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_line(row) for row in told) or "No version yet; the rules answer alone.")


@models.command()
@click.argument("version")
def promote(version: str) -> None:
    """Let a version answer for its head from now on."""
    with _database():
        from careloop.triage.services.promoting import promote as let_answer

        standing = let_answer(_version(version), by=None)
        before = standing.replaced.version if standing.replaced else "the rules alone"
    click.echo(f"{version} answers for {standing.head}; before it answered {before}.")


@models.command()
@click.argument("head")
def rollback(head: str) -> None:
    """Let the version before the present one answer again, or the rules alone when there was none."""
    with _database():
        from careloop.triage.services.promoting import roll_back

        standing = roll_back(head, by=None)
        now = standing.version.version if standing else "the rules alone"
    click.echo(f"For {head} answers {now}.")


@models.command()
@click.argument("version")
@click.argument("file", type=click.Path(path_type=Path))
def export(version: str, file: Path) -> None:
    """Write a version's file, to be imported by another installation."""
    with _database():
        from careloop.triage.services.carrying_over import export_model

        export_model(_version(version), file)
    click.echo(str(file))


@models.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
def import_file(file: Path) -> None:
    """Take over a model file that you trust; it waits as a challenger until it is promoted."""
    with _database():
        from careloop.triage.services.carrying_over import import_model

        version = import_model(file, by=None).version
    click.echo(f"{version} waits as a challenger; careloop triage models promote {version} lets it answer.")


def train_from_database(head: str, *, as_json: bool) -> None:
    """Train, compare and keep a challenger; promoting it is a command of its own. Ends with exit code 2 on refusal."""
    with _database():
        from careloop.triage.models import Origin
        from careloop.triage.services.training import begin, carry_out

        about = _about(carry_out(begin(head, by=None, origin=Origin.COMMAND)))
    click.echo(json.dumps(about, ensure_ascii=False, indent=2) if as_json else _told(about))


def _about(run: TrainingRun) -> dict[str, Any]:
    if run.version is None:
        raise BadInput(run.sentence or str(run.get_outcome_display()))
    return _described(run.version)


def _told(about: dict[str, Any]) -> str:
    from careloop.triage.naming import rule_in_words

    comparison = about["comparison"]
    old, new = comparison["champion"], comparison["challenger"]
    (low, high), chance = comparison["difference_interval"], comparison["p_value"]
    return "\n".join([
        f"{about['version']}: {about['rows']} rows, {about['rows_by_people']} of them labelled by people",
        f"held out    {comparison['n']} rows, {comparison['by_people']} of them labelled by people",
        f"champion    {old['accuracy']:.4f} accuracy, {old['macro_f1']:.4f} macro-F1",
        f"challenger  {new['accuracy']:.4f} accuracy, {new['macro_f1']:.4f} macro-F1",
        f"difference  {comparison['difference']:+.4f}  (95 % {low:+.4f} to {high:+.4f}, p = {chance:.4f})",
        f"verdict     {comparison['verdict']}: {rule_in_words(comparison['verdict'])}",
        f"careloop triage models promote {about['version']} lets it answer.",
    ])  # fmt: skip


def _described(row: ModelVersion) -> dict[str, Any]:
    comparison, standing = row.comparison, row.standing
    return {
        "version": row.version,
        "head": row.head,
        "state": standing.state if standing else "",
        "why": standing.why if standing else "",
        "since": standing.at.isoformat() if standing else "",
        "by": str(standing.by) if standing and standing.by else "",
        "trained_at": row.trained_at.isoformat(),
        "origin": row.origin,
        "rows": row.rows,
        "rows_by_people": row.rows_by_people,
        "labels": row.classes,
        "fingerprint": row.fingerprint,
        "code_version": row.code_version,
        "candidate": row.candidate,
        "scores": row.scores,
        "comparison": comparison.report if comparison else None,
    }


def _line(row: dict[str, Any]) -> str:
    report = row["comparison"]
    judged = f"{report['difference']:+.3f} on {report['n']}" if report else "not compared"
    return f"{row['head']:15} {row['version']:45} {row['state']:10} {row['rows']:7} rows  {judged}"


def _version(name: str) -> ModelVersion:
    from careloop.triage.models import ModelVersion

    found = ModelVersion.objects.filter(version=name).first()
    if found is None:
        raise BadInput(f"There is no version “{name}”; careloop triage models list shows them all.")
    return found


@contextmanager
def _database() -> Iterator[None]:
    start_django()
    from django.db import DatabaseError

    try:
        yield
    except CareloopError as error:
        raise BadInput(str(error)) from error
    except DatabaseError as error:
        raise BadInput(f"The database cannot be read ({error}); run careloop migrate first.") from error
