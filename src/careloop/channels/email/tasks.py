"""Background work of the e-mail channel: thin, safe to run twice."""

from __future__ import annotations

from django.db import transaction
from django_tasks import task

from careloop.channels.email import acknowledging, limits, polling, sending
from careloop.channels.email.errors import MailboxUnreachable, TemporaryDeliveryError
from careloop.common.jobs import RetryLater, retrying
from careloop.common.models import Event
from careloop.common.transaction import write
from careloop.conversations.models import Inbox, Message


@task()
@retrying(max_attempts=sending.MOST_ATTEMPTS + 4, base_seconds=20, max_seconds=3600)
def deliver_posted(event_id: int) -> None:
    """Send the reply or notice an event tells of, when its conversation runs over e-mail."""
    event = Event.objects.get(pk=event_id)
    if event.subject_id is not None and _goes_by_mail(event.subject_id):
        sending.deliver(event.subject_id)


@task()
@retrying(max_attempts=1)
def deliver_message(message_id: int) -> None:
    """Send one message whose job was lost. A passing failure stands on its delivery; the next round takes it up."""
    try:
        sending.deliver(message_id)
    except (TemporaryDeliveryError, RetryLater):
        return


@task()
@retrying(max_attempts=4, base_seconds=2, max_seconds=15)
def acknowledge_received(event_id: int) -> None:
    """Tell the customer that their message arrived."""
    event = Event.objects.get(pk=event_id)
    if event.subject_id is not None and _goes_by_mail(event.subject_id):
        message = Message.objects.select_related("conversation__inbox", "conversation__customer").get(
            pk=event.subject_id
        )
        acknowledging.acknowledge(message)


@task()
def poll_mailboxes() -> None:
    """Order a look into every mailbox that is set up."""
    inboxes = Inbox.objects.filter(kind=Inbox.Kind.EMAIL, is_active=True)
    with_mailbox = [each.pk for each in inboxes if each.settings.get("imap") or each.settings.get("provider")]
    if with_mailbox:
        with write():
            for inbox_id in with_mailbox:
                poll_mailbox.enqueue(inbox_id)


@task()
@retrying(max_attempts=1)
def poll_mailbox(inbox_id: int) -> None:
    """Keep what is new in one mailbox. An unreachable one is noted on its cursor; the next round tries again."""
    try:
        polling.poll(Inbox.objects.get(pk=inbox_id))
    except MailboxUnreachable:
        return


@task()
def send_what_waits() -> None:
    """Take up deliveries that no job is about any more."""
    for message_id in sending.unsent_ids():
        with transaction.atomic():
            deliver_message.enqueue(message_id)


@task()
def forget_old_counts() -> int:
    """Delete the counts that no cap looks at any more."""
    with write():
        return limits.forget_old_counts()


def _goes_by_mail(message_id: int) -> bool:
    return Message.objects.filter(pk=message_id, conversation__inbox__kind=Inbox.Kind.EMAIL).exists()
