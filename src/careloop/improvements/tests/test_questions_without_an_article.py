"""The weekly look, the page, and the register: works, signed out, wrong role, missing, bad input."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from careloop.accounts.models import Team, User
from careloop.common.models import Event
from careloop.conversations.models import Conversation
from careloop.conversations.services.posting import Content, add_customer_message
from careloop.conversations.services.starting import start
from careloop.improvements.models import GroupedQuestion, Improvement, QuestionGroup, QuestionRun
from careloop.improvements.services.looking import look
from careloop.knowledge.loading import load_starter_articles

BUILT = {name: name for name in ("app.css", "app.js", "charts.js", "icons.svg", "mark.svg")}


@pytest.fixture(autouse=True)
def _names_of_built_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("careloop.workspace.assets._manifest", lambda: BUILT)


@pytest.fixture
def asked(email_inbox: Any, mei: Any) -> list[Conversation]:
    """Two who ask about masks and one whose refund is late."""
    made = []
    for text in ("面膜可以每天敷吗", "面膜能不能每天都敷", "退款还没到账，什么时候到账"):
        row = start(inbox=email_inbox, customer=mei, language="zh")
        add_customer_message(row, Content(text=text, language="zh"), customer=mei)
        made.append(row)
    return made


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def largest() -> QuestionGroup:
    return QuestionGroup.objects.order_by("-recent")[0]


def test_what_no_article_answers_is_grouped_and_counted(asked: list[Conversation]) -> None:
    load_starter_articles("retail_skincare", is_published=True)
    run = look()
    assert (run.examined, run.answered, run.asked_in_window) == (3, 1, 3)
    assert (largest().recent, largest().before, largest().growth) == (2, 0, 2)
    assert set(largest().questions.values_list("conversation", flat=True)) == {asked[0].pk, asked[1].pk}
    assert Event.objects.filter(name="questions.looked_at").count() == 1


def test_looking_again_examines_only_what_is_new(asked: list[Conversation], mei: Any, email_inbox: Any) -> None:
    look()
    assert look().examined == 0
    row = start(inbox=email_inbox, customer=mei, language="zh")
    add_customer_message(row, Content(text="每天敷面膜好吗", language="zh"), customer=mei)
    assert look().examined == 1
    assert largest().recent == 3


def test_the_first_article_that_helps_is_proved_by_counts(
    asked: list[Conversation], lin: User, mei: Any, email_inbox: Any
) -> None:
    """Two of three asked; it was done; of the next four none does, and of eight more one."""
    look()
    client = signed_in(lin)
    client.post(f"/questions/{largest().pk}/registration/", {"title": "写面膜用法"})
    row = Improvement.objects.get()
    client.post(f"/improvements/{row.pk}/state/", {"state": "done"})
    assert "下次梳理（周一夜间）" in client.get("/improvements/").text
    done = timezone.now() - timedelta(days=10)
    Conversation.objects.update(created_at=done - timedelta(days=1))
    GroupedQuestion.objects.update(asked_at=done - timedelta(days=1))
    Improvement.objects.update(done_at=done, evidence={"asked": 40, "of": 60, "before": 0, "days": 28})
    for text in ("能开发票吗", "快递几天到", "面膜每天敷可以吗", *("积分怎么兑换" for _time in range(9))):
        made = start(inbox=email_inbox, customer=mei, language="zh")
        add_customer_message(made, Content(text=text, language="zh"), customer=mei)
    look()
    row.refresh_from_db()
    assert row.effect == {"asked": 1, "of": 12, "days": 10}
    assert row.change is not None
    assert row.change.is_less
    page = client.get("/improvements/").text
    assert "12 个会话中有 1 个在问" in page
    assert "确实少了，不是偶然" in page


def test_undone_it_is_counted_no_more(asked: list[Conversation], lin: User) -> None:
    look()
    client = signed_in(lin)
    client.post(f"/questions/{largest().pk}/registration/", {"title": "写面膜用法"})
    row = Improvement.objects.get()
    for state in ("done", "doing"):
        client.post(f"/improvements/{row.pk}/state/", {"state": state})
    row.refresh_from_db()
    assert (row.done_at, row.effect, row.change) == (None, {}, None)


def test_a_question_nobody_asks_any_more_sinks(asked: list[Conversation]) -> None:
    look()
    look(timezone.now() + timedelta(days=30))
    assert not QuestionGroup.objects.filter(recent__gt=0).exists()
    assert QuestionGroup.objects.filter(before=2).exists()


def test_the_page_shows_size_share_growth_and_examples(asked: list[Conversation], lin: User) -> None:
    look()
    page = signed_in(lin).get("/questions/").text
    for shown in (
        "3 个会话中有 2 个在问（67",
        "+2",
        asked[0].reference,
        "/knowledge/new/?title=",
    ):
        assert shown in page


def test_examples_are_only_those_the_reader_may_see(asked: list[Conversation], bob: User) -> None:
    look()
    page = signed_in(bob).get("/questions/").text
    assert asked[0].reference not in page


def test_it_goes_into_the_register_with_its_evidence(asked: list[Conversation], lin: User) -> None:
    look()
    client = signed_in(lin)
    assert client.post(f"/questions/{largest().pk}/registration/", {"title": "写面膜用法"}).status_code == 302
    row = Improvement.objects.get()
    assert (row.title, row.owner, row.state) == ("写面膜用法", lin, "proposed")
    assert (row.evidence["asked"], row.evidence["of"], row.evidence["days"]) == (2, 3, 28)
    assert "写面膜用法" in client.get("/improvements/").text
    assert largest().state == "registered"
    assert client.post(f"/questions/{largest().pk}/registration/", {"title": "x"}).status_code == 409


def test_it_is_put_aside_by_somebody(asked: list[Conversation], lin: User) -> None:
    look()
    group = largest()
    signed_in(lin).post(f"/questions/{group.pk}/setting-aside/")
    group.refresh_from_db()
    assert (group.state, group.settled_by) == ("ignored", lin)


def test_every_step_of_an_improvement_is_kept(lin: User, chen: User) -> None:
    client = signed_in(lin)
    client.post("/improvements/", {"title": "玻璃瓶多裹一层"})
    row = Improvement.objects.get()
    signed_in(chen).post(f"/improvements/{row.pk}/state/", {"state": "doing", "note": "仓库下周开始"})
    client.post(f"/improvements/{row.pk}/state/", {"state": "done"})
    row.refresh_from_db()
    assert (row.state, row.owner) == ("done", chen)
    kept = row.steps.order_by("pk").values_list("state", "by", "note")
    assert list(kept) == [("proposed", lin.pk, ""), ("doing", chen.pk, "仓库下周开始"), ("done", lin.pk, "")]


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        ("/improvements/", {"title": " "}, 400),
        ("/improvements/1/state/", {"state": "done"}, 404),
        (f"/improvements/{2**70}/state/", {"state": "done"}, 404),
        ("/questions/1/setting-aside/", {}, 404),
        ("/questions/1/registration/", {"title": "x"}, 404),
    ],
)
def test_what_cannot_be_done_is_refused(lin: User, path: str, sent: dict[str, str], status: int) -> None:
    assert signed_in(lin).post(path, sent).status_code == status


def test_a_state_that_is_none_is_refused(lin: User) -> None:
    client = signed_in(lin)
    client.post("/improvements/", {"title": "x"})
    assert client.post(f"/improvements/{Improvement.objects.get().pk}/state/", {"state": "moon"}).status_code == 400
    assert client.get("/improvements/?after=x").status_code == 400


@pytest.mark.parametrize("path", ["/questions/", "/improvements/"])
def test_whoever_is_signed_out_is_sent_to_the_door(db: None, path: str) -> None:
    assert "/accounts/login/" in Client().get(path)["Location"]


def test_before_the_first_look_the_page_says_so(lin: User, care_team: Team) -> None:
    assert not QuestionRun.objects.exists()
    assert signed_in(lin).get("/questions/").status_code == 200
