"""Real threads on the real queue: waking, not holding each other up, stopping, and recurring work."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections, transaction
from django.utils import timezone

from careloop.common.jobs.recurring import Recurring, enqueue_due
from careloop.common.jobs.worker import Worker
from careloop.common.models import Job, JobState, RecurringRun
from careloop.common.tests import sample_tasks as sample

pytestmark = pytest.mark.django_db(transaction=True)

LEASE = timedelta(seconds=2)


@pytest.fixture
def worker() -> Iterator[Worker]:
    sample.told.clear()
    sample.gate.clear()
    worker = Worker(threads=2, lease=LEASE)
    worker.start()
    yield worker
    sample.gate.set()
    worker.stop(10)


def eventually(is_so: Callable[[], bool], within_seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + within_seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.01)
    return is_so()


def count(state: JobState) -> int:
    return Job.objects.filter(state=state).count()


def test_an_idle_worker_wakes_when_the_job_is_committed_and_not_before(worker: Worker) -> None:
    time.sleep(0.5)
    with transaction.atomic():
        sample.tell.enqueue("now")
        time.sleep(0.1)
        assert sample.told == []
    assert eventually(lambda: sample.told == ["now"], within_seconds=0.2)


def test_a_long_job_does_not_hold_up_the_attempts_of_a_short_one(worker: Worker) -> None:
    sample.wait_for_the_gate.enqueue()
    assert eventually(lambda: "waiting" in sample.told)
    sample.fail_twice.enqueue("short")
    assert eventually(lambda: sample.told.count("short") == 3)
    assert "gone on" not in sample.told
    sample.gate.set()
    assert eventually(lambda: count(JobState.DONE) == 2)


def test_a_job_longer_than_its_lease_is_run_once(worker: Worker) -> None:
    sample.wait_for_the_gate.enqueue()
    time.sleep(LEASE.total_seconds() * 1.5)
    sample.gate.set()
    assert eventually(lambda: count(JobState.DONE) == 1)
    assert sample.told == ["waiting", "gone on"]
    assert Job.objects.get().attempts == 1


def test_many_jobs_of_many_workers_are_each_done_once() -> None:
    sample.told.clear()
    for number in range(200):
        sample.tell.enqueue(str(number))
    workers = [Worker(threads=2, lease=LEASE) for _ in range(3)]
    for worker in workers:
        worker.start()
    assert eventually(lambda: count(JobState.DONE) == 200, within_seconds=20)
    assert all(worker.stop(5) for worker in workers)
    assert sorted(sample.told, key=int) == [str(number) for number in range(200)]


def test_stopping_finishes_the_job_in_hand_and_takes_no_other(worker: Worker) -> None:
    for _ in range(2):
        sample.sleep.enqueue(0.3)
    assert eventually(lambda: count(JobState.RUNNING) == 2)
    for _ in range(10):
        sample.sleep.enqueue(0.3)
    assert worker.stop(5)
    assert (count(JobState.DONE), count(JobState.READY), count(JobState.RUNNING)) == (2, 10, 0)


def test_who_does_not_stop_in_time_is_left_behind() -> None:
    sample.gate.clear()
    worker = Worker(threads=1, lease=LEASE)
    worker.start()
    sample.wait_for_the_gate.enqueue()
    assert eventually(lambda: count(JobState.RUNNING) == 1)
    assert not worker.stop(0.3)
    sample.gate.set()
    assert eventually(lambda: count(JobState.DONE) == 1)
    assert worker.stop(5)


def test_recurring_work_is_enqueued_once_however_many_workers_there_are() -> None:
    entry = Recurring("a test", f"{sample.__name__}.tell_attempt", timedelta(minutes=5), "For a test.")
    RecurringRun.objects.create(name=entry.name, due_at=timezone.now() - timedelta(seconds=1))

    def look(_: int) -> list[str]:
        try:
            return enqueue_due([entry])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        names = [name for found in pool.map(look, range(9)) for name in found]
    assert names == ["a test"]
    assert Job.objects.count() == 1
    assert RecurringRun.objects.get(name=entry.name).due_at > timezone.now()


def test_what_was_missed_is_made_up_once() -> None:
    entry = Recurring("a test", f"{sample.__name__}.tell_attempt", timedelta(minutes=5), "For a test.")
    RecurringRun.objects.create(name=entry.name, due_at=timezone.now() - timedelta(days=3))
    assert enqueue_due([entry]) == ["a test"]
    assert enqueue_due([entry]) == []


def test_slots_lie_on_multiples_of_the_interval() -> None:
    daily = Recurring("daily", "any", timedelta(days=1), "At two.", offset=timedelta(hours=2))
    assert daily.next_due(datetime(2026, 11, 22, 1, 59, tzinfo=UTC)) == datetime(2026, 11, 22, 2, tzinfo=UTC)
    assert daily.next_due(datetime(2026, 11, 22, 2, 0, tzinfo=UTC)) == datetime(2026, 11, 23, 2, tzinfo=UTC)
    weekly = Recurring("weekly", "any", timedelta(days=7), "On Mondays.")
    assert weekly.next_due(datetime(2026, 11, 22, 1, 0, tzinfo=UTC)) == datetime(2026, 11, 23, tzinfo=UTC)


def test_the_schedule_of_this_installation_names_tasks_that_exist() -> None:
    from careloop.common.jobs.backend import task_named
    from careloop.common.jobs.recurring import schedule

    entries = schedule()
    assert len({entry.name for entry in entries}) == len(entries)
    for entry in entries:
        task_named(entry.task)
        assert entry.sentence.endswith(".")
