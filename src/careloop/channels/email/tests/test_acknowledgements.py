"""An acknowledgement within a minute, in the customer's language, once a day, never to a machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from careloop.business_hours.arithmetic import Schedule, read_week
from careloop.channels.email.acknowledging import acknowledgement_text
from careloop.channels.email.models import Acknowledgement, MailSent
from careloop.channels.email.tests.mails import customer_mail, hand_in
from careloop.conversations.models import Conversation, Inbox, Message
from careloop.conversations.services.posting import post_reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def inbox(email_inbox: Inbox, settings: object, tmp_path: Path) -> Inbox:
    """The e-mail inbox, writing its mails into a folder."""
    settings.CARELOOP_OUTBOX_DIR = tmp_path / "outbox"  # type: ignore[attr-defined]
    email_inbox.settings = {"smtp": {"host": "outbox", "security": "folder"}, "display_name": "禾木客户关怀"}
    email_inbox.save()
    return email_inbox


def _acknowledgements() -> list[Message]:
    return list(Message.objects.filter(kind=Message.Kind.AUTOMATIC).order_by("id"))


def test_a_chinese_mail_is_acknowledged_in_chinese_with_its_number(inbox: Inbox) -> None:
    row = hand_in(inbox, customer_mail())
    (sent,) = _acknowledgements()
    assert row.message is not None
    assert row.message.conversation.reference in sent.text
    assert sent.text.startswith("王雨晴，您好")
    assert "禾木客户关怀" in sent.text
    assert sent.created_at - row.received_at < timedelta(minutes=1)
    assert sent.delivery.state == "sent"


def test_an_english_mail_is_acknowledged_in_english(inbox: Inbox) -> None:
    hand_in(inbox, customer_mail(sender="James <james@example.com>", subject="Leak", text="My bottle arrived leaking."))
    assert _acknowledgements()[0].text.startswith("Hello James,")


def test_a_second_mail_of_the_day_is_not_acknowledged_again_but_the_next_day_is(inbox: Inbox) -> None:
    start = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    with time_machine.travel(start, tick=False):
        hand_in(inbox, customer_mail())
    with time_machine.travel(start + timedelta(hours=2), tick=False):
        hand_in(inbox, customer_mail(message_id="<two@x>", text="还有一点要补充", in_reply_to="<one@example.com>"))
    assert len(_acknowledgements()) == 1
    with time_machine.travel(start + timedelta(days=1), tick=False):
        hand_in(inbox, customer_mail(message_id="<three@x>", text="还是没到", in_reply_to="<one@example.com>"))
    assert (len(_acknowledgements()), Conversation.objects.count()) == (2, 1)


@pytest.mark.parametrize(
    "field", ["Auto-Submitted: auto-generated", "Precedence: list", "List-Id: <a.b>", "X-Auto-Response-Suppress: All"]
)
def test_machines_and_lists_get_no_acknowledgement(inbox: Inbox, field: str) -> None:
    hand_in(inbox, customer_mail(extra=field))
    assert _acknowledgements() == []


def test_old_mail_of_a_newly_connected_mailbox_gets_none(inbox: Inbox) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=3), tick=False):
        raw = customer_mail()
    hand_in(inbox, raw)
    assert _acknowledgements() == []


def test_imported_mail_gets_none(inbox: Inbox) -> None:
    hand_in(inbox, customer_mail(), door="import")
    assert _acknowledgements() == []


def test_an_inbox_may_switch_them_off(inbox: Inbox) -> None:
    inbox.settings["acknowledge"] = False
    inbox.save()
    hand_in(inbox, customer_mail())
    assert _acknowledgements() == []


def test_two_machines_that_answer_each_other_stop_after_three(inbox: Inbox) -> None:
    for number in range(6):
        hand_in(
            inbox, customer_mail(message_id=f"<{number}@loop>", text=f"received {number}", subject=f"Ticket {number}")
        )
    assert len(_acknowledgements()) == 3
    assert MailSent.objects.filter(is_automatic=True).count() == 3


def test_a_customer_who_was_answered_meanwhile_gets_none(inbox: Inbox, complaint: Conversation, lin: object) -> None:
    from careloop.channels.email.acknowledging import acknowledge

    message = complaint.messages.get()
    message.channel_data = {"door": "imap"}
    message.save()
    post_reply(complaint, by=lin, text="已处理")  # type: ignore[arg-type]
    message.conversation.refresh_from_db()
    assert acknowledge(message) is None


def test_a_crash_between_posting_and_sending_posts_no_second(inbox: Inbox) -> None:
    from careloop.channels.email.acknowledging import acknowledge

    row = hand_in(inbox, customer_mail())
    assert row.message is not None
    assert acknowledge(row.message) is None
    assert Acknowledgement.objects.count() == 1


HOURS = Schedule(week=read_week([["09:00-18:00"]] * 5 + [[], []]), zone="Asia/Shanghai", version="t")


@pytest.mark.parametrize(
    ("language", "at", "due", "words"),
    [
        ("zh", "2026-11-23T02:00+00:00", "2026-11-23T06:00+00:00", ["11月23日（周一）14:00 前"]),
        ("zh", "2026-11-21T02:00+00:00", "2026-11-23T03:00+00:00", ["休息时间", "11月23日（周一）09:00", "11:00 前"]),
        ("en", "2026-11-21T02:00+00:00", "2026-11-23T03:00+00:00", ["09:00 on Monday 23 November", "11:00 on Monday"]),
        ("en", "2026-11-21T02:00+00:00", None, ["out of office hours", "09:00 on Monday 23 November"]),
        ("en", "2026-11-23T02:00+00:00", None, ["in touch soon"]),
    ],
)
def test_it_says_when_we_answer_and_when_we_are_back(
    complaint: Conversation, settings: object, language: str, at: str, due: str | None, words: list[str]
) -> None:
    settings.TIME_ZONE = "Asia/Shanghai"  # type: ignore[attr-defined]
    complaint.language = language
    complaint.next_due_at = datetime.fromisoformat(due) if due else None
    text = acknowledgement_text(complaint, now=datetime.fromisoformat(at), schedule=HOURS)
    assert [word for word in words if word not in text] == []
    assert "{" not in text
