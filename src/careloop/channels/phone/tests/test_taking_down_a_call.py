"""An agent writes down a call while talking (mission 6, 148)."""

from __future__ import annotations

from typing import Any

import pytest

from careloop.channels.phone.services import take_down
from careloop.common.errors import InvalidInput, NotFound
from careloop.conversations.models import Conversation, Message
from careloop.customers.models import Identity
from careloop.intake.models import RawMessage

pytestmark = pytest.mark.django_db


def call(lin: Any, **fields: Any) -> Message:
    return take_down(**{"by": lin, "caller": "138 0013 8000", "notes": "面霜结块，要求换货。", **fields})


def test_a_call_becomes_a_message_of_its_own_kind(lin: Any, phone_inbox: Any) -> None:
    message = call(lin, seconds=95)
    assert (message.kind, message.author, message.language) == ("phone", lin, "zh")
    assert message.channel_data["direction"] == "in"
    assert Identity.objects.get(kind="phone").value == "+8613800138000"


def test_an_answered_call_leaves_nobody_waiting_and_counts_as_our_answer(lin: Any, phone_inbox: Any) -> None:
    conversation = call(lin).conversation
    assert conversation.waiting_since is None
    assert conversation.first_replied_at is not None


def test_a_missed_call_begins_a_wait(lin: Any, phone_inbox: Any) -> None:
    assert call(lin, answered=False).conversation.waiting_since is not None


def test_calling_back_within_a_conversation_ends_the_wait(lin: Any, phone_inbox: Any, complaint: Any) -> None:
    message = call(lin, direction="out", conversation=complaint)
    assert message.conversation == complaint
    complaint.refresh_from_db()
    assert complaint.waiting_since is None


def test_a_double_submit_is_one_call(lin: Any, phone_inbox: Any) -> None:
    assert call(lin, key="form-1") == call(lin, key="form-1")
    assert Conversation.objects.count() == 1


def test_missing_notes_are_refused_and_nothing_is_kept(lin: Any, phone_inbox: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        call(lin, notes="  ", caller="1")
    assert refused.value.data == {"fields": ["caller", "notes"]}
    assert not RawMessage.objects.exists()


def test_without_a_phone_inbox_the_error_says_so(lin: Any) -> None:
    with pytest.raises(NotFound):
        call(lin)
