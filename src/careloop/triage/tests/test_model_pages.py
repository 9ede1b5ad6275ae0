"""Leads see how well triage understands; administrators train, promote, roll back and set thresholds (issue 3)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from careloop.accounts.models import User
from careloop.common.models import Job
from careloop.triage import overview
from careloop.triage.models import TrainingRun, WeekOfAnswers
from careloop.triage.services import model_files, training
from careloop.triage.services.promoting import champion_standing, promote
from careloop.triage.tests.factories import version_of
from careloop.triage.thresholds import threshold_of

pytestmark = pytest.mark.django_db
LIST, HEAD = "/triage/models/", "/triage/models/nature/"
ACTIONS = ("training/", "champion/", "threshold/")


@pytest.fixture
def as_admin(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def page(client: Client, address: str = HEAD, **more: str) -> str:
    answer = client.get(address, more)
    assert answer.status_code == 200
    return answer.content.decode()


def weeks(series: str = "nature", count: int = 9) -> None:
    for back in range(count):
        week = overview.last_monday() - timedelta(weeks=back)
        usual = {"quality": 60, "logistics": 40} if back else {"logistics": 200}
        WeekOfAnswers.objects.create(series=series, week=week, counts=usual, unsure=9, corrected=7)


def test_the_list_says_of_each_head_who_answers_how_well_and_what_drifts(as_admin: Client, admin: User) -> None:
    promote(version_of(), by=admin)
    weeks()
    html = page(as_admin, LIST)
    assert "95.0 %" in html
    assert "n = 100" in html
    assert "drifts" in html
    assert "<polyline" in html
    assert html.count("not measured yet") == len(overview.TRAINABLE) - 1


def test_the_list_asks_as_much_with_one_version_as_with_many(as_admin: Client) -> None:
    version_of("nature-1")
    page(as_admin, LIST)
    with CaptureQueriesContext(connection) as few:
        page(as_admin, LIST)
    for number in range(2, 6):
        version_of(f"nature-{number}")
    version_of("severity-1", head="severity")
    with CaptureQueriesContext(connection) as many:
        page(as_admin, LIST)
    assert len(few) == len(many)


def test_a_head_shows_versions_comparison_and_confusion(as_admin: Client, admin: User) -> None:
    version_of("nature-1")
    promote(version_of("nature-2"), by=admin)
    weeks()
    html = page(as_admin)
    assert "Better beyond noise" in html
    assert "Champion then: the rules alone" in html
    assert 'class="heat-9 is-right"' in html
    assert 'id="weeks"' in html
    assert "A newer challenger came" in html
    assert "nature-1" in page(as_admin, version="nature-1")


def test_no_page_carries_a_script_or_style_of_its_own(as_admin: Client) -> None:
    version_of()
    weeks()
    for address in (LIST, HEAD):
        html = page(as_admin, address)
        assert not re.search(r"\sstyle=", html)
        assert not re.search(r"<script(?![^>]*(?:src=|application/json))", html)


def test_a_head_without_anything_says_what_to_do(as_admin: Client) -> None:
    assert "No version yet" in page(as_admin)


def test_the_page_speaks_chinese(as_admin: Client, admin: User) -> None:
    admin.language = "zh-hans"
    admin.save()
    as_admin.force_login(admin)
    version_of()
    assert "研判模型" in page(as_admin, LIST)
    assert "明显更好" in page(as_admin)


def test_a_broken_champion_is_shown_where_one_looks(as_admin: Client, admin: User) -> None:
    promote(version_of(), by=admin)
    model_files.file_of("nature-1").write_bytes(b"x")
    assert 'role="alert"' in page(as_admin)


def test_an_administrator_promotes_and_rolls_back(as_admin: Client, admin: User) -> None:
    version_of()
    assert as_admin.post(f"{HEAD}champion/", {"version": "nature-1"}).status_code == 302
    standing = champion_standing("nature")
    assert standing is not None
    assert standing.by == admin
    assert as_admin.post(f"{HEAD}champion/", {"do": "rollback"}).status_code == 302
    assert champion_standing("nature") is None
    assert as_admin.post(f"{HEAD}champion/", {"do": "rollback"}).status_code == 409
    assert as_admin.post(f"{HEAD}champion/", {"version": "unknown"}).status_code == 404
    version_of("severity-1", head="severity")
    assert as_admin.post(f"{HEAD}champion/", {"version": "severity-1"}).status_code == 404


def test_a_version_whose_file_was_altered_is_refused_with_a_sentence(as_admin: Client) -> None:
    version_of()
    model_files.file_of("nature-1").write_bytes(b"x")
    answer = as_admin.post(f"{HEAD}champion/", {"version": "nature-1"})
    assert answer.status_code == 400
    assert "signature" in answer.content.decode()


def test_training_is_ordered_followed_and_stopped(as_admin: Client) -> None:
    assert as_admin.post(f"{HEAD}training/").status_code == 302
    assert Job.objects.filter(task="careloop.triage.tasks.train_head").count() == 1
    assert as_admin.post(f"{HEAD}training/").status_code == 409
    assert "waits for a free worker" in page(as_admin)
    TrainingRun.objects.update(started_at=timezone.now())
    assert "Mail goes on" in page(as_admin, f"{HEAD}training/")
    as_admin.post(f"{HEAD}training/", {"do": "stop"})
    run = TrainingRun.objects.get()
    assert run.stop_asked_at is not None
    training.carry_out(run)
    assert as_admin.get(f"{HEAD}training/").headers["HX-Refresh"] == "true"
    assert "It was stopped." in page(as_admin)


def test_a_training_that_broke_off_is_shown_and_can_be_ordered_again(as_admin: Client, chen: User) -> None:
    as_admin.post(f"{HEAD}training/")
    ago = timezone.now() - timedelta(minutes=3)
    TrainingRun.objects.update(started_at=ago, seen_at=ago)
    assert as_admin.get(f"{HEAD}training/").headers["HX-Refresh"] == "true"
    html = page(as_admin)
    assert "broke off" in html
    assert "hx-trigger" not in html
    assert "Train again" in html
    assert "training broke off" in page(as_admin, LIST)
    assert as_admin.post(f"{HEAD}training/").status_code == 302
    assert "waits for a free worker" in page(as_admin)


def test_a_threshold_is_set_on_the_page(as_admin: Client) -> None:
    assert as_admin.post(f"{HEAD}threshold/", {"unsure_below": "0,7"}).status_code == 302
    assert threshold_of("nature") == 0.7


@pytest.mark.parametrize("text", ["", "much", "2", "-1", "nan"])
def test_a_threshold_that_is_no_share_is_refused(as_admin: Client, text: str) -> None:
    before = threshold_of("nature")
    assert as_admin.post(f"{HEAD}threshold/", {"unsure_below": text}).status_code == 400
    assert threshold_of("nature") == before


def test_leads_see_and_do_not_decide(client: Client, chen: User) -> None:
    client.force_login(chen)
    version_of()
    html = page(client)
    assert "Train now" not in html
    assert "Promote" not in html
    for action in ACTIONS:
        assert client.post(HEAD + action, {"unsure_below": "0.5", "version": "nature-1"}).status_code == 403


def test_agents_may_not_and_strangers_are_asked_to_sign_in(client: Client, lin: User) -> None:
    for address in (LIST, HEAD, f"{HEAD}training/"):
        assert client.get(address)["Location"].startswith("/accounts/login/")
    for action in ACTIONS:
        assert client.post(HEAD + action)["Location"].startswith("/accounts/login/")
    client.force_login(lin)
    for address in (LIST, HEAD, f"{HEAD}training/"):
        assert client.get(address).status_code == 403
    for action in ACTIONS:
        assert client.post(HEAD + action).status_code == 403


@pytest.mark.parametrize("head", ["crisis", "nothing"])
def test_a_head_that_is_not_trained_has_no_page(as_admin: Client, head: str) -> None:
    assert as_admin.get(f"/triage/models/{head}/").status_code == 404
    for action in ACTIONS:
        assert as_admin.post(f"/triage/models/{head}/{action}").status_code == 404
