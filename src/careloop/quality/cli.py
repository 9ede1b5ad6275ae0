"""`careloop check-reply`: look over a draft from the command line, without database, secret or network."""

import json
import sys
from pathlib import Path

import click

from careloop.common.commands import BadInput
from careloop.quality.engine import LANGUAGES, Context, Finding, check_by_id, check_reply

# The kinds of a conversation; only a complaint changes what is asked of a reply.
KINDS = ("", "complaint", "inquiry", "question", "feedback", "upkeep")


@click.command("check-reply")
@click.option("--lang", type=click.Choice(LANGUAGES), required=True, help="Language of the reply.")
@click.option("--kind", type=click.Choice(KINDS), default="", help="What it answers.")
@click.option("--text", help="The reply. Without it, and without --file, standard input is read.")
@click.option("--file", "path", type=click.Path(path_type=Path), help="A UTF-8 file with the reply.")
@click.option("--customer-text", default="", help="What the customer wrote last.")
@click.option("--final-response", is_flag=True, help="A statutory final letter, which may quote rules.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
def command(
    lang: str,
    kind: str,
    text: str | None,
    path: Path | None,
    customer_text: str,
    final_response: bool,
    as_json: bool,
) -> None:
    """Look a reply over before it is sent. Exit 0 with or without findings, 2 when the input cannot be used."""
    draft = _read(text, path)
    context = Context(final_response=final_response, customer_text=customer_text)
    findings = check_reply(draft, language=lang, kind=kind, context=context)
    click.echo(_as_json(findings) if as_json else _as_lines(draft, findings))


def _read(text: str | None, path: Path | None) -> str:
    draft = text if text is not None else _from_file(path) if path else _from_standard_input()
    if not draft.strip():
        raise BadInput("There is no reply to check: give --text, --file or text on standard input.")
    return draft


def _from_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"The file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"The file {path} is not UTF-8 text.") from error


def _from_standard_input() -> str:
    try:
        return "" if sys.stdin.isatty() else sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput("Standard input is not UTF-8 text.") from error


def _as_json(findings: list[Finding]) -> str:
    return json.dumps({"findings": [each.as_dict() for each in findings]}, ensure_ascii=False)


def _as_lines(draft: str, findings: list[Finding]) -> str:
    if not findings:
        return "Nothing to remark."
    return "\n".join(_as_line(draft, each) for each in findings)


def _as_line(draft: str, finding: Finding) -> str:
    words = draft[finding.start : finding.end].replace("\n", " ")
    marked = f" [{words}]" if words else ""
    return f"{finding.level.value}: {check_by_id(finding.check).name}{marked} -> {finding.better}"
