"""`careloop doctor`: findings in sentences and as JSON, and an exit code."""

import json
from collections.abc import Iterable
from datetime import timedelta

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
    done = CliRunner().invoke(command.doctor, ["--json"])
    assert [finding["topic"] for finding in json.loads(done.stdout)["findings"]] == ["heart", "knee", "fainting"]
    assert done.exit_code == 1


def test_advice_is_printed_below_its_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "CHECKS", f"{__name__}.CHECKS")
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
