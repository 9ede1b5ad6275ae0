"""The path of a message: every station leaves its row, and no failing station stops it (missions 1, 10, 12, 55-63)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from careloop.accounts.services.presence import set_presence
from careloop.common.models import Event
from careloop.conversations.models import Conversation, Message
from careloop.conversations.services.posting import post_reply
from careloop.conversations.services.resolution import resolve
from careloop.intake.services.keeping import keep
from careloop.lifecycle import steps
from careloop.lifecycle.inbound import receive
from careloop.routing.models import QueueEntry
from careloop.sla.models import Clock
from careloop.sla.services.switching import switch_on
from careloop.triage.engine.heads import Heads
from careloop.triage.models import Prediction

pytestmark = pytest.mark.django_db

SEED_A = "我购买的产品出现了质量问题，无法正常使用。"  # mission 28
ALLERGY = "用了你们的面霜之后整张脸过敏红肿，去医院看了急诊，你们必须给个说法！"  # mission 132


@pytest.fixture
def desk(care_team: Any, lin: Any, chen: Any, api_inbox: Any) -> Any:
    """The care team at work: Lin and Lead Chen online, seed B's response table loaded."""
    from careloop.business_hours.loading import load_shipped_calendars
    from careloop.sla.loading import load_shipped_targets

    load_shipped_calendars()
    load_shipped_targets()
    set_presence(lin, "online")
    set_presence(chen, "online")
    return api_inbox


def say(inbox: Any, text: str, *, key: str = "1", email: str = "mei@example.com", meta: Any = None) -> Message:
    body = {"inbox": inbox.slug, "sender": {"email": email}, "text": text, "thread": "t"}
    raw = keep(inbox, key, json.dumps(body).encode(), adapter="json", meta=meta)
    message = receive(raw.pk)
    assert message is not None
    assert not Event.objects.filter(name="lifecycle.step_failed").exists()
    return message


def labels(conversation: Conversation, head: str) -> set[str]:
    return set(
        Prediction.objects.current().filter(conversation=conversation, head=head).values_list("label", flat=True)
    )


def test_a_message_is_classified_timed_scored_and_given_to_somebody(desk: Any, lin: Any) -> None:
    conversation = say(desk, SEED_A).conversation
    assert labels(conversation, "nature") == {"quality"}
    assert labels(conversation, "severity") <= {"minor", "moderate", "severe"}
    assert Clock.objects.filter(conversation=conversation, kind="first_response", state="running").exists()
    assert QueueEntry.objects.get(conversation=conversation).parts
    conversation.refresh_from_db()
    assert conversation.assignee is not None
    assert conversation.next_due_at is not None


def test_an_injury_goes_before_everything_and_to_the_lead(desk: Any, chen: Any) -> None:
    conversation = say(desk, ALLERGY).conversation
    conversation.refresh_from_db()
    assert "injury" in labels(conversation, "crisis")
    assert QueueEntry.objects.get(conversation=conversation).tier == 0
    assert (conversation.kind, conversation.assignee) == ("complaint", chen)


def test_receiving_never_depends_on_triage(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(message: Message) -> Heads:
        raise RuntimeError("no model")

    monkeypatch.setattr(steps, "predict", broken)
    raw = keep(
        desk, "1", json.dumps({"inbox": "api", "sender": {"id": "1"}, "text": "hello?"}).encode(), adapter="json"
    )
    message = receive(raw.pk)
    assert message is not None
    failed = Event.objects.get(name="lifecycle.step_failed")
    assert failed.data == {"step": "read", "error": "RuntimeError: no model"}
    assert QueueEntry.objects.filter(conversation=message.conversation).exists()
    assert Clock.objects.filter(conversation=message.conversation).exists()


def test_a_step_that_fails_is_undone_alone_and_the_others_go_ahead(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        Clock.objects.update(state="cancelled")
        raise RuntimeError("no calendar")

    monkeypatch.setattr(steps, "start_clocks", broken)
    body = json.dumps({"inbox": "api", "sender": {"id": "1"}, "text": SEED_A}).encode()
    message = receive(keep(desk, "1", body, adapter="json").pk)
    assert message is not None
    conversation = Conversation.objects.get(pk=message.conversation_id)
    failed = Event.objects.get(name="lifecycle.step_failed")
    assert failed.data == {"step": "clocks", "error": "RuntimeError: no calendar"}
    assert conversation.assignee is not None
    assert labels(conversation, "nature") == {"quality"}
    for name in ("triage.predicted", "conversation.assigned", "message.understood"):
        assert Event.objects.filter(name=name).count() == 1, name


def test_reading_the_same_row_twice_changes_nothing(desk: Any) -> None:
    message = say(desk, SEED_A)
    events = Event.objects.count()
    assert message.raw_id is not None
    assert receive(message.raw_id) == message
    assert (Message.objects.count(), Event.objects.count()) == (1, events)


def done(desk: Any, lin: Any) -> Conversation:
    conversation = say(desk, SEED_A).conversation
    post_reply(conversation, by=lin, text="非常抱歉，马上为您换新。")
    resolve(conversation, by=lin, solved=True, satisfied=None, outcome="replaced", cause="product")
    return conversation


def test_a_thank_you_does_not_reopen(desk: Any, lin: Any) -> None:
    conversation = done(desk, lin)
    say(desk, "好的，谢谢！", key="2")
    conversation.refresh_from_db()
    assert (conversation.state, conversation.waiting_since) == ("resolved", None)
    assert labels(conversation, "nature") == {"quality"}


def test_a_real_reply_reopens_says_so_and_starts_clocks_anew(desk: Any, lin: Any) -> None:
    conversation = done(desk, lin)
    say(desk, "换来的还是坏的，第二次了！", key="2")
    conversation.refresh_from_db()
    assert conversation.state == "open"
    assert conversation.resolutions.get().reopen_reason == "customer_wrote"
    running = set(Clock.objects.filter(conversation=conversation, state="running").values_list("kind", flat=True))
    assert running == {"next_response", "resolution"}
    assert QueueEntry.objects.get(conversation=conversation).is_reopened


def test_imported_history_is_understood_and_sets_nothing_in_motion(desk: Any) -> None:
    conversation = say(desk, ALLERGY, meta={"past": True}).conversation
    assert "injury" in labels(conversation, "crisis")
    assert not Clock.objects.exists()
    assert not QueueEntry.objects.exists()


def test_a_complaint_by_chat_or_phone_starts_what_the_law_wants(
    desk: Any, admin: Any, lin: Any, phone_inbox: Any
) -> None:  # mission 43: spoken complaints count
    switch_on("us_dot", by=admin)
    by_chat = say(desk, "我要投诉！你们的客服态度恶劣，一直推卸责任。").conversation
    assert set(Clock.objects.by_law().filter(conversation=by_chat).values_list("kind", flat=True)) == {
        "acknowledgement", "final_reply",
    }  # fmt: skip
    began = timezone.now() - timedelta(hours=30)
    note = {
        "caller": "+8613800001111", "notes": "我要投诉！客服态度恶劣，一直推卸责任。", "author_id": lin.pk,
        "started_at": began.isoformat(),
    }  # fmt: skip
    call = receive(keep(phone_inbox, "1", json.dumps(note).encode(), adapter="phone", received_at=began).pk)
    assert call is not None
    by_phone = Clock.objects.by_law().filter(conversation=call.conversation)
    assert {clock.started_at for clock in by_phone} == {began}
    asks = say(desk, "请问这款面霜怎么用？", key="2", email="james@example.com").conversation
    assert not Clock.objects.by_law().filter(conversation=asks).exists()
