"""The check before sending: what stops a reply, and who may send it all the same, saying why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from careloop.accounts.permissions import Permission, require
from careloop.common.db.prepared import prepared
from careloop.common.errors import Conflict, InvalidInput
from careloop.common.events import record
from careloop.common.transaction import write
from careloop.conversations.models import Message, State
from careloop.conversations.models.conversation import Kind
from careloop.conversations.services.posting import File, post_reply
from careloop.quality import services as quality
from careloop.quality.engine import Context, Finding, Level
from careloop.replies import events
from careloop.replies.blanks import open_blanks
from careloop.replies.models import CheckOverride
from careloop.replies.services.drafts import drop_draft

if TYPE_CHECKING:
    from careloop.accounts.models import User
    from careloop.conversations.models import Conversation

LONGEST_REASON = 300
NEWS = (Message.Kind.CUSTOMER, Message.Kind.REPLY, Message.Kind.PHONE)


def check(conversation: Conversation, text: str, *, final_response: bool = False) -> list[Finding]:
    """What a careful colleague would point at in this answer, gravest first. One query.

    ``final_response`` says that this is a statutory final letter, which may quote rules.
    """
    if not text.strip():
        return []
    kind = "complaint" if conversation.kind == Kind.COMPLAINT else ""
    context = Context(customer_text=_last_words(conversation), final_response=final_response)
    return quality.check(text, language=conversation.language, kind=kind, context=context)


def send_reply(
    conversation: Conversation,
    *,
    by: User,
    text: str,
    files: Sequence[File] = (),
    then: str = State.WAITING,
    override_reason: str = "",
    seen: int | None = None,
    final_response: bool = False,
) -> Message:
    """Check, post, and end the draft, in one transaction.

    Raises :class:`InvalidInput` (``reply_blocked``, with the checks and findings) when a check stops it and no reason
    was given; with a reason the reply goes out, a :class:`CheckOverride` is kept for each check and
    ``reply.check_overridden`` is recorded. An open blank (``reply_unfilled``) is never sent, whatever the reason.
    Raises :class:`Conflict` (``somebody_wrote``) when ``seen``, the newest message the writer had before them, is no
    longer the newest.
    """
    _refuse_open_blanks(text)
    reason = override_reason.strip()[:LONGEST_REASON]
    found = check(conversation, text, final_response=final_response)
    blocking = _blocking(found)
    if blocking and not reason:
        raise InvalidInput(
            "reply_blocked",
            _("A check stopped this reply. Change the text, or say why it should go out all the same."),
            data={"checks": blocking, "findings": [each.as_dict() for each in found]},
        )
    if blocking:
        require(by, Permission.REPLY_OVERRIDE)
    with write():
        _refuse_if_somebody_wrote(conversation, by, seen)
        known = {"override_reason": reason, "overridden": blocking} if blocking else {}
        message = post_reply(conversation, by=by, text=text, files=files, then=then, channel_data=known)
        if blocking:
            _keep_override(message, blocking, reason, by)
        drop_draft(conversation, by=by)
    return message


def _blocking(found: Sequence[Finding]) -> list[str]:
    return sorted({each.check for each in found if each.level is Level.BLOCK})


def _refuse_open_blanks(text: str) -> None:
    blanks = open_blanks(text)
    if blanks:
        raise InvalidInput(
            "reply_unfilled",
            _("Something is still to be filled in: %(blanks)s") % {"blanks": ", ".join(blanks)},
            data={"blanks": blanks},
        )


def _keep_override(message: Message, checks: Sequence[str], reason: str, by: User) -> None:
    CheckOverride.objects.bulk_create(
        CheckOverride(message=message, check_id=each, reason=reason, by=by, at=message.created_at) for each in checks
    )
    record(
        events.CHECK_OVERRIDDEN, conversation_id=message.conversation_id, by=by, subject="message",
        subject_id=message.pk, data={"checks": list(checks), "reason": reason},
    )  # fmt: skip


def _refuse_if_somebody_wrote(conversation: Conversation, by: User, seen: int | None) -> None:
    """A colleague's answer or a customer's news that arrived meanwhile: look first, then send."""
    if seen is None:
        return
    news = Message.objects.filter(conversation=conversation, pk__gt=seen, kind__in=NEWS).exclude(author=by)
    if news.exists():
        raise Conflict("somebody_wrote", _("Somebody wrote while you did. Look at the new message, then send again."))


def _last_words(conversation: Conversation) -> str:
    """What the customer wrote last: some advice is wrong only in answer to certain words."""
    message = _last_of_customer.first(conversation.pk)
    return message.text if message else ""


@prepared
def _last_of_customer(conversation: int) -> QuerySet[Message]:
    rows = Message.objects.filter(conversation=conversation, kind=Message.Kind.CUSTOMER)
    return rows.only("text").order_by("-id")[:1]
