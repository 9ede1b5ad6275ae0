"""Mentions at the desk: a view with what is unread, read by looking, and word of it at once."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from careloop.accounts.models import Team, User
from careloop.common.models.event import Event
from careloop.conversations.models import Conversation, Mention
from careloop.conversations.services.holding import assign
from careloop.conversations.services.posting import post_note, post_reply
from careloop.conversations.services.resolution import resolve
from careloop.workspace import lists
from careloop.workspace.tests.conftest import HTMX


@pytest.fixture
def called(lin: User, chen: User, complaint: Conversation) -> Conversation:
    post_note(complaint, by=lin, text="财务确认：需改为打款到新卡。@陈主管 请批准")
    return complaint


def unread(user: User) -> int:
    return lists.counts_for(user)["mentions"]


def test_the_view_holds_where_one_was_named_and_counts_what_is_unread(
    as_chen: Client, as_lin: Client, lin: User, chen: User, called: Conversation
) -> None:
    assert (unread(chen), unread(lin)) == (1, 0)
    page = as_chen.get("/desk/mentions/").content.decode()
    assert f'id="row-{called.pk}"' in page
    assert "@ new" in page or "@ 新" in page
    assert f'id="row-{called.pk}"' not in as_lin.get("/desk/mentions/").content.decode()


@pytest.mark.parametrize("door", ["/conversations/{}/", "/desk/mentions/{}/", "/conversations/{}/thread/"])
def test_looking_reads_it_and_refreshes_the_lists(as_chen: Client, chen: User, called: Conversation, door: str) -> None:
    answer = as_chen.get(door.format(called.number), headers=HTMX)
    assert "live-list" in answer["HX-Trigger-After-Settle"]
    assert unread(chen) == 0
    assert lists.rows_in(lists.VIEWS["mentions"], chen).get() == called
    assert "HX-Trigger-After-Settle" not in as_chen.get(door.format(called.number), headers=HTMX)


def test_a_colleague_who_looks_reads_only_their_own(as_lin: Client, chen: User, called: Conversation) -> None:
    as_lin.get(f"/conversations/{called.number}/")
    assert unread(chen) == 1


def test_a_resolved_one_is_still_among_them(lin: User, chen: User, called: Conversation) -> None:
    resolve(called, by=lin, solved=True, satisfied=None, outcome="answered", cause="other")
    assert unread(chen) == 1


def test_what_went_to_another_team_is_out_of_sight(
    as_chen: Client, lin: User, chen: User, wholesale_team: Team, called: Conversation
) -> None:
    assign(called, user=None, team=wholesale_team, by=lin)
    assert unread(chen) == 0
    assert news(as_chen).headers.get("HX-Trigger") is None


def test_the_name_stands_out_in_the_note(as_lin: Client, called: Conversation) -> None:
    html = as_lin.get(f"/conversations/{called.number}/").content.decode()
    assert '<b class="mention">@陈主管</b> 请批准' in html


def test_a_name_inside_an_address_leaves_the_link_whole(
    as_lin: Client, chen: User, lin: User, complaint: Conversation
) -> None:
    post_note(complaint, by=lin, text="@chen 见 https://hemu.example/@chen 和 boss@chen.example")
    html = as_lin.get(f"/conversations/{complaint.number}/").content.decode()
    assert 'href="https://hemu.example/@chen"' in html
    assert 'href="mailto:boss@chen.example"' in html
    assert '<b class="mention">@chen</b> 见' in html


def test_a_reply_marks_nobody(as_lin: Client, chen: User, lin: User, complaint: Conversation) -> None:
    post_reply(complaint, by=lin, text="@chen 您好")
    assert "mention" not in re.sub(
        r"/mentions?/", "", as_lin.get(f"/conversations/{complaint.number}/thread/").content.decode()
    )


def test_the_composer_learns_whom_it_can_call(
    as_lin: Client, lin: User, chen: User, bob: User, complaint: Conversation
) -> None:
    html = as_lin.get(f"/conversations/{complaint.number}/colleagues/", headers=HTMX).content.decode()
    assert re.findall(r'data-called="([^"]+)"', html) == ["陈主管"]
    assert 'data-handle="chen"' in html


def test_two_of_one_name_are_called_by_their_mail(
    as_lin: Client, chen: User, care_team: Team, complaint: Conversation
) -> None:
    other = User.objects.create_user("chen2@hemu.example", "a long enough password", display_name="陈主管")
    other.memberships.create(team=care_team)
    html = as_lin.get(f"/conversations/{complaint.number}/colleagues/", headers=HTMX).content.decode()
    assert sorted(re.findall(r'data-called="([^"]+)"', html)) == ["chen", "chen2"]


def test_who_was_named_in_vain_is_said(as_lin: Client, bob: User, chen: User, complaint: Conversation) -> None:
    given = {"kind": "note", "text": "@Bob @陈主管 请看"}
    answer = as_lin.post(f"/conversations/{complaint.number}/messages/", given, headers=HTMX)
    toast = json.loads(answer["HX-Trigger-After-Settle"])["toast"]["text"]
    assert "Bob" in toast
    assert "陈主管" not in toast


def news(client: Client, event: int | None = None):  # type: ignore[no-untyped-def]
    event = event or Event.objects.get(name="colleague.mentioned").pk
    return client.get(f"/mentions/{event}/", headers=HTMX)


def test_only_who_was_named_gets_word(as_chen: Client, as_lin: Client, as_bob: Client, called: Conversation) -> None:
    toast = json.loads(news(as_chen)["HX-Trigger"])["toast"]
    assert (toast["url"], "林晓" in toast["text"]) == (f"/conversations/{called.number}/", True)
    for other in (as_lin, as_bob):
        assert (news(other).status_code, news(other).headers.get("HX-Trigger")) == (204, None)


def test_what_is_read_or_something_else_is_no_news(as_chen: Client, chen: User, called: Conversation) -> None:
    note = Event.objects.get(name="note.added")
    assert news(as_chen, note.pk).headers.get("HX-Trigger") is None
    assert news(as_chen, 10**30).status_code == 204
    as_chen.get(f"/conversations/{called.number}/")
    assert Mention.objects.get().read_at is not None
    assert news(as_chen).headers.get("HX-Trigger") is None


def test_who_is_signed_out_hears_nothing(client: Client, called: Conversation) -> None:
    assert news(client).status_code == 401
    assert client.post("/mentions/1/").status_code == 405
