"""The check before sending (mission 95)."""

from __future__ import annotations

import pytest

from careloop.accounts.models import User
from careloop.common.errors import Conflict, InvalidInput
from careloop.common.models.event import Event
from careloop.conversations.models import Conversation, Message
from careloop.conversations.services.describing import set_kind
from careloop.conversations.services.posting import Content, add_customer_message, post_reply
from careloop.quality.engine import Level
from careloop.replies.models import CheckOverride, Draft
from careloop.replies.services.drafts import keep_draft
from careloop.replies.services.sending import check, send_reply

KIND_WORDS = (
    "王女士您好，让您等了这么久，我完全理解您的着急，非常抱歉。我已经联系财务核实，今天给您答复，这件事我会负责到底。"
)


@pytest.fixture
def blocked_text(complaint: Conversation) -> str:
    """Words a check stops; which ones is the quality room's business, so they are looked for."""
    candidates = ["您先撤销投诉，我们才能给您退款。", "删掉差评，我们就给您退款。", "您把投诉撤了，我们马上退款给您。"]
    for text in candidates:
        if any(each.level is Level.BLOCK for each in check(complaint, text)):
            return text
    raise AssertionError("no text is blocked any more")


def test_a_kind_answer_goes_out_and_ends_the_draft(complaint: Conversation, lin: User) -> None:
    keep_draft(complaint, by=lin, text=KIND_WORDS)
    message = send_reply(complaint, by=lin, text=KIND_WORDS)
    assert message.kind == Message.Kind.REPLY
    assert not Draft.objects.exists()


def test_a_blocked_answer_does_not_go_out(complaint: Conversation, lin: User, blocked_text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        send_reply(complaint, by=lin, text=blocked_text)
    assert refusal.value.code == "reply_blocked"
    assert refusal.value.data["checks"]
    assert not Message.objects.filter(kind=Message.Kind.REPLY).exists()


def test_a_reason_sends_it_all_the_same_and_is_recorded(complaint: Conversation, lin: User, blocked_text: str) -> None:
    message = send_reply(complaint, by=lin, text=blocked_text, override_reason="客户自己的原话，已电话说明")
    event = Event.objects.get(name="reply.check_overridden")
    assert event.subject_id == message.pk
    assert event.data["reason"] == "客户自己的原话，已电话说明"
    assert message.channel_data["overridden"] == event.data["checks"]


def test_a_colleagues_answer_meanwhile_holds_it(complaint: Conversation, lin: User, chen: User) -> None:
    seen = complaint.messages.latest("id").pk
    post_reply(complaint, by=chen, text="您好，退款今天已经办理。")
    with pytest.raises(Conflict) as refusal:
        send_reply(complaint, by=lin, text=KIND_WORDS, seen=seen)
    assert refusal.value.code == "somebody_wrote"


def test_a_customers_news_meanwhile_holds_it_and_ones_own_does_not(complaint: Conversation, lin: User) -> None:
    seen = complaint.messages.latest("id").pk
    post_reply(complaint, by=lin, text="您好，我在核实。")
    send_reply(complaint, by=lin, text=KIND_WORDS, seen=seen)
    add_customer_message(complaint, Content(text="不用了，已经到账。"), customer=complaint.customer)
    with pytest.raises(Conflict):
        send_reply(complaint, by=lin, text=KIND_WORDS, seen=seen)


def test_a_complaint_is_looked_at_more_closely(complaint: Conversation) -> None:
    text = "我们正在核实，明天给您答复。"
    before = {each.check for each in check(complaint, text)}
    set_kind(complaint, "complaint")
    assert {each.check for each in check(complaint, text)} - before


def test_nothing_is_said_of_an_empty_text(complaint: Conversation) -> None:
    assert check(complaint, "  ") == []


def test_the_override_is_kept_as_a_row_for_each_check(complaint: Conversation, lin: User, blocked_text: str) -> None:
    message = send_reply(complaint, by=lin, text=blocked_text, override_reason="主管已同意")
    kept = CheckOverride.objects.get()
    assert (kept.message, kept.check_id, kept.reason, kept.by) == (
        message, "redress_tied_to_withdrawal", "主管已同意", lin,
    )  # fmt: skip


def test_a_refusal_says_what_was_found_and_where(complaint: Conversation, lin: User, blocked_text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        send_reply(complaint, by=lin, text=blocked_text)
    found = refusal.value.data["findings"][0]
    assert found["level"] == "block"
    assert blocked_text[found["start"] : found["end"]]


@pytest.mark.parametrize(
    "text", ["退您【请填写：金额】，今天办理。", "You get [fill in: amount] today.", "您好{customer_name}"]
)
def test_an_open_blank_is_never_sent_whatever_the_reason(complaint: Conversation, lin: User, text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        send_reply(complaint, by=lin, text=text, override_reason="急")
    assert refusal.value.code == "reply_unfilled"
    assert len(refusal.value.data["blanks"]) == 1
    assert not Message.objects.filter(kind=Message.Kind.REPLY).exists()


def test_a_final_letter_may_quote_the_rules(complaint: Conversation) -> None:
    text = "根据我行规定，这笔费用不予退还，理由如下：合同第三条写明了收费标准。"
    assert {"citing_rules", "blame_shifting"} & {each.check for each in check(complaint, text)}
    assert not {"citing_rules", "blame_shifting"} & {each.check for each in check(complaint, text, final_response=True)}
