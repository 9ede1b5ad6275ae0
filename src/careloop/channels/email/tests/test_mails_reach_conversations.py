"""From a kept mail to a conversation: adapter, thread finding, machine mail, bounces (missions 148, 160)."""

from __future__ import annotations

from pathlib import Path

import pytest

from careloop.channels.email.fingerprint import external_id
from careloop.channels.email.tests.mails import customer_mail, hand_in
from careloop.common.jobs.running import run_pending_jobs
from careloop.common.models import Event
from careloop.conversations.models import Conversation, Delivery, Inbox, Message
from careloop.conversations.services.posting import post_reply
from careloop.customers.models import Customer, Identity
from careloop.intake.models import RawMessage
from careloop.intake.tokens import reply_token

PAYLOADS = Path(__file__).parent / "payloads"
pytestmark = pytest.mark.django_db


def test_a_chinese_mail_in_gbk_becomes_a_conversation_with_its_photo(email_inbox: Inbox) -> None:
    row = hand_in(email_inbox, (PAYLOADS / "foxmail-gbk-photo.eml").read_bytes())
    message = row.message
    assert message is not None
    assert message.text == "你好，收到的面霜瓶口破了，漏了一半，照片在附件里。"
    assert (message.conversation.subject, message.conversation.language) == ("面霜漏了，要求退款", "zh")
    assert [(each.name, each.is_inline) for each in message.attachments.all()] == [("破损照片.png", False)]
    assert message.conversation.customer.name == "王雨晴"


def test_the_same_mail_twice_is_one_message(email_inbox: Inbox) -> None:
    raw = customer_mail()
    hand_in(email_inbox, raw)
    hand_in(email_inbox, b"Received: from elsewhere\r\nX-Spam: no\r\n" + raw)
    assert Message.objects.filter(kind=Message.Kind.CUSTOMER).count() == 1


def test_a_program_that_reuses_its_message_id_loses_nothing() -> None:
    assert external_id(customer_mail(text="one")) != external_id(customer_mail(text="two"))
    assert external_id(customer_mail()) == external_id(customer_mail().replace(b"\r\n", b"\n"))


@pytest.mark.parametrize("way", ["token", "in_reply_to", "references", "number"])
def test_an_answer_finds_its_thread(way: str, complaint: Conversation, lin: object, mei: Customer) -> None:
    ours = f"{reply_token(complaint.pk)}.1@hemu.example"
    Message.objects.filter(conversation=complaint).update(message_id="first@example.com")
    fields = {
        "token": {"to": f"care+{reply_token(complaint.pk).upper()}@hemu.example"},
        "in_reply_to": {"in_reply_to": "<first@example.com>"},
        "references": {"references": f"<gone@x> <first@example.com> <{ours}>"},
        "number": {"subject": f"Re: 退款 [{complaint.reference}]"},
    }[way]
    row = hand_in(complaint.inbox, customer_mail(**fields))
    assert row.message is not None
    assert row.message.conversation_id == complaint.pk


@pytest.mark.parametrize("way", ["token", "number"])
def test_a_stranger_with_a_token_or_number_gets_a_side_thread(way: str, complaint: Conversation) -> None:
    fields = {
        "token": {"to": f"care+{reply_token(complaint.pk)}@hemu.example"},
        "number": {"subject": f"Re: [{complaint.reference}]"},
    }[way]
    row = hand_in(complaint.inbox, customer_mail(sender="stranger@example.net", **fields))
    assert row.message is not None
    assert row.message.conversation_id != complaint.pk
    assert row.message.conversation.needs_review


def test_a_forged_token_leads_nowhere(complaint: Conversation) -> None:
    forged = f"c{complaint.pk}-{'a' * 16}"
    row = hand_in(complaint.inbox, customer_mail(to=f"care+{forged}@hemu.example"))
    assert row.message is not None
    assert row.message.conversation_id != complaint.pk


def test_the_same_subject_alone_joins_nothing(complaint: Conversation) -> None:
    row = hand_in(complaint.inbox, customer_mail(subject=f"Re: {complaint.subject}"))
    assert row.message is not None
    assert row.message.conversation_id != complaint.pk


def test_an_absence_note_starts_no_conversation(email_inbox: Inbox) -> None:
    row = hand_in(email_inbox, customer_mail(extra="Auto-Submitted: auto-replied"))
    assert (row.state, row.message) == (RawMessage.State.AUTOMATIC, None)
    assert "Auto-Submitted" in row.reason


def test_our_own_mail_that_comes_back_answers_nobody(email_inbox: Inbox) -> None:
    row = hand_in(email_inbox, customer_mail(sender=email_inbox.address.upper()))
    assert row.state == RawMessage.State.AUTOMATIC


@pytest.mark.parametrize("form", ["no-reply@shop.example", "care@hemu.example"])
def test_two_customers_of_a_contact_form_stay_two(email_inbox: Inbox, form: str) -> None:
    for number, customer in enumerate(("Tom <tom@example.org>", "Ann <ann@example.org>")):
        hand_in(email_inbox, customer_mail(sender=form, extra=f"Reply-To: {customer}", message_id=f"<{number}@form>"))
    assert sorted(Customer.objects.values_list("name", flat=True)) == ["Ann", "Tom"]


def test_our_own_mail_with_our_own_reply_address_is_no_form(email_inbox: Inbox) -> None:
    row = hand_in(email_inbox, customer_mail(sender="care@hemu.example", extra="Reply-To: care+tag@hemu.example"))
    assert row.state == RawMessage.State.AUTOMATIC


def test_an_unreadable_mail_waits_with_its_reason_and_the_next_goes_ahead(email_inbox: Inbox) -> None:
    broken = hand_in(email_inbox, b"\x00\xff no mail at all")
    sound = hand_in(email_inbox, customer_mail())
    assert (broken.state, sound.state) == (RawMessage.State.QUARANTINED, RawMessage.State.ACCEPTED)
    assert broken.reason.endswith(".")


def test_a_bounce_marks_the_address_and_the_delivery(complaint: Conversation, lin: object) -> None:
    reply = post_reply(complaint, by=lin, text="已经为您加急。")  # type: ignore[arg-type]
    reply.message_id = f"{reply_token(complaint.pk)}.{reply.pk}@hemu.example"
    reply.save()
    Delivery.objects.filter(message=reply).update(state=Delivery.State.SENT)
    row = hand_in(complaint.inbox, _bounce(reply.message_id, "yuqing.wang@example.com"))
    assert row.state == RawMessage.State.BOUNCE
    assert Identity.objects.get(value="yuqing.wang@example.com").is_undeliverable
    delivery = Delivery.objects.get(message=reply)
    assert (delivery.state, "came back" in delivery.last_error) == (Delivery.State.FAILED, True)
    assert Event.objects.filter(name="delivery.failed", conversation_id=complaint.pk).count() == 1


def test_a_bounce_that_returns_nothing_is_known_by_its_envelope_address(complaint: Conversation, lin: object) -> None:
    reply = post_reply(complaint, by=lin, text="已经为您加急。")  # type: ignore[arg-type]
    token = reply_token(complaint.pk)
    Message.objects.filter(pk=reply.pk).update(message_id=f"{token}.{reply.pk}@hemu.example")
    Delivery.objects.filter(message=reply).update(state=Delivery.State.SENT)
    raw = (PAYLOADS / "outcomes" / "bounce-qq.eml").read_bytes()
    hand_in(complaint.inbox, raw, envelope_to=[f"care+{token}@hemu.example"])
    assert "came back" in Delivery.objects.get(message=reply).last_error


def test_a_made_up_bounce_without_our_signature_fails_no_delivery(complaint: Conversation, lin: object) -> None:
    reply = post_reply(complaint, by=lin, text="已经为您加急。")  # type: ignore[arg-type]
    Message.objects.filter(pk=reply.pk).update(message_id="guessed@hemu.example")
    hand_in(complaint.inbox, _bounce("guessed@hemu.example", "other@example.com"))
    assert "came back" not in Delivery.objects.get(message=reply).last_error


def _bounce(message_id: str, recipient: str) -> bytes:
    return (PAYLOADS / "bounce.eml").read_text().format(message_id=message_id, recipient=recipient).encode()


def test_every_payload_of_ours_has_the_outcome_its_name_says(email_inbox: Inbox) -> None:
    for path in sorted((PAYLOADS / "outcomes").glob("*.eml")):
        row = hand_in(email_inbox, path.read_bytes())
        assert path.name.startswith(str(row.state)), path.name
    run_pending_jobs()
