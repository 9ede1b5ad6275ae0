"""Tasks for the tests with real processes; what they did is a line in a file."""

import os
import time
from pathlib import Path

from django_tasks import task

from careloop.common.jobs import retrying


def note(file: str, line: str) -> None:
    with Path(file).open("a") as notes:
        notes.write(f"{line} {os.getpid()}\n")


@task()
def work_for(file: str, seconds: float) -> None:
    note(file, "begun")
    time.sleep(seconds)
    note(file, "done")


@task()
def work_until(file: str, gate: str) -> None:
    """Work until somebody makes the file called `gate`."""
    note(file, "begun")
    while not Path(gate).exists():
        time.sleep(0.05)
    note(file, "done")


@task()
@retrying(max_attempts=5, base_seconds=0.1, max_seconds=0.1)
def fail_twice(file: str) -> None:
    note(file, "tried")
    if Path(file).read_text().count("tried") < 3:
        raise RuntimeError("not yet")
    note(file, "succeeded")
