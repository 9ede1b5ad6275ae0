"""The threads that do the background work of one process.

Job threads claim one job at a time and never hold a second one behind it, so a long job holds up nobody.
Beside them one keeper thread extends the leases of the jobs in hand every quarter of a lease, takes back the
jobs of workers that died, enqueues recurring work, and wakes the job threads when something falls due.
"""

import logging
import threading
import time
from collections.abc import Sequence
from datetime import timedelta

from django.db import close_old_connections, connection, connections

from careloop.common.courtesy import courtesy
from careloop.common.jobs import leases, running
from careloop.common.jobs.backend import NOTIFY_CHANNEL
from careloop.common.jobs.bell import bell
from careloop.common.jobs.leases import Claim
from careloop.common.jobs.recurring import Recurring, enqueue_due

POLL_SECONDS = 0.25
LONGEST_SLEEP_SECONDS = 5.0
PAUSE_AFTER_ERROR_SECONDS = 1.0

log = logging.getLogger(__name__)


class Worker:
    """Starts, keeps and stops the job threads of this process."""

    def __init__(self, *, threads: int, lease: timedelta, schedule: Sequence[Recurring] = ()) -> None:
        self.name = running.worker_name()
        self.lease = lease
        self.schedule = schedule
        self._stopping = threading.Event()
        self._in_hand: dict[int, int] = {}
        self._threads = [
            threading.Thread(target=self._work, name=f"job-{number}", daemon=True) for number in range(threads)
        ]
        self._keeper = threading.Thread(target=self._keep, name="job-keeper", daemon=True)

    def start(self, *, alone: bool = False) -> None:
        """Start the threads. `alone`: no other worker lives, so what is marked running is taken back now."""
        if alone:
            leases.reap(everyone=True)
        for thread in (*self._threads, self._keeper):
            thread.start()

    def stop(self, timeout_seconds: float) -> bool:
        """Claim nothing more and wait for the jobs in hand; False when some did not end in time.

        What did not end stays leased and is done once more by the next worker.
        """
        self._stopping.set()
        bell.ring_for_all()
        deadline = time.monotonic() + timeout_seconds
        for thread in (*self._threads, self._keeper):
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        job: Claim | None = None
        while job or not self._stopping.is_set():
            try:
                job = self._do(job) if job else self._next()
            except Exception:
                log.exception("A job thread lost the database; it goes on in a moment.")
                job = None
                connections.close_all()
                self._stopping.wait(PAUSE_AFTER_ERROR_SECONDS)
        connections.close_all()

    def _next(self) -> Claim | None:
        heard = bell.rings
        with leases.cheap_commit():
            job = leases.claim(self.name, self.lease)
        if job is None:
            close_old_connections()
            bell.wait(heard, LONGEST_SLEEP_SECONDS)
        return job

    def _do(self, job: Claim) -> Claim | None:
        """Run and settle one job; the same transaction may already take the next."""
        thread = threading.get_ident()
        self._in_hand[thread] = job.job_id
        courtesy.make_way(job.overdue_seconds)
        try:
            result = running.run(job)
        except Exception as error:
            close_old_connections()
            running.settle_failure(job, error)
            return None
        finally:
            self._in_hand.pop(thread, None)
        if self._stopping.is_set():
            leases.finish(job, result)
            return None
        return leases.finish_and_claim(job, result, self.lease)

    def _keep(self) -> None:
        round_of = {
            self._extend_leases: self.lease.total_seconds() / 4,
            self._take_back: self.lease.total_seconds() / 4,
            self._enqueue_recurring: 1.0,
        }
        last = dict.fromkeys(round_of, 0.0)
        while not self._stopping.is_set() or self._in_hand:
            try:
                for duty, every_seconds in round_of.items():
                    if time.monotonic() - last[duty] >= every_seconds:
                        last[duty] = time.monotonic()
                        duty()
                if leases.is_any_due():
                    bell.ring_for_all()
                self._rest()
            except Exception:
                log.exception("The keeper of the job threads lost the database; it goes on in a moment.")
                connections.close_all()
                self._stopping.wait(PAUSE_AFTER_ERROR_SECONDS)
        connections.close_all()

    def _rest(self) -> None:
        """Sleep until the next look; on PostgreSQL a NOTIFY of another process ends the sleep."""
        if self._stopping.is_set():
            time.sleep(POLL_SECONDS / 5)
        elif connection.vendor == "postgresql":
            self._listen()
        else:
            self._stopping.wait(POLL_SECONDS)

    def _listen(self) -> None:
        # The keeper keeps its connection for itself: given back to the pool it would go on listening.
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {NOTIFY_CHANNEL}")
        assert connection.connection is not None
        for _notice in connection.connection.notifies(timeout=POLL_SECONDS, stop_after=1):
            bell.ring()

    def _extend_leases(self) -> None:
        leases.extend(self.name, self._in_hand.values(), self.lease)

    def _take_back(self) -> None:
        if count := leases.reap():
            log.warning("%d jobs were taken back from workers that ended.", count)

    def _enqueue_recurring(self) -> None:
        if self.schedule and not self._stopping.is_set():
            enqueue_due(self.schedule)
