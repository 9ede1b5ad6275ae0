"""The queue: enqueueing, claiming, trying again, giving up, and taking back from the dead."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from django_tasks.base import TaskResultStatus

from careloop.common.jobs import leases
from careloop.common.jobs.backend import enqueue_once
from careloop.common.jobs.policy import RetryLater, RetryPolicy
from careloop.common.jobs.running import run_pending_jobs
from careloop.common.jobs.tasks import forget_finished_jobs
from careloop.common.models import Event, Job, JobState
from careloop.common.tests import sample_tasks as sample

MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_told_before() -> Iterator[None]:
    sample.told.clear()
    yield
    sample.told.clear()


def only_job() -> Job:
    return Job.objects.get()


def test_a_task_is_one_row_until_a_worker_takes_it() -> None:
    result = sample.tell.enqueue("hello")
    assert (result.status, sample.told) == (TaskResultStatus.READY, [])
    assert run_pending_jobs() == 1
    result.refresh()
    assert (result.status, result.return_value, sample.told) == (TaskResultStatus.SUCCESSFUL, "hello", ["hello"])


def test_a_job_vanishes_with_the_transaction_that_asked_for_it() -> None:
    with transaction.atomic():
        sample.tell.enqueue("never")
        transaction.set_rollback(True)
    assert not Job.objects.exists()


def test_jobs_that_enqueue_jobs_are_run_to_the_end() -> None:
    sample.tell_and_pass_on.enqueue("a word")
    assert run_pending_jobs() == 2
    assert sample.told == ["a word", "a word passed on"]


def test_the_more_urgent_job_goes_first_then_the_older() -> None:
    for word, priority in (("second", 0), ("third", 0), ("first", 10)):
        sample.tell.using(priority=priority).enqueue(word)
    run_pending_jobs()
    assert sample.told == ["first", "second", "third"]


def test_a_job_for_later_waits_until_then() -> None:
    sample.tell.using(run_after=timezone.now() + timedelta(hours=1)).enqueue("later")
    assert run_pending_jobs() == 0
    assert run_pending_jobs(now=timezone.now() + timedelta(hours=2)) == 1


def test_a_failure_is_tried_again_after_a_while_and_keeps_its_error() -> None:
    sample.fail.enqueue("oops")
    before = timezone.now()
    run_pending_jobs(raising=False)
    job = only_job()
    assert (job.state, job.attempts, job.error_class) == (JobState.READY, 1, "builtins.RuntimeError")
    assert timedelta(seconds=5) <= job.run_after - before <= timedelta(seconds=11)
    assert "RuntimeError: oops" in job.error


def test_after_its_last_attempt_a_job_is_given_up_and_that_is_recorded() -> None:
    sample.fail.enqueue("oops")
    for hour in range(1, 5):
        run_pending_jobs(now=timezone.now() + timedelta(hours=hour), raising=False)
    job = only_job()
    assert (job.state, job.attempts, len(sample.told)) == (JobState.DEAD, 3, 3)
    assert Event.objects.get(name="job.died").subject_id == job.pk


def test_a_permanent_error_is_not_tried_again() -> None:
    sample.fail.enqueue("hopeless")
    run_pending_jobs(raising=False)
    assert (only_job().state, sample.told) == (JobState.DEAD, ["hopeless"])


def test_a_task_that_was_told_when_to_come_back_comes_back_then() -> None:
    sample.fail.enqueue("later")
    run_pending_jobs(raising=False)
    assert timedelta(seconds=110) < only_job().run_after - timezone.now() < timedelta(seconds=130)


def test_a_job_whose_task_no_longer_exists_is_given_up() -> None:
    Job.objects.create(task="careloop.common.tests.sample_tasks.gone", arguments={"args": [], "kwargs": {}})
    run_pending_jobs(raising=False)
    assert only_job().state == JobState.DEAD


def test_tests_see_the_error_of_a_failing_job() -> None:
    sample.fail.enqueue("oops")
    with pytest.raises(RuntimeError, match="oops"):
        run_pending_jobs()


def test_the_attempt_is_known_to_a_task_that_asks() -> None:
    sample.tell_attempt.enqueue()
    run_pending_jobs()
    assert sample.told == [1]


def test_a_key_keeps_a_second_job_from_waiting() -> None:
    for _ in range(3):
        enqueue_once(sample.tell, "once", key="a key")
    assert run_pending_jobs() == 1


def test_a_running_job_does_not_keep_its_key() -> None:
    enqueue_once(sample.tell, "first", key="a key")
    running = leases.claim("a worker", MINUTE)
    assert running is not None
    enqueue_once(sample.tell, "what has changed since", key="a key")
    assert leases.put_back(running, "SomeError", "", 0)
    assert Job.objects.filter(state=JobState.READY).count() == 2


def test_no_two_workers_get_one_job() -> None:
    sample.tell.enqueue("mine")
    assert leases.claim("one", MINUTE) is not None
    assert leases.claim("two", MINUTE) is None


def test_a_job_is_taken_back_when_its_worker_gives_no_sign_of_life() -> None:
    sample.tell.enqueue("again")
    lost = leases.claim("dead worker", timedelta(seconds=-1))
    assert lost is not None
    assert leases.reap() == 1
    taken_over = leases.claim("new worker", MINUTE)
    assert taken_over is not None
    assert taken_over.attempt == 2


def test_a_worker_believed_dead_cannot_settle_what_another_took_over() -> None:
    sample.tell.enqueue("again")
    lost = leases.claim("slow worker", timedelta(seconds=-1))
    leases.reap()
    taken_over = leases.claim("new worker", MINUTE)
    assert lost is not None
    assert taken_over is not None
    assert not leases.finish(lost, "old")
    assert not leases.bury(lost, "Error", "")
    assert leases.finish(taken_over, "new")
    assert only_job().result == "new"


def test_a_sign_of_life_keeps_the_job() -> None:
    sample.tell.enqueue("mine")
    job = leases.claim("a worker", timedelta(seconds=-1))
    assert job is not None
    leases.extend("a worker", [job.job_id], MINUTE)
    assert leases.reap() == 0


def test_a_job_that_kills_its_worker_every_time_is_given_up() -> None:
    sample.fail.enqueue("kill")
    for _ in range(3):
        assert leases.claim("victim", timedelta(seconds=-1)) is not None
        leases.reap()
    assert (only_job().state, only_job().error_class) == (JobState.DEAD, "WorkerLost")


def test_finished_jobs_are_forgotten_and_dead_ones_are_kept() -> None:
    long_ago = timezone.now() - timedelta(days=8)
    states = (JobState.DONE, JobState.CANCELLED, JobState.DEAD)
    for state in states:
        Job.objects.create(task="any", state=state, finished_at=long_ago)
    Job.objects.create(task="any", state=JobState.DONE, finished_at=timezone.now())
    assert forget_finished_jobs.call() == 2
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.DEAD, JobState.DONE}


def test_the_wait_doubles_up_to_its_limit_and_is_spread() -> None:
    policy = RetryPolicy(max_attempts=9, base_seconds=2, max_seconds=60)
    waits: list[Any] = [[policy.delay_seconds(attempt) for _ in range(200)] for attempt in range(1, 9)]
    for attempt, tries in enumerate(waits, start=1):
        whole = min(60.0, 2.0 * 2 ** (attempt - 1))
        assert whole / 2 <= min(tries) < max(tries) <= whole
    assert policy.delay_seconds(1, RetryLater(7)) == 7
    assert policy.delay_seconds(5000) <= 60
