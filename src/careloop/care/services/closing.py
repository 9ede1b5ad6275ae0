"""A follow-up ends done or skipped with a reason; nobody's disappears."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.care import events
from careloop.care.models import FollowUp
from careloop.common.errors import Conflict, InvalidInput
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.conversations.models import State
from careloop.conversations.services.locking import locked
from careloop.conversations.services.mentioning import colleagues_of
from careloop.replies.services.sending import send_reply

if TYPE_CHECKING:
    from careloop.accounts.models import User
    from careloop.conversations.models import Message

LONGEST_REASON = 300


@writes
def done(follow_up: FollowUp, *, by: User, note: str = "") -> FollowUp:
    """The customer was asked (by phone, in person). Records ``follow_up.done``."""
    return _close(_held(follow_up), FollowUp.State.DONE, by=by, reason=note)


@writes
def skip(follow_up: FollowUp, *, by: User, reason: str) -> FollowUp:
    """Nobody will ask, and this is why. Records ``follow_up.skipped``; raises InvalidInput without a reason."""
    if not reason.strip():
        raise InvalidInput("reason_missing", _("Say why this customer should not be asked."))
    return _close(_held(follow_up), FollowUp.State.SKIPPED, by=by, reason=reason)


@writes
def send(follow_up: FollowUp, *, by: User, text: str, override_reason: str = "") -> Message:
    """Send the text as a reply, through the same check as every reply, and the follow-up is done.

    Records ``follow_up.done`` beside the reply's own event. Raises what ``send_reply`` raises; then the follow-up
    stays open.
    """
    row = _held(follow_up)
    message = send_reply(row.conversation, by=by, text=text, then=State.WAITING, override_reason=override_reason)
    row.draft, row.message = text, message
    row.save(update_fields=["draft", "message"])
    _close(row, FollowUp.State.DONE, by=by)
    return message


@writes
def keep_draft(follow_up: FollowUp, *, text: str) -> FollowUp:
    """Keep what was written so far. Nobody's news, so nothing is recorded."""
    row = _held(follow_up)
    row.draft = text.strip()
    row.save(update_fields=["draft"])
    return row


@writes
def give(follow_up: FollowUp, *, to: User, by: User) -> FollowUp:
    """Another person asks. Records ``follow_up.given``; giving it to whom it belongs changes nothing.

    Raises :class:`InvalidInput` for somebody who may not see the conversation, who could not ask.
    """
    row = _held(follow_up)
    if row.owner_id == to.pk:
        return row
    if not colleagues_of(row.conversation).filter(pk=to.pk).exists():
        raise InvalidInput("owner_unknown", _("Choose a colleague who may see this conversation."))
    row.owner = to
    row.save(update_fields=["owner"])
    record(
        events.FOLLOW_UP_GIVEN, conversation_id=row.conversation_id, by=by, subject="follow_up", subject_id=row.pk,
        data={"owner": to.pk},
    )  # fmt: skip
    return row


def _held(follow_up: FollowUp) -> FollowUp:
    """The row as it is now, its conversation locked first. Raises :class:`Conflict` when it is closed."""
    locked(follow_up.conversation)
    row = FollowUp.objects.select_for_update(of=("self",)).select_related("conversation").get(pk=follow_up.pk)
    if not row.is_open:
        raise Conflict("follow_up_closed", _("This follow-up is closed already."))
    return row


def _close(row: FollowUp, state: str, *, by: User, reason: str = "") -> FollowUp:
    row.state, row.reason = state, reason.strip()[:LONGEST_REASON]
    row.closed_by, row.closed_at = by, timezone.now()
    row.save(update_fields=["state", "reason", "closed_by", "closed_at"])
    name = events.FOLLOW_UP_DONE if state == FollowUp.State.DONE else events.FOLLOW_UP_SKIPPED
    record(
        name, conversation_id=row.conversation_id, by=by, subject="follow_up", subject_id=row.pk,
        data={"reason": row.reason, "was_late": row.closed_at > row.due_at},
    )  # fmt: skip
    return row
