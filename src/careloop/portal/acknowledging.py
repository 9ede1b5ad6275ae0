"""The first word in a portal matter: it arrived, its number, by when we answer (mission 83)."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone, translation

from careloop.common.transaction import writes
from careloop.conversations.links import portal_token
from careloop.conversations.models import Conversation, Inbox, Message
from careloop.conversations.services.locking import locked
from careloop.conversations.services.posting import post_automatic
from careloop.portal.moments import day_and_hour, zone_of
from careloop.portal.words import acknowledgement

PURPOSE = "acknowledgement"


@writes
def acknowledge(message: Message) -> Message | None:
    """Once for each matter, and not after a person has answered. Records ``message.automatic_posted``."""
    conversation = locked(message.conversation)
    if conversation.inbox.kind != Inbox.Kind.PORTAL or not conversation.is_waiting:
        return None
    if conversation.messages.filter(kind__in=(Message.Kind.AUTOMATIC, Message.Kind.REPLY)).exists():
        return None
    return post_automatic(conversation, text=_text(conversation), purpose=PURPOSE)


def link(conversation: Conversation) -> str:
    return f"{settings.CARELOOP_PUBLIC_URL}/p/{portal_token(conversation)}"


def _text(conversation: Conversation) -> str:
    language = "zh" if conversation.language == "zh" else "en"
    screen_language = "zh-hans" if language == "zh" else "en"
    with translation.override(screen_language), timezone.override(zone_of(conversation.customer)):
        due = conversation.next_due_at
        return acknowledgement(
            language,
            name=conversation.customer.name,
            reference=conversation.reference,
            answer_by=day_and_hour(due) if due is not None and due > timezone.now() else "",
            link=link(conversation),
        )
