"""A resolved complaint is not over until somebody has asked how it went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from careloop.care import events
from careloop.care.drafts import draft_for
from careloop.care.models import FollowUp
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.conversations.models import Conversation, Kind, Resolution
from careloop.conversations.services.locking import locked
from careloop.surveys.services.withholding import grave_signals

if TYPE_CHECKING:
    from datetime import datetime

    from careloop.accounts.models import User

# Nothing to ask about: it is dealt with elsewhere.
UNASKED_OUTCOMES = frozenset({Resolution.Outcome.DUPLICATE})


@writes
def open_follow_up(resolution: Resolution) -> FollowUp | None:
    """Give its owner the follow-up of a resolved complaint, with a draft. Records ``follow_up.opened``.

    One a resolution, however often this runs. None for what is no complaint, a duplicate, merged, or open again.
    """
    conversation = locked(resolution.conversation)
    known = FollowUp.objects.filter(resolution=resolution).first()
    if known is not None or not _is_due(conversation, resolution):
        return known
    owner = owner_of(conversation, resolution)
    follow_up = FollowUp.objects.create(
        conversation=conversation, resolution=resolution, owner=owner, created_at=timezone.now(),
        due_at=resolution.at + settings.CARELOOP_FOLLOW_UP_WITHIN, draft=_draft(conversation, resolution, owner),
    )  # fmt: skip
    record(
        events.FOLLOW_UP_OPENED, conversation_id=conversation.pk, subject="follow_up", subject_id=follow_up.pk,
        data={"owner": owner.pk if owner else None, "due_at": follow_up.due_at.isoformat()},
    )  # fmt: skip
    return follow_up


@writes
def cancel_follow_ups(conversation_id: int, *, at: datetime) -> int:
    """The matter was opened again: what was to be asked is no longer the question. Returns how many.

    Records ``follow_up.cancelled`` for each.
    """
    rows = list(FollowUp.objects.select_for_update().filter(conversation_id=conversation_id, state="open"))
    for row in rows:
        row.state, row.closed_at = FollowUp.State.CANCELLED, at
        row.save(update_fields=["state", "closed_at"])
        record(
            events.FOLLOW_UP_CANCELLED, conversation_id=conversation_id, subject="follow_up", subject_id=row.pk, at=at
        )
    return len(rows)


def owner_of(conversation: Conversation, resolution: Resolution) -> User | None:
    """Who held it, else who leads its team, else who resolved it; of those only somebody still here."""
    lead = conversation.team.lead if conversation.team is not None else None
    candidates = (conversation.assignee, lead, resolution.by)
    return next((each for each in candidates if each is not None and each.is_active), None)


def _is_due(conversation: Conversation, resolution: Resolution) -> bool:
    if conversation.kind != Kind.COMPLAINT or not conversation.is_resolved or conversation.merged_into_id:
        return False
    return resolution.reopened_at is None and resolution.outcome not in UNASKED_OUTCOMES


def _tone(conversation: Conversation, resolution: Resolution) -> str:
    """What the draft is chosen by: the outcome, but whoever may be hurt is asked how they are and nothing else."""
    signals = grave_signals(conversation.pk)
    return signals[-1] if signals else resolution.outcome


def _draft(conversation: Conversation, resolution: Resolution, owner: User | None) -> str:
    return draft_for(
        _tone(conversation, resolution), conversation.language, name=conversation.customer.name,
        agent=owner.display_name if owner else "", reference=conversation.reference,
    )  # fmt: skip
