"""What runs beside the web threads in the process that may write: the job threads and the doors."""

import fcntl
import os
import sys
from pathlib import Path

from django.db import connection

from careloop.common.doors import Doors
from careloop.common.jobs.recurring import schedule
from careloop.common.jobs.worker import Worker
from careloop.common.serving import Serving
from careloop.config.doors import DOORS

# How long a thread keeps Python to itself while others wait; 5 ms unless told otherwise. Every query gives it up
# for a moment, and then waits so long for each busy job thread. Measured while four job threads worked off a
# backlog (medians of two runs, before and after): ten reads of a page took 88 ms and 53 ms, the backlog 12 s and 9 s.
SWITCH_SECONDS = 0.0005


class SoleWriter:
    """On SQLite one process does the jobs; a lock on a file beside the database keeps a second one out."""

    def __init__(self, database: str) -> None:
        self.file = Path(f"{database}.jobs")
        self._descriptor: int | None = None

    def is_ours(self) -> bool:
        """Take the place if it is free, and keep it until the process ends."""
        if self._descriptor is None:
            self._descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def is_taken(self) -> bool:
        """Whether a process has the place. Only looks: makes no file, and lets go at once."""
        try:
            descriptor = os.open(self.file, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False


def place_of_sole_writer() -> SoleWriter:
    """The place beside this installation's SQLite database."""
    return SoleWriter(str(connection.settings_dict["NAME"]))


class BackgroundWork:
    """The job threads and the doors of one process; either may be left out."""

    def __init__(self, serving: Serving, *, with_jobs: bool, with_doors: bool) -> None:
        self.serving = serving
        self.worker: Worker | None = None
        if with_jobs:
            threads, lease = serving.job_threads, serving.job_lease
            self.worker = Worker(threads=threads, lease=lease, schedule=schedule())
        self.doors = Doors(DOORS if with_doors else ())

    def start(self) -> None:
        """Start the threads; call it in the process that keeps them, so after a fork.

        Alone on its database (SQLite), the worker at once takes back the jobs of one that was killed;
        beside others it waits for the end of their leases.
        """
        if self.worker:
            self.worker.start(alone=connection.vendor == "sqlite")
        sys.setswitchinterval(SWITCH_SECONDS)
        self.doors.open()

    def stop(self, within_seconds: float) -> None:
        """Close the doors first, then finish the jobs in hand."""
        self.doors.close(within_seconds / 3)
        if self.worker:
            self.worker.stop(within_seconds)
