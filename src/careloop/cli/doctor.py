"""`careloop doctor`: says what is configured, reachable, late and dead."""

import json
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from careloop.common import installation
from careloop.common.checks import Finding, examine
from careloop.common.commands import start_django
from careloop.common.db.address import is_sqlite
from careloop.common.secret_key import FILE_NAME

CHECKS = "careloop.config.doctor.CHECKS"
CHECKS_BEFORE_THE_FIRST_START = "careloop.config.doctor.BEFORE_THE_FIRST_START"
SIGN = {"ok": "ok", "warning": "!!", "failure": "XX"}
COLOUR = {"ok": "green", "warning": "yellow", "failure": "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON on standard output.")
def doctor(as_json: bool) -> None:
    """Say what is configured, reachable, late and dead. Changes nothing. Exit code 1 when something has failed."""
    _make_no_key()
    start_django()
    from django.utils.module_loading import import_string

    findings = examine(import_string(CHECKS if _has_database() else CHECKS_BEFORE_THE_FIRST_START))
    if as_json:
        click.echo(json.dumps({"findings": [finding.as_json() for finding in findings]}, ensure_ascii=False))
    else:
        _show(findings)
    sys.exit(1 if any(finding.level == "failure" for finding in findings) else 0)


def _make_no_key() -> None:
    """Before the first start there is no key. Reading the settings would make one, owned by whoever asks the doctor."""
    given = os.environ.get("CARELOOP_SECRET_KEY") or os.environ.get("CARELOOP_SECRET_KEY_FILE")
    if not given and not (installation.data_dir() / FILE_NAME).exists():
        os.environ["CARELOOP_SECRET_KEY"] = secrets.token_urlsafe()


def _has_database() -> bool:
    """Opening an SQLite database that is not there would make it. One that is there is opened for reading only."""
    from django.db import connection

    if not is_sqlite(installation.database_url()):
        return True
    connection.settings_dict["OPTIONS"]["query_only"] = True
    return Path(connection.settings_dict["NAME"]).exists()


def _show(findings: Sequence[Finding]) -> None:
    width = max((len(finding.topic) for finding in findings), default=0)
    for finding in findings:
        sign = click.style(SIGN[finding.level], fg=COLOUR[finding.level])
        click.echo(f"{sign}  {finding.topic:<{width}}  {finding.sentence}")
        if finding.advice:
            click.echo(f"{'':<{width + 6}}{finding.advice}")
