"""What ``careloop doctor`` says about mail: mailboxes that cannot be read, sending that pauses, mail that failed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from careloop.channels.email.accounts import account_of
from careloop.channels.email.models import MailboxCursor, SendingBreaker
from careloop.channels.secrets import SecretsLost
from careloop.common.checks import Finding
from careloop.conversations.models import Delivery, Inbox

LATE = timedelta(minutes=5)


def mailboxes() -> Iterator[Finding]:
    """Every e-mail inbox: can its account be read, and was its mailbox looked into lately?"""
    for inbox in Inbox.objects.filter(kind=Inbox.Kind.EMAIL, is_active=True):
        topic = f"mailbox {inbox.slug}"
        try:
            account = account_of(inbox)
        except SecretsLost as error:
            yield Finding(topic, "failure", str(error))
            continue
        if account.imap is None:
            yield Finding(topic, "ok", f"No mailbox is read for {inbox.address}; mail comes through the doors.")
        else:
            yield _cursor_finding(topic, MailboxCursor.objects.filter(inbox=inbox).order_by("id").first())
        if account.smtp is None:
            yield Finding(topic, "warning", "No server to send through is set up.", "Answers from it will fail.")


def _cursor_finding(topic: str, cursor: MailboxCursor | None) -> Finding:
    if cursor is None:
        return Finding(topic, "warning", "It was never looked into.", "Is the desk running?")
    if cursor.last_error:
        return Finding(topic, "failure", cursor.last_error, f"{cursor.failures} looks in a row have failed.")
    if cursor.polled_at is None or cursor.polled_at < timezone.now() - LATE:
        return Finding(topic, "warning", f"It was last looked into at {cursor.polled_at}.", "Is a worker running?")
    return Finding(topic, "ok", f"Read up to mail {cursor.last_uid}.")


def sending() -> Iterator[Finding]:
    """Breakers that are open, and mail that failed within a day."""
    now = timezone.now()
    for breaker in SendingBreaker.objects.filter(open_until__gt=now).select_related("inbox"):
        sentence = (
            f"Sending from {breaker.inbox.slug} pauses until {breaker.open_until:%H:%M} UTC: {breaker.last_error}"
        )
        yield Finding("sending", "failure", sentence)
    lately = Delivery.objects.filter(message__created_at__gt=now - timedelta(days=1))
    failed = lately.filter(state=Delivery.State.FAILED).count()
    if failed:
        yield Finding(
            "sending", "warning", f"{failed} messages of the last day were not delivered.", "See their threads."
        )
    else:
        yield Finding("sending", "ok", "No message of the last day has failed.")


def doors() -> Iterator[Finding]:
    """Which mail doors are configured."""
    for name, listen in (("SMTP", settings.CARELOOP_SMTP_LISTEN), ("LMTP", settings.CARELOOP_LMTP_LISTEN)):
        yield Finding(f"{name} door", "ok", f"Listens on {listen}." if listen else "Not configured.")
