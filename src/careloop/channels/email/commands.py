"""``careloop mail``: read mail files without a desk, a database or a network."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import click

from careloop.channels.email.parsing.files import mail_files, mails_in
from careloop.channels.email.parsing.mail import ParsedMail, parse_mail


@click.group()
def mail() -> None:
    """Work with e-mail files."""


@mail.command()
@click.argument("paths", nargs=-1, metavar="FILE…", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a message on standard output.")
def parse(paths: tuple[Path, ...], as_json: bool) -> None:
    """Show how Careloop reads each message of eml and mbox files, or of all files in a folder."""
    for path, index, parsed in _parsed(_readable(paths)):
        row = row_of(str(path), index, parsed)
        click.echo(json.dumps(row, ensure_ascii=False) if as_json else _sentence(row))


def _readable(paths: tuple[Path, ...]) -> list[tuple[Path, bytes]]:
    """All files and their bytes, read before anything is printed, so bad input prints one sentence and no rows."""
    if not paths:
        _refuse("Name at least one mail file or folder.")
    missing = [path for path in paths if not path.exists()]
    if missing:
        _refuse(f"There is no file {missing[0]}.")
    try:
        return [(file, file.read_bytes()) for path in paths for file in mail_files(path)]
    except OSError as error:
        _refuse(f"{error.filename} cannot be read: {error.strerror}.")


def _refuse(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(2)


def _parsed(files: list[tuple[Path, bytes]]) -> Iterator[tuple[Path, int, ParsedMail]]:
    for path, raw in files:
        for index, message in enumerate(mails_in(raw)):
            yield path, index, parse_mail(message)


def row_of(file: str, index: int, parsed: ParsedMail) -> dict[str, object]:
    """The documented fields of one message. ``file`` is named as it was given; ``index`` counts from 0 in a mailbox."""
    return {
        "file": file,
        "index": index,
        "outcome": parsed.outcome,
        "reason": parsed.reason,
        "from": str(parsed.sender) if parsed.sender else "",
        "to": [str(each) for each in parsed.to],
        "subject": parsed.subject,
        "date": parsed.date.isoformat() if parsed.date else None,
        "message_id": parsed.message_id,
        "in_reply_to": parsed.in_reply_to,
        "references": list(parsed.references),
        "text": parsed.text,
        "quoted": parsed.quoted,
        "signature": parsed.signature,
        "html": parsed.html,
        "attachments": [
            {"name": each.name, "type": each.content_type, "bytes": len(each.content)} for each in parsed.attachments
        ],
    }


def _sentence(row: dict[str, object]) -> str:
    reason = f": {row['reason']}" if row["reason"] else ""
    return f"{row['file']} #{row['index']} {row['outcome']}{reason} | {row['from']} | {row['subject']}"
