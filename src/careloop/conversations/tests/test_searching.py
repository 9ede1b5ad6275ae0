"""Search finds what was said, only for those who may see it."""

from __future__ import annotations

from typing import Any

import pytest

from careloop.conversations.searching import find
from careloop.conversations.services.posting import post_note, post_reply

pytestmark = pytest.mark.django_db


def test_words_of_the_customer_the_reply_and_the_note_are_found(complaint: Any, lin: Any) -> None:
    post_reply(complaint, by=lin, text="退款已重新发起")
    post_note(complaint, by=lin, text="财务确认 finance confirmed")
    for query in ("三次客服", "重新发起", "finance", complaint.reference, "12 天仍未到账"):
        found, _ = find(lin, query)
        assert found == [complaint], query


def test_another_team_finds_nothing(complaint: Any, bob: Any) -> None:
    assert find(bob, "退款") == ([], None)
    assert find(bob, complaint.reference) == ([], None)


def test_paging_shows_every_conversation_once(mei: Any, email_inbox: Any, lin: Any) -> None:
    from careloop.conversations.services.posting import Content, add_customer_message
    from careloop.conversations.services.starting import start

    threads = [start(inbox=email_inbox, customer=mei, subject="") for _ in range(5)]
    for thread in threads * 2:
        add_customer_message(thread, Content(text="发票 invoice"), customer=mei)
    seen, before = [], None
    while True:
        page, before = find(lin, "发票", before=before, limit=2)
        seen += page
        if before is None:
            break
    assert sorted({each.pk for each in seen}) == [each.pk for each in threads]
