"""`careloop doctor`: findings in sentences and as JSON, and an exit code."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.utils import timezone

from careloop.cli import doctor as command
from careloop.common.checks import Finding, examine
from careloop.common.models import Job, JobState


def healthy() -> Iterable[Finding]:
    return [Finding("heart", "ok", "It beats.")]


def poorly() -> Iterable[Finding]:
    return [Finding("knee", "failure", "It is broken.", "Rest.")]


def fainting() -> Iterable[Finding]:
    raise RuntimeError("fell over")


CHECKS = tuple(f"{__name__}.{check.__name__}" for check in (healthy, poorly, fainting))


def test_a_check_that_fails_itself_is_a_finding_and_does_not_end_the_examination() -> None:
    findings = examine([CHECKS[2], CHECKS[0]])
    assert [finding.level for finding in findings] == ["failure", "ok"]
    assert "fell over" in findings[0].sentence


def test_findings_are_json_alone_on_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "CHECKS", f"{__name__}.CHECKS")
    monkeypatch.setattr(command, "_has_database", lambda: True)
    done = CliRunner().invoke(command.doctor, ["--json"])
    assert [finding["topic"] for finding in json.loads(done.stdout)["findings"]] == ["heart", "knee", "fainting"]
    assert done.exit_code == 1


def test_advice_is_printed_below_its_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "CHECKS", f"{__name__}.CHECKS")
    monkeypatch.setattr(command, "_has_database", lambda: True)
    lines = CliRunner().invoke(command.doctor).stdout.splitlines()
    assert lines[0].split() == ["ok", "heart", "It", "beats."]
    assert lines[2].strip() == "Rest."


@pytest.mark.django_db
def test_late_and_dead_jobs_are_found() -> None:
    Job.objects.create(task="any", run_after=timezone.now() - timedelta(minutes=5))
    Job.objects.create(task="any", state=JobState.DEAD)
    sentences = [finding.sentence for finding in examine(["careloop.config.doctor.background_jobs"])]
    assert sentences == ["1 jobs have waited for more than a minute.", "1 jobs were given up."]


@pytest.mark.django_db
def test_a_prepared_database_is_well() -> None:
    assert {finding.level for finding in examine(["careloop.config.doctor.database"])} == {"ok"}


def ask(folder: Path) -> tuple[int, list[dict[str, str]]]:
    """The doctor in a process of its own, of an installation in this folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CARELOOP_", "DJANGO_"))}
    environment = {**kept, "CARELOOP_DATA_DIR": str(folder), "CARELOOP_PORT": "64999"}
    command = [sys.executable, "-m", "careloop.cli", "doctor", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)["findings"]


@pytest.mark.offline
def test_before_the_first_start_it_makes_nothing_and_says_so(tmp_path: Path) -> None:
    code, findings = ask(tmp_path / "desk")
    assert list(tmp_path.iterdir()) == []
    said = {finding["topic"]: finding for finding in findings}
    assert said["database"]["sentence"] == "There is no database yet."
    assert "not there yet" in said["data folder"]["sentence"]
    assert code == 0


@pytest.mark.offline
@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_it_changes_nothing_in_an_installation_that_is_there(tmp_path: Path, mode: str) -> None:
    made = sqlite3.connect(tmp_path / "careloop.db")
    made.execute(f"PRAGMA journal_mode = {mode}")
    made.execute("CREATE TABLE known (id INTEGER)")
    made.commit()
    made.close()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    code, findings = ask(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert [finding["level"] for finding in findings if finding["topic"] == "migrations"] == ["failure"]
    assert code == 1
