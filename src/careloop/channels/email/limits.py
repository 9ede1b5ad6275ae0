"""How much may go out: caps that end mail loops, and a breaker that spares a failing relay.

At most three automatic mails to one address within an hour whatever happens, a cap for all mails to one address,
and one for all automatic mails of the desk together: two machines that answer each other stop by themselves.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from careloop.channels.email.errors import PermanentDeliveryError, TemporaryDeliveryError
from careloop.channels.email.models import MailSent, SendingBreaker
from careloop.common.jobs import RetryLater
from careloop.conversations.models import Inbox

HOUR = timedelta(hours=1)
AUTOMATIC_PER_ADDRESS = 3
FAILURES_TO_OPEN = 5
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=30)
KEPT_FOR = timedelta(days=2)


def count_mail(address: str, *, is_automatic: bool) -> None:
    """Note that a mail went to ``address`` now; the caller holds the transaction."""
    MailSent.objects.create(address=address[:254], at=timezone.now(), is_automatic=is_automatic)


def refuse_over_cap(address: str, *, is_automatic: bool) -> None:
    """Raise PermanentDeliveryError for an automatic mail over its caps, TemporaryDeliveryError for a person's."""
    lately = MailSent.objects.filter(at__gt=timezone.now() - HOUR)
    to_address = lately.filter(address=address)
    if is_automatic and to_address.filter(is_automatic=True).count() >= AUTOMATIC_PER_ADDRESS:
        raise PermanentDeliveryError("This address got three automatic mails within an hour; a loop is likely.")
    if is_automatic and lately.filter(is_automatic=True).count() >= settings.CARELOOP_AUTOMATIC_MAILS_PER_HOUR:
        raise PermanentDeliveryError("The desk sent too many automatic mails within an hour and has stopped them.")
    if to_address.count() >= settings.CARELOOP_MAILS_PER_ADDRESS:
        raise TemporaryDeliveryError("This address got as many mails within an hour as one may get.")


def refuse_while_open(inbox: Inbox) -> None:
    """Raise RetryLater while the breaker of the inbox is open."""
    breaker = SendingBreaker.objects.filter(inbox=inbox, open_until__gt=timezone.now()).first()
    if breaker is not None and breaker.open_until is not None:
        seconds = (breaker.open_until - timezone.now()).total_seconds()
        raise RetryLater(max(1.0, seconds), "The mail server failed several times; sending pauses.")


def note_relay_failure(inbox: Inbox, sentence: str) -> None:
    """Count a failure of the relay itself, not of one recipient.

    The fifth in a row opens the breaker, each further one for longer. The caller holds the transaction.
    """
    breaker, _ = SendingBreaker.objects.select_for_update().get_or_create(inbox=inbox)
    breaker.failures += 1
    breaker.last_error = sentence[:500]
    if breaker.failures >= FAILURES_TO_OPEN:
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(10, breaker.failures - FAILURES_TO_OPEN))
        breaker.open_until = timezone.now() + pause
    breaker.save()


def note_relay_success(inbox: Inbox) -> None:
    """The relay works: close the breaker. One query when it was closed already."""
    SendingBreaker.objects.filter(inbox=inbox, failures__gt=0).update(failures=0, open_until=None, last_error="")


def forget_old_counts() -> int:
    """Delete what no cap looks at any more; returns how many rows."""
    return MailSent.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()[0]
