"""``careloop import FILE --inbox NAME``."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from careloop.common.commands import BadInput, start_django

if TYPE_CHECKING:
    from careloop.importers.services import Item, Result


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--inbox", required=True, help="The short name of the inbox the messages belong to.")
@click.option("--map", "maps", multiple=True, metavar="FIELD=COLUMN", help="Which column holds what; may be repeated.")
@click.option("--zone", default="Asia/Shanghai", show_default=True, help="The zone of times that name none.")
@click.option("--dry-run", is_flag=True, help="Read and judge every row, store nothing.")
@click.option("--resume", is_flag=True, help="Go on where an interrupted import of this file stopped.")
@click.option("--live", is_flag=True, help="Treat them as new: start clocks, route, acknowledge.")
def import_(file: Path, inbox: str, maps: tuple[str, ...], zone: str, dry_run: bool, resume: bool, live: bool) -> None:
    """Import messages from CSV, JSON lines, mbox or eml (also .gz).

    Known headers are found by themselves, seed A's (投诉内容, 投诉时间, 投诉类型, 投诉程度) among them. Rows that
    cannot be used go to FILE.rejected.csv with their line and reason. Running it again makes no doubles.
    """
    start_django()
    from careloop.importers import services
    from careloop.importers.mapping import Unmappable

    if not file.is_file():
        raise BadInput(f"There is no file {file}.")
    try:
        items = services.read(file, _asked(maps), _zone(zone))
    except Unmappable as reason:
        raise BadInput(str(reason)) from None
    results = _judge(items) if dry_run else _carry(file, inbox, items, resume=resume, live=live)
    counts = _follow(results, file.with_name(f"{file.name}.rejected.csv"), length=_length(file))
    click.echo(json.dumps({"file": file.name, "dry_run": dry_run, **counts}))


def _carry(file: Path, slug: str, items: Iterator[Item], *, resume: bool, live: bool) -> Iterator[Result]:
    from careloop.conversations.models import Inbox
    from careloop.importers import services

    found = Inbox.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Inbox.objects.order_by("slug").values_list("slug", flat=True)) or "none yet"
        raise BadInput(f"There is no inbox {slug!r}. The inboxes are: {known}.")
    return services.carry(services.begin(file, found, resume=resume), items, is_live=live)


def _judge(items: Iterator[Item]) -> Iterator[Result]:
    from careloop.importers.mapping import Rejected
    from careloop.importers.services import Result

    for item in items:
        refused = isinstance(item.content, Rejected)
        yield Result(item.position, not refused, reason=str(item.content) if refused else "", cells=item.cells)


def _follow(results: Iterator[Result], rejected_file: Path, *, length: int | None) -> dict[str, int]:
    counts = {"accepted": 0, "already_there": 0, "rejected": 0}
    rejected: list[Result] = []
    with click.progressbar(results, length=length, label="Importing", file=sys.stderr) as bar:
        for result in bar:
            if not result.is_accepted:
                counts["rejected"] += 1
                rejected.append(result)
            else:
                counts["accepted" if result.is_new else "already_there"] += 1
    if rejected:
        _write_rejected(rejected, rejected_file)
    return counts


def _write_rejected(rejected: list[Result], target: Path) -> None:
    with target.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "reason", "row"])
        for result in rejected:
            row = json.dumps(result.cells or {}, ensure_ascii=False)
            writer.writerow([result.position, result.reason, row])
    click.echo(f"{len(rejected)} rejected, see {target}", err=True)


def _length(file: Path) -> int | None:
    """Lines of a plain text file, for the progress bar; None where counting means unpacking."""
    if file.suffix in (".gz", ".mbox", ".eml"):
        return None
    with file.open("rb") as lines:
        return sum(1 for _ in lines)


def _asked(maps: tuple[str, ...]) -> dict[str, str]:
    pairs = [each.partition("=") for each in maps]
    for field, equals, column in pairs:
        if not (field and equals and column):
            raise BadInput(f"--map wants FIELD=COLUMN, not {field}{equals}{column}.")
    return {field: column for field, _, column in pairs}


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadInput(f"There is no time zone {name!r}.") from None
