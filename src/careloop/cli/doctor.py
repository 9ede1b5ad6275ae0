"""`careloop doctor`: says what is configured, reachable, late and dead."""

import json
import sys
from collections.abc import Sequence

import click

from careloop.common.checks import Finding, examine
from careloop.common.commands import start_django

CHECKS = "careloop.config.doctor.CHECKS"
SIGN = {"ok": "ok", "warning": "!!", "failure": "XX"}
COLOUR = {"ok": "green", "warning": "yellow", "failure": "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON on standard output.")
def doctor(as_json: bool) -> None:
    """Say what is configured, reachable, late and dead. Exit code 1 when something has failed."""
    start_django()
    from django.utils.module_loading import import_string

    findings = examine(import_string(CHECKS))
    if as_json:
        click.echo(json.dumps({"findings": [finding.as_json() for finding in findings]}, ensure_ascii=False))
    else:
        _show(findings)
    sys.exit(1 if any(finding.level == "failure" for finding in findings) else 0)


def _show(findings: Sequence[Finding]) -> None:
    width = max((len(finding.topic) for finding in findings), default=0)
    for finding in findings:
        sign = click.style(SIGN[finding.level], fg=COLOUR[finding.level])
        click.echo(f"{sign}  {finding.topic:<{width}}  {finding.sentence}")
        if finding.advice:
            click.echo(f"{'':<{width + 6}}{finding.advice}")
