"""kill -9 in mid-job, on both databases: the job is done once more, and the result is right."""

import time
from pathlib import Path

import pytest

from careloop.cli.tests.desk import Desk, children_of, eventually, kill

pytestmark = pytest.mark.slow

ENQUEUE = "from careloop.cli.tests import sample_tasks as sample\nsample.{call}"
STATES = """
from careloop.common.models import Job
jobs = Job.objects.filter(task__contains="sample").order_by("id")
print(json.dumps(list(jobs.values("state", "attempts"))))
"""

DROP_CONNECTIONS = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid != pg_backend_pid()"
    )
"""


def enqueue(desk: Desk, call: str) -> None:
    desk.python(ENQUEUE.format(call=call))


def lines(notes: Path) -> list[str]:
    return [line.split()[0] for line in notes.read_text().splitlines()] if notes.exists() else []


def test_on_sqlite_a_killed_web_process_gives_its_job_to_the_next(desk: Desk, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    desk.start("serve")
    assert eventually(lambda: "Careloop is ready" in desk.log("serve"))
    enqueue(desk, f"work_for.enqueue({str(notes)!r}, 4)")
    assert eventually(lambda: lines(notes) == ["begun"])
    kill(children_of(desk.processes[0], "web")[-1])  # The server's own child does the jobs.
    assert eventually(lambda: lines(notes) == ["begun", "begun", "done"]), desk.log("serve")
    assert eventually(lambda: desk.python(STATES) == [{"state": "done", "attempts": 2}])


def test_on_postgresql_a_killed_worker_gives_its_job_to_another(large_desk: Desk, tmp_path: Path) -> None:
    desk, notes = large_desk, tmp_path / "notes"
    first = desk.start("worker")
    enqueue(desk, f"work_for.enqueue({str(notes)!r}, 4)")
    assert eventually(lambda: lines(notes) == ["begun"]), desk.log("worker")
    desk.start("worker")
    first.kill()
    first.wait()
    assert eventually(lambda: lines(notes) == ["begun", "begun", "done"]), desk.log("worker")
    assert eventually(lambda: desk.python(STATES) == [{"state": "done", "attempts": 2}])


def test_on_postgresql_a_long_job_does_not_hold_up_a_short_one(large_desk: Desk, tmp_path: Path) -> None:
    desk, long, short, gate = large_desk, tmp_path / "long", tmp_path / "short", tmp_path / "gate"
    desk.environment["CARELOOP_JOB_THREADS"] = "1"
    desk.start("worker")
    desk.start("worker")
    enqueue(desk, f"work_until.enqueue({str(long)!r}, {str(gate)!r})")
    assert eventually(lambda: lines(long) == ["begun"]), desk.log("worker")
    enqueue(desk, f"fail_twice.enqueue({str(short)!r})")
    assert eventually(lambda: lines(short) == ["tried", "tried", "tried", "succeeded"])
    time.sleep(4)  # Twice the lease: its worker has kept it all the time.
    assert lines(long) == ["begun"]
    gate.touch()
    assert eventually(lambda: lines(long) == ["begun", "done"])
    assert eventually(
        lambda: desk.python(STATES) == [{"state": "done", "attempts": 1}, {"state": "done", "attempts": 3}]
    )


def test_a_worker_goes_on_when_postgresql_has_dropped_its_connections(large_desk: Desk, tmp_path: Path) -> None:
    desk, notes = large_desk, tmp_path / "notes"
    desk.start("worker")
    enqueue(desk, f"work_for.enqueue({str(notes)!r}, 0)")
    assert eventually(lambda: lines(notes) == ["begun", "done"])
    desk.python(DROP_CONNECTIONS)
    enqueue(desk, f"work_for.enqueue({str(notes)!r}, 0)")
    assert eventually(lambda: lines(notes) == ["begun", "done"] * 2), desk.log("worker")
    assert desk.processes[0].poll() is None
