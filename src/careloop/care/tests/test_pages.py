"""/follow-ups/: the list, and one of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from careloop.care.models import FollowUp
from careloop.care.services.closing import give
from careloop.care.tests.factories import followed_up
from careloop.common.errors import InvalidInput
from careloop.common.models import Event
from careloop.conversations.models import Conversation, Message, Resolution
from careloop.conversations.services.holding import assign

pytestmark = pytest.mark.django_db

POSTS = [
    ("done", {}),
    ("skip", {"reason": "x"}),
    ("draft", {"text": "x"}),
    ("owner", {"owner": "1"}),
    ("reply", {"text": "x"}),
]


@pytest.fixture
def row(complaint: Conversation, lin: Any, care_team: Any) -> FollowUp:
    assign(complaint, user=lin, team=care_team, by=None)
    return followed_up(complaint, lin)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_owner_finds_it_under_mine_and_the_lead_under_team(row: FollowUp, lin: Any, chen: Any) -> None:
    assert row.conversation.reference in signed_in(lin).get("/follow-ups/").text
    lead = signed_in(chen)
    assert row.conversation.reference not in lead.get("/follow-ups/").text
    assert row.conversation.reference in lead.get("/follow-ups/?view=team").text


def test_the_page_offers_the_draft(row: FollowUp, lin: Any) -> None:
    page = signed_in(lin).get(f"/follow-ups/{row.pk}/")
    assert page.status_code == 200
    assert "王雨晴，您好！我是林晓。" in page.text


def test_done_skip_draft_and_reply_work_as_plain_forms(row: FollowUp, lin: Any) -> None:
    client = signed_in(lin)
    assert client.post(f"/follow-ups/{row.pk}/draft/", {"text": "您好，退款到账了吗？"}).status_code == 302
    assert (
        client.post(f"/follow-ups/{row.pk}/reply/", {"text": "您好，退款到账了吗？有问题随时找我。"}).status_code == 302
    )
    row.refresh_from_db()
    assert row.state == "done"
    assert "林晓" in client.get("/follow-ups/?view=closed").text
    assert client.get(f"/follow-ups/{row.pk}/").status_code == 200


def test_skipping_without_a_reason_is_explained(row: FollowUp, lin: Any) -> None:
    page = signed_in(lin).post(f"/follow-ups/{row.pk}/skip/", {"reason": " "})
    assert page.status_code == 400
    assert 'role="alert"' in page.text
    row.refresh_from_db()
    assert row.is_open


def test_a_reply_that_a_check_stops_comes_back_with_its_text(row: FollowUp, lin: Any) -> None:
    text = "您先撤销投诉，我们才能给您退款。"
    page = signed_in(lin).post(f"/follow-ups/{row.pk}/reply/", {"text": text})
    assert page.status_code == 400
    assert text in page.text
    assert 'name="override_reason"' in page.text
    assert not Message.objects.filter(kind="reply").exists()


def test_what_is_closed_says_so(row: FollowUp, lin: Any) -> None:
    client = signed_in(lin)
    client.post(f"/follow-ups/{row.pk}/done/")
    assert client.post(f"/follow-ups/{row.pk}/done/").status_code == 409


@pytest.mark.parametrize(("action", "data"), POSTS)
def test_signed_out_people_are_sent_to_sign_in(row: FollowUp, action: str, data: dict[str, str]) -> None:
    answer = Client().post(f"/follow-ups/{row.pk}/{action}/", data)
    assert (answer.status_code, "/accounts/login/" in answer.headers["Location"]) == (302, True)
    row.refresh_from_db()
    assert row.is_open


@pytest.mark.parametrize("address", ["/follow-ups/", "/follow-ups/1/"])
def test_signed_out_readers_are_sent_to_sign_in(db: None, address: str) -> None:
    assert Client().get(address).status_code == 302


@pytest.mark.parametrize(("action", "data"), POSTS)
def test_another_team_never_sees_or_changes_it(row: FollowUp, bob: Any, action: str, data: dict[str, str]) -> None:
    stranger = signed_in(bob)
    assert stranger.post(f"/follow-ups/{row.pk}/{action}/", data).status_code == 404
    assert stranger.get(f"/follow-ups/{row.pk}/").status_code == 404
    assert row.conversation.reference not in stranger.get("/follow-ups/?view=team").text
    row.refresh_from_db()
    assert row.is_open


def test_what_is_not_there_is_not_there(row: FollowUp, lin: Any) -> None:
    assert signed_in(lin).get("/follow-ups/999999/").status_code == 404
    assert signed_in(lin).get(f"/follow-ups/{10**20}/").status_code == 404


def test_a_get_changes_nothing(row: FollowUp, lin: Any) -> None:
    assert signed_in(lin).get(f"/follow-ups/{row.pk}/done/").status_code == 405


def test_a_bad_cursor_is_explained(row: FollowUp, lin: Any) -> None:
    assert signed_in(lin).get("/follow-ups/?after=nonsense").status_code == 400


def test_a_long_list_is_read_in_pages_of_thirty(row: FollowUp, lin: Any) -> None:
    resolutions = [
        Resolution(conversation=row.conversation, at=row.resolution.at, outcome="refunded", cause="other")
        for _number in range(32)
    ]
    moment = row.due_at + timedelta(minutes=1)
    FollowUp.objects.bulk_create(
        FollowUp(
            conversation=row.conversation, resolution=each, owner=lin, created_at=moment,
            due_at=moment + timedelta(minutes=number),
        )
        for number, each in enumerate(Resolution.objects.bulk_create(resolutions))
    )  # fmt: skip
    client = signed_in(lin)
    first = client.get("/follow-ups/").text
    after = first.split("after=")[1].split('"')[0]
    second = client.get(f"/follow-ups/?view=mine&after={after}").text
    counts = [page.count('href="/follow-ups/') - 1 for page in (first, second)]
    last = FollowUp.objects.order_by("due_at").last()
    assert last is not None
    assert f'href="/follow-ups/{last.pk}/"' in second
    assert f'href="/follow-ups/{last.pk}/"' not in first
    assert counts == [30, 3]


def test_the_list_asks_the_database_a_fixed_number_of_times(
    row: FollowUp, lin: Any, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(lin)
    with django_assert_max_num_queries(9):
        client.get("/follow-ups/")


def test_it_can_be_given_to_a_colleague(row: FollowUp, lin: Any, chen: Any) -> None:
    client = signed_in(lin)
    assert "陈主管" in client.get(f"/follow-ups/{row.pk}/").text
    assert client.post(f"/follow-ups/{row.pk}/owner/", {"owner": chen.pk}).status_code == 302
    row.refresh_from_db()
    assert row.owner == chen
    event = Event.objects.get(name="follow_up.given")
    assert (event.actor, event.data) == (lin, {"owner": chen.pk})
    client.post(f"/follow-ups/{row.pk}/owner/", {"owner": chen.pk})
    assert Event.objects.filter(name="follow_up.given").count() == 1


@pytest.mark.parametrize("owner", ["", "x", "999999", "9" * 40, "bob"])
def test_who_could_not_see_it_cannot_have_it(row: FollowUp, lin: Any, bob: Any, owner: str) -> None:
    page = signed_in(lin).post(f"/follow-ups/{row.pk}/owner/", {"owner": bob.pk if owner == "bob" else owner})
    assert page.status_code == 400
    row.refresh_from_db()
    assert row.owner == lin


def test_the_verb_itself_refuses_who_could_not_ask(row: FollowUp, lin: Any, bob: Any) -> None:
    with pytest.raises(InvalidInput):
        give(row, to=bob, by=lin)
