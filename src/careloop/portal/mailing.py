"""Whoever left an address at the portal reads our words by mail too, with the link; an answer by mail joins the thread.

The page is where the words are; the mail is a courtesy. So a mail that fails for good fails quietly: the delivery
stays "sent", by the page.
"""

from __future__ import annotations

from dataclasses import replace

import structlog
from django.utils import timezone

from careloop.channels.email.accounts import MailAccount, account_of
from careloop.channels.email.composing import composed
from careloop.channels.email.errors import PermanentDeliveryError, RelayUnreachable
from careloop.channels.email.limits import (
    count_mail,
    note_relay_failure,
    note_relay_success,
    refuse_over_cap,
    refuse_while_open,
)
from careloop.channels.email.relay import hand_over
from careloop.channels.email.sending import message_id_of, outgoing_of, recipient_of
from careloop.common.transaction import write
from careloop.conversations.models import Conversation, Inbox, Message
from careloop.portal.acknowledging import link
from careloop.portal.words import mail_footer

log = structlog.get_logger(__name__)


def mail_out(message: Message) -> bool:
    """Send a portal message by mail as well; whether it went out now.

    Safe to run again: what was mailed is not mailed twice. Raises TemporaryDeliveryError or RetryLater when the job
    should come back.
    """
    conversation = message.conversation
    account = account_for(conversation)
    if account is None or conversation.inbox.kind != Inbox.Kind.PORTAL or "mailed_at" in message.channel_data:
        return False
    try:
        recipient = recipient_of(conversation)
        refuse_while_open(account.inbox)
        refuse_over_cap(recipient, is_automatic=_is_automatic(message))
        _hand_over(message, account, recipient)
    except PermanentDeliveryError as reason:
        log.info("portal message not mailed", message=message.pk, reason=str(reason))
        return False
    return True


def account_for(conversation: Conversation) -> MailAccount | None:
    """The mail account of the same team, else of anybody, that can send."""
    inboxes = Inbox.objects.filter(kind=Inbox.Kind.EMAIL, is_active=True).order_by("pk")
    in_order = sorted(inboxes, key=lambda inbox: inbox.team_id != conversation.team_id)
    accounts = (account_of(inbox) for inbox in in_order)
    return next((account for account in accounts if account.smtp is not None), None)


def _hand_over(message: Message, account: MailAccount, recipient: str) -> None:
    with write():
        message.message_id = message.message_id or message_id_of(message, account.domain)
        message.save(update_fields=["message_id"])
    outgoing = outgoing_of(message, account, recipient)
    outgoing = replace(outgoing, text=_with_link(message), html="")
    try:
        hand_over(account, composed(outgoing), envelope_from=outgoing.envelope_from, recipient=recipient)
    except RelayUnreachable as error:
        with write():
            note_relay_failure(account.inbox, str(error))
        raise
    _note(message, account, recipient)


def _note(message: Message, account: MailAccount, recipient: str) -> None:
    with write():
        message.channel_data = {**message.channel_data, "mailed_at": timezone.now().isoformat()}
        message.save(update_fields=["channel_data"])
        count_mail(recipient, is_automatic=_is_automatic(message))
        note_relay_success(account.inbox)


def _with_link(message: Message) -> str:
    """Our own notices name the link already."""
    if _is_automatic(message):
        return message.text
    language = "zh" if message.conversation.language == "zh" else "en"
    return f"{message.text}\n\n{mail_footer(language, link=link(message.conversation))}"


def _is_automatic(message: Message) -> bool:
    return message.kind == Message.Kind.AUTOMATIC
