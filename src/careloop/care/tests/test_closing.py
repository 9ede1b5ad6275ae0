"""Done, or skipped with a reason; sent as a reply through the same check as every reply."""

from __future__ import annotations

from typing import Any

import pytest

from careloop.care.models import FollowUp
from careloop.care.services import closing
from careloop.care.tests.factories import followed_up
from careloop.common.errors import Conflict, InvalidInput
from careloop.common.models import Event
from careloop.conversations.models import Conversation, Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(complaint: Conversation, lin: Any) -> FollowUp:
    return followed_up(complaint, lin)


def test_done_keeps_who_and_when(row: FollowUp, lin: Any) -> None:
    closing.done(row, by=lin, note=" 电话里客户说已收到退款 ")
    row.refresh_from_db()
    assert (row.state, row.closed_by, row.reason) == ("done", lin, "电话里客户说已收到退款")
    assert Event.objects.get(name="follow_up.done").data["was_late"] is False


def test_skipping_needs_a_reason(row: FollowUp, lin: Any) -> None:
    with pytest.raises(InvalidInput):
        closing.skip(row, by=lin, reason="  ")
    row.refresh_from_db()
    assert row.is_open
    closing.skip(row, by=lin, reason="客户要求不要再联系")
    row.refresh_from_db()
    assert (row.state, row.reason) == ("skipped", "客户要求不要再联系")


def test_what_is_closed_stays_closed(row: FollowUp, lin: Any) -> None:
    closing.done(row, by=lin)
    for again in (
        lambda: closing.done(row, by=lin),
        lambda: closing.skip(row, by=lin, reason="x"),
        lambda: closing.send(row, by=lin, text="您好"),
        lambda: closing.keep_draft(row, text="x"),
    ):
        with pytest.raises(Conflict):
            again()
    assert not Message.objects.filter(kind="reply").exists()


def test_sending_answers_the_customer_and_closes_it(row: FollowUp, complaint: Conversation, lin: Any) -> None:
    text = "王雨晴，您好！退款收到了吗？如果还没有，我来继续跟进。"
    message = closing.send(row, by=lin, text=text)
    row.refresh_from_db()
    complaint.refresh_from_db()
    assert (message.kind, message.text, row.message, row.state) == ("reply", text, message, "done")
    assert complaint.is_resolved


def test_what_a_check_stops_is_not_sent_and_stays_open(row: FollowUp, lin: Any) -> None:
    with pytest.raises(InvalidInput):
        closing.send(row, by=lin, text="")
    row.refresh_from_db()
    assert row.is_open
    assert not Message.objects.filter(kind="reply").exists()


def test_a_draft_is_kept(row: FollowUp) -> None:
    closing.keep_draft(row, text="改过的草稿")
    row.refresh_from_db()
    assert (row.draft, row.state) == ("改过的草稿", "open")


def test_another_person_may_take_it(row: FollowUp, lin: Any, chen: Any) -> None:
    closing.give(row, to=chen, by=lin)
    row.refresh_from_db()
    assert row.owner == chen
