"""The page at /s/<token>."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from careloop.conversations.models import Conversation
from careloop.surveys.models import Survey, SurveyAnswer
from careloop.surveys.tests.factories import surveyed

pytestmark = pytest.mark.django_db

HAPPY = {"solved": "yes", "c1_speed": "4", "c2_result": "5", "c3_overall": "4", "comment": "很快就退了"}


@pytest.fixture
def survey(complaint: Conversation, lin: Any) -> Survey:
    return surveyed(complaint, lin)


def test_it_asks_in_the_customers_language_without_signing_in(client: Client, survey: Survey) -> None:
    page = client.get(f"/s/{survey.token}", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert "您的问题解决了吗？" in page.text
    assert page.headers["Content-Language"] == "zh-hans"


def test_the_reader_may_choose_the_other_language(client: Client, survey: Survey) -> None:
    assert "Is your matter solved?" in client.get(f"/s/{survey.token}?lang=en").text


def test_an_answer_is_kept_and_a_second_visit_shows_it(client: Client, survey: Survey) -> None:
    assert client.post(f"/s/{survey.token}", HAPPY).status_code == 302
    page = client.get(f"/s/{survey.token}")
    assert "很快就退了" in page.text
    assert 'name="c1_speed"' not in page.text


def test_a_second_answer_changes_nothing(client: Client, survey: Survey) -> None:
    client.post(f"/s/{survey.token}", HAPPY)
    page = client.post(f"/s/{survey.token}", {**HAPPY, "solved": "no"})
    assert page.status_code == 200
    assert SurveyAnswer.objects.get().solved


def test_a_no_says_that_the_matter_is_open_again(client: Client, survey: Survey) -> None:
    client.post(f"/s/{survey.token}", {**HAPPY, "solved": "no"})
    page = client.get(f"/s/{survey.token}?lang=en")
    assert "We have reopened your matter" in page.text


@pytest.mark.parametrize("change", [{"solved": ""}, {"c1_speed": "6"}, {"c3_overall": "x"}, {"comment": "长" * 4001}])
def test_bad_input_is_explained_and_nothing_is_kept(client: Client, survey: Survey, change: dict[str, str]) -> None:
    page = client.post(f"/s/{survey.token}", {**HAPPY, **change})
    assert page.status_code == 400
    assert "errorlist" in page.text
    assert not SurveyAnswer.objects.exists()


@pytest.mark.parametrize("token", ["nothing", "x" * 400, "1.1.abc"])
def test_a_wrong_link_is_explained_in_both_languages(client: Client, survey: Survey, token: str) -> None:
    page = client.get(f"/s/{token}")
    assert page.status_code == 404
    assert "这个评价链接不可用" in page.text
    assert "This survey link does not work" in page.text


def test_nobody_else_keeps_the_page(client: Client, survey: Survey) -> None:
    page = client.get(f"/s/{survey.token}")
    assert "no-store" in page.headers["Cache-Control"]
    assert "noindex" in page.headers["X-Robots-Tag"]


def test_a_forged_form_is_refused(survey: Survey) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"/s/{survey.token}", HAPPY).status_code == 403
    assert not SurveyAnswer.objects.exists()
