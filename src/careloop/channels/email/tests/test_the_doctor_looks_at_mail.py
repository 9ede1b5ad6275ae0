"""``careloop doctor`` on mail: what is unreachable, late or pausing, in sentences."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from careloop.channels.email import checks
from careloop.channels.email.models import MailboxCursor, SendingBreaker
from careloop.channels.secrets import keep_secrets
from careloop.conversations.models import Conversation, Delivery, Inbox
from careloop.conversations.services.posting import post_reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def inbox(email_inbox: Inbox) -> Inbox:
    email_inbox.settings = {"provider": "163"}
    email_inbox.save()
    return email_inbox


def _levels() -> list[str]:
    return [each.level for each in checks.mailboxes()]


def test_a_mailbox_is_well_when_it_was_read_lately(inbox: Inbox) -> None:
    assert _levels() == ["warning"]
    cursor = MailboxCursor.objects.create(inbox=inbox, polled_at=timezone.now(), last_uid=7)
    assert _levels() == ["ok"]
    cursor.polled_at = timezone.now() - timedelta(hours=1)
    cursor.save()
    assert _levels() == ["warning"]


def test_a_mailbox_that_refuses_says_what_it_said(inbox: Inbox) -> None:
    MailboxCursor.objects.create(inbox=inbox, failures=3, last_error="imap.163.com refused: Unsafe Login")
    (finding,) = checks.mailboxes()
    assert (finding.level, finding.sentence) == ("failure", "imap.163.com refused: Unsafe Login")


def test_lost_secrets_are_a_failure_of_their_inbox_only(inbox: Inbox, settings: object) -> None:
    keep_secrets(inbox, password="x")
    settings.SECRET_KEY = "another key, longer than nothing"  # type: ignore[attr-defined]
    assert _levels() == ["failure"]


def test_an_open_breaker_and_failed_mail_are_told(inbox: Inbox, complaint: Conversation, lin: object) -> None:
    assert [each.level for each in checks.sending()] == ["ok"]
    SendingBreaker.objects.create(inbox=inbox, failures=5, open_until=timezone.now() + timedelta(minutes=5))
    post_reply(complaint, by=lin, text="好的")  # type: ignore[arg-type]
    Delivery.objects.update(state=Delivery.State.FAILED)
    assert [each.level for each in checks.sending()] == ["failure", "warning"]


def test_the_doors_are_named(settings: object) -> None:
    settings.CARELOOP_LMTP_LISTEN = "127.0.0.1:2424"  # type: ignore[attr-defined]
    assert [each.sentence for each in checks.doors()] == ["Not configured.", "Listens on 127.0.0.1:2424."]
