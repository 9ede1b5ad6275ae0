"""The week in seed B's template, from recorded facts (missions 4, 21, 119-124)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test import Client
from django.utils import timezone

from careloop.accounts.models import Presence, Shift
from careloop.analytics.commands import report
from careloop.analytics.facts import NOT_PROBLEMS
from careloop.analytics.models import Interval, WeeklyReport
from careloop.analytics.services import reports
from careloop.analytics.suggesting import is_rising, suggestion, table
from careloop.analytics.weeks import read_week
from careloop.common.errors import Conflict, NotAllowed
from careloop.conversations.models import Conversation
from careloop.conversations.services.posting import Content, add_customer_message, post_reply
from careloop.conversations.services.resolution import resolve
from careloop.conversations.services.starting import start
from careloop.surveys.models import Survey, SurveyAnswer
from careloop.triage.engine.heads import LABELS
from careloop.triage.services.correcting import label_by_hand

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2025, 3, 3, 10, 0, tzinfo=ZONE)  # 2025-W10
WEEK = read_week("2025-W10")


def one(inbox: Any, customer: Any, at: datetime, *, nature: str = "logistics") -> Any:
    conversation = start(inbox=inbox, customer=customer, subject="x", at=at)
    add_customer_message(conversation, Content(text="还没收到"), customer=customer, at=at)
    label_by_hand(conversation, "nature", nature, by=None, source="human")
    return conversation


@pytest.fixture
def week(email_inbox: Any, mei: Any, lin: Any) -> list[Any]:
    """Last week one conversation; this week four: two answered (30 and 90 minutes), one of them resolved and rated."""
    one(email_inbox, mei, MONDAY - timedelta(days=7))
    found = [one(email_inbox, mei, MONDAY + timedelta(hours=n)) for n in range(3)]
    found.append(one(email_inbox, mei, MONDAY, nature="quality"))
    post_reply(found[0], by=lin, text="您好", at=MONDAY + timedelta(minutes=30))
    post_reply(found[1], by=lin, text="您好", at=MONDAY + timedelta(hours=1, minutes=90))
    done = resolve(
        found[0], by=lin, solved=True, satisfied=True, outcome="explained", cause="logistics",
        at=MONDAY + timedelta(hours=5),
    )  # fmt: skip
    survey = Survey.objects.create(conversation=found[0], resolution=done, language="zh", asked_at=done.at)
    SurveyAnswer.objects.create(
        survey=survey,
        solved=True,
        c1_speed=4,
        c2_result=5,
        c3_overall=5,
        comment="很快",
        at=done.at + timedelta(hours=1),
    )
    return found


def facts() -> dict[str, Any]:
    return reports.make(WEEK, ZONE).facts


def test_volume_is_compared_with_the_week_before(week: Any) -> None:
    assert facts()["volume"] == {"n": 4, "previous": 1, "change_percent": 300.0}


def test_response_counts_answered_turns_and_shows_what_still_waits(week: Any) -> None:
    found = facts()["response"]
    assert (found["calendar_minutes"]["n"], found["calendar_minutes"]["mean"]) == (2, 60.0)
    assert found["waiting"]["n"] == 3


def test_what_waits_is_counted_in_an_index_of_its_own(week: Any) -> None:
    found = Conversation.objects.unanswered().filter(waiting_since__lt=timezone.now())
    assert found.count() == 3
    if connection.vendor == "sqlite":
        assert "COVERING INDEX conv_waiting" in found.only("waiting_since").values("waiting_since").explain()


def test_an_answer_is_one_fact_with_both_kinds_of_time(week: Any, lin: Any) -> None:
    first = Interval.objects.filter(kind="first_response").order_by("ended_at").first()
    assert first is not None
    assert (first.seconds, first.user) == (1800, lin)
    assert first.business_seconds <= first.seconds


def test_a_second_answer_in_a_row_is_no_second_turn(week: Any, lin: Any) -> None:
    before = Interval.objects.count()
    post_reply(week[1], by=lin, text="补充一句")
    assert Interval.objects.count() == before


def test_rates_carry_their_n_and_range(week: Any) -> None:
    found = facts()
    assert (found["resolution"]["n"], found["resolution"]["share"]) == (4, 0.25)
    assert (found["satisfaction"]["n"], found["satisfaction"]["share"]) == (1, 1.0)
    assert found["satisfaction"]["mean_score"] == pytest.approx(14 / 3)
    assert found["satisfaction"]["low"] < 0.5


def test_the_most_frequent_problems_come_first_and_suggestions_cite_their_counts(week: Any) -> None:
    made = reports.make(WEEK, ZONE)
    assert [(each["nature"], each["n"], each["previous"]) for each in made.facts["problems"]] == [
        ("logistics", 3, 1),
        ("quality", 1, 0),
    ]
    assert made.words["zh"]["suggestions"].splitlines()[0].startswith("本周有 3 件")
    assert "3 conversations" in made.words["en"]["suggestions"]


def test_a_problem_that_grew_by_three_and_a_fifth_is_rising() -> None:
    grown = {"nature": "quality", "n": 10, "previous": 6, "share": 0.5, "change_percent": 66.7}
    assert is_rising(grown)
    assert suggestion(grown, "en").startswith("Product quality rose from 6 to 10.")
    assert not is_rising({**grown, "n": 8})


@pytest.mark.parametrize("nature", sorted(set(LABELS["nature"]) - NOT_PROBLEMS))
def test_every_nature_has_its_name_and_suggestions_in_both_languages(nature: str) -> None:
    row = table()[nature]
    assert all(row[part][language] for part in ("name", "rising", "steady") for language in ("en", "zh"))


def test_hours_at_the_desk_and_on_the_roster_are_both_shown(week: Any, lin: Any) -> None:
    Presence.objects.create(user=lin, state="online", since=MONDAY, until=MONDAY + timedelta(hours=4))
    Presence.objects.create(
        user=lin, state="away", since=MONDAY + timedelta(hours=4), until=MONDAY + timedelta(hours=9)
    )
    Shift.objects.create(user=lin, starts_at=MONDAY, ends_at=MONDAY + timedelta(hours=8))
    found = facts()["efficiency"]
    assert (found["handled"], found["presence_hours"], found["shift_hours"]) == (1, 4.0, 8.0)
    assert (found["per_presence_hour"], found["per_shift_hour"]) == (0.25, 0.125)


def test_the_excellent_case_is_the_one_rated_five(week: Any) -> None:
    case = facts()["case"]
    assert (case["reference"], case["scores"], case["comment"]) == (week[0].reference, [4, 5, 5], "很快")


def test_a_week_without_anything_is_told_without_a_number_made_up(db: None) -> None:
    made = reports.make(WEEK, ZONE)
    assert made.facts["resolution"]["share"] is None
    assert made.facts["case"] is None
    assert made.words["en"]["suggestions"] == ""


def test_the_lead_edits_and_publishes_and_then_it_stays(week: Any, chen: Any, lin: Any) -> None:
    made = reports.make(WEEK, ZONE)
    reports.edit(made, {"zh": {"focus": "回访"}, "en": {"focus": "Call back"}}, by=chen)
    assert reports.make(WEEK, ZONE).words["zh"]["focus"] == "回访"
    reports.publish(made, by=chen)
    with pytest.raises(Conflict):
        reports.edit(made, {}, by=chen)
    with pytest.raises(NotAllowed):
        reports.publish(WeeklyReport(week="2025-W11"), by=lin)


@pytest.mark.parametrize("form", ["md", "html", "json"])
def test_the_command_prints_both_languages(week: Any, form: str) -> None:
    result = CliRunner().invoke(report, ["weekly", "--week", "2025-W10", "--format", form])
    assert result.exit_code == 0, result.output
    for words in ("本周有 3 件", "3 conversations"):
        assert words in result.output
    if form == "json":
        assert json.loads(result.output)["volume"]["n"] == 4
    else:
        assert "客户服务周报" in result.output
        assert "Customer service weekly report" in result.output
        assert "↑300%" in result.output


def test_the_command_refuses_what_is_no_week(db: None) -> None:
    result = CliRunner().invoke(report, ["weekly", "--week", "soon"])
    assert (result.exit_code, "There is no week" in result.stderr) == (2, True)


ADDRESS = "/reports/weekly/2025-W10/"


def test_the_page_shows_the_week_to_an_agent_without_the_form(week: Any, lin: Any, client: Client) -> None:
    client.force_login(lin)
    page = client.get(ADDRESS).content.decode()
    assert "客户服务周报" in page
    assert "<textarea" not in page


def test_the_lead_saves_and_publishes_on_the_page(week: Any, chen: Any, client: Client) -> None:
    client.force_login(chen)
    assert "<textarea" in client.get(ADDRESS).content.decode()
    client.post(ADDRESS, {"zh-focus": "先回访", "do": "save"})
    assert WeeklyReport.objects.get().words["zh"]["focus"] == "先回访"
    client.post(ADDRESS, {"zh-focus": "先回访", "do": "publish"})
    assert WeeklyReport.objects.get().published_by == chen


def test_an_agent_may_not_publish(week: Any, lin: Any, client: Client) -> None:
    client.force_login(lin)
    assert client.post(ADDRESS, {"do": "publish"}).status_code == 403


def test_signed_out_goes_to_the_sign_in_page(client: Client, db: None) -> None:
    assert client.get(ADDRESS).status_code == 302


@pytest.mark.parametrize("week_name", ["nonsense", "2025-W99", "2999-W01"])
def test_a_missing_week_is_a_plain_404(lin: Any, client: Client, week_name: str) -> None:
    client.force_login(lin)
    assert client.get(f"/reports/weekly/{week_name}/").status_code == 404


def test_the_latest_is_last_week(lin: Any, client: Client) -> None:
    client.force_login(lin)
    answer = client.get("/reports/weekly/")
    assert answer.status_code == 302
    assert timezone.localdate().isocalendar().week != int(answer.headers["Location"][-3:-1])
