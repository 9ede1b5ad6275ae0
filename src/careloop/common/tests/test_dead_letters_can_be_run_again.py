"""Dead letters in the admin: seen by administrators, run again, discarded, and recorded."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from careloop.common.jobs import letters
from careloop.common.jobs.running import run_pending_jobs
from careloop.common.models import Event, Job, JobState
from careloop.common.tests import sample_tasks as sample

pytestmark = pytest.mark.django_db
LIST = "admin:common_job_changelist"


@pytest.fixture
def administrator() -> object:
    return get_user_model().objects.create_superuser("admin@example.com", "a long enough password")


@pytest.fixture
def dead_job() -> Job:
    sample.fail.enqueue("hopeless")
    run_pending_jobs(raising=False)
    return Job.objects.get(state=JobState.DEAD)


def choose(client: Client, action: str, job: Job) -> int:
    answer = client.post(reverse(LIST), {"action": action, "_selected_action": [job.pk]}, follow=True)
    return answer.status_code


def test_an_administrator_runs_a_dead_job_again(client: Client, administrator: object, dead_job: Job) -> None:
    client.force_login(administrator)  # type: ignore[arg-type]
    assert dead_job.task in client.get(reverse(LIST)).content.decode()
    assert choose(client, "run_again", dead_job) == 200
    dead_job.refresh_from_db()
    assert (dead_job.state, dead_job.attempts) == (JobState.READY, 0)
    assert Event.objects.get(name="job.run_again").actor_id == administrator.pk  # type: ignore[attr-defined]


def test_an_administrator_discards_a_dead_job(client: Client, administrator: object, dead_job: Job) -> None:
    client.force_login(administrator)  # type: ignore[arg-type]
    choose(client, "discard", dead_job)
    dead_job.refresh_from_db()
    assert dead_job.state == JobState.CANCELLED
    assert Event.objects.filter(name="job.discarded", subject_id=dead_job.pk).exists()


def test_the_page_of_a_job_shows_its_error(client: Client, administrator: object, dead_job: Job) -> None:
    client.force_login(administrator)  # type: ignore[arg-type]
    page = client.get(reverse("admin:common_job_change", args=[dead_job.pk]))
    assert "Hopeless" in page.content.decode()


def test_nobody_else_sees_the_jobs(client: Client, dead_job: Job) -> None:
    staff = get_user_model().objects.create_user("staff@example.com", "a long enough password", is_staff=True)
    client.force_login(staff)
    assert client.get(reverse(LIST)).status_code == 403
    choose(client, "run_again", dead_job)
    dead_job.refresh_from_db()
    assert dead_job.state == JobState.DEAD


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.DONE])
def test_a_running_or_finished_job_is_left_alone(administrator: object, state: JobState) -> None:
    job = Job.objects.create(task="any", state=state)
    assert not letters.run_again(job.pk, administrator)  # type: ignore[arg-type]
    assert not letters.discard(job.pk, administrator)  # type: ignore[arg-type]
    assert not Event.objects.filter(name__startswith="job.").exists()
