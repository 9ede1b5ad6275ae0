"""Whoever may want to harm themselves is not asked to rate us, unless a person says so.

A satisfaction survey in answer to "I cannot go on" does harm (``domain.md`` 4.3: no marketing and no closing bot for
C6). A rash is another matter: its complaint is answered, resolved and rated like others. So a resolution of a
conversation that carries such a signal is put aside, shown with its reason, and released by a person who knows how
the customer is.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.accounts.permissions import Permission, require
from careloop.common.errors import Conflict
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.conversations.models import Conversation, Resolution
from careloop.conversations.services.locking import locked
from careloop.surveys import events
from careloop.surveys.models import SurveyWithheld
from careloop.triage.services.reading import crisis_signals

if TYPE_CHECKING:
    from careloop.accounts.models import User

STANDS_AGAINST_ASKING = frozenset({"self_harm"})
ASKS_FOR_CARE = frozenset({"self_harm", "injury"})


def grave_signals(conversation_id: int) -> list[str]:
    """Which signals ask for careful words; empty for nearly every conversation. One query."""
    return sorted(ASKS_FOR_CARE & crisis_signals(conversation_id))


@writes
def withhold(resolution: Resolution, signals: list[str], *, at: datetime | None = None) -> SurveyWithheld:
    """Remember that nobody is asked about this resolution, and why. Records ``survey.withheld``, once."""
    row, is_new = SurveyWithheld.objects.get_or_create(
        resolution=resolution,
        defaults={"conversation": resolution.conversation, "at": at or timezone.now(), "signals": signals},
    )
    if is_new:
        record(
            events.SURVEY_WITHHELD, conversation_id=resolution.conversation_id, subject="resolution",
            subject_id=resolution.pk, at=at, data={"signals": signals},
        )  # fmt: skip
    return row


@writes
def release(row: SurveyWithheld, *, by: User) -> SurveyWithheld:
    """A person says that this customer may be asked all the same. Records ``survey.released``; asking listens.

    Raises :class:`NotAllowed` without the permission to resolve, :class:`Conflict` when it was released already or
    the matter is open again.
    """
    require(by, Permission.CONVERSATION_RESOLVE)
    conversation = locked(row.conversation)
    fresh = SurveyWithheld.objects.select_related("resolution", "conversation__customer").get(pk=row.pk)
    if not fresh.is_open:
        raise Conflict("survey_released", _("The customer has been invited already."))
    if not conversation.is_resolved or fresh.resolution.reopened_at is not None:
        raise Conflict("conversation_open_again", _("The matter is open again, so there is nothing to rate yet."))
    fresh.released_by, fresh.released_at = by, timezone.now()
    fresh.save(update_fields=["released_by", "released_at"])
    record(
        events.SURVEY_RELEASED, conversation_id=conversation.pk, by=by, subject="resolution",
        subject_id=fresh.resolution_id,
    )  # fmt: skip
    return fresh


def is_withheld(resolution: Resolution, conversation: Conversation, *, at: datetime | None = None) -> bool:
    """Whether nobody may be asked now; what is withheld for the first time is remembered. In the caller's write."""
    row = SurveyWithheld.objects.filter(resolution=resolution).first()
    if row is not None:
        return row.is_open
    signals = sorted(STANDS_AGAINST_ASKING & crisis_signals(conversation.pk))
    if signals:
        withhold(resolution, signals, at=at)
    return bool(signals)
