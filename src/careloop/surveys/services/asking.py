"""Ask the customer once after each resolution."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.conversations.models import Conversation, Inbox, Resolution
from careloop.conversations.services.locking import locked
from careloop.conversations.services.posting import post_automatic
from careloop.surveys import events
from careloop.surveys.models import Survey
from careloop.surveys.questions import invitation, spoken
from careloop.surveys.services.withholding import is_withheld

PURPOSE = "survey"
# A call and an imported history have no thread that the customer reads.
SILENT_CHANNELS = frozenset({Inbox.Kind.PHONE, Inbox.Kind.IMPORT})


@writes
def ask(resolution: Resolution, *, at: datetime | None = None) -> Survey | None:
    """Make the page where the customer can answer. Records ``survey.asked``.

    One survey a resolution however often this runs. None for what nobody should be asked about: duplicates,
    merged and side threads, a matter that is open again, and a customer who may harm themselves (see ``withholding``).
    """
    conversation = locked(resolution.conversation)
    known = Survey.objects.filter(resolution=resolution).first()
    if known is not None or not _may_ask(conversation, resolution):
        return known
    if is_withheld(resolution, conversation, at=at):
        return None
    survey = Survey.objects.create(
        conversation=conversation, resolution=resolution, language=spoken(conversation.language),
        asked_at=at or timezone.now(),
    )  # fmt: skip
    record(events.SURVEY_ASKED, conversation_id=conversation.pk, subject="survey", subject_id=survey.pk)
    return survey


def needs_invitation(survey: Survey) -> bool:
    """Whether a message should lead the customer to the page."""
    return survey.sent_at is None and survey.conversation.channel not in SILENT_CHANNELS


@writes
def send(survey: Survey, *, at: datetime | None = None) -> Survey:
    """Put the invitation into the thread, unless it is there, answered, withheld, or the matter is open again.

    Records ``survey.sent``; the automatic message brings its own event, and delivery listens to that.
    """
    conversation = locked(survey.conversation)
    survey.refresh_from_db()
    if survey.sent_at is not None or hasattr(survey, "answer") or not conversation.is_resolved:
        return survey
    if is_withheld(survey.resolution, conversation, at=at):
        return survey
    post_automatic(conversation, text=_text(survey), purpose=PURPOSE, at=at)
    survey.sent_at = at or timezone.now()
    survey.save(update_fields=["sent_at"])
    record(events.SURVEY_SENT, conversation_id=conversation.pk, subject="survey", subject_id=survey.pk)
    return survey


def link(survey: Survey) -> str:
    """The address of the survey's page."""
    return f"{settings.CARELOOP_PUBLIC_URL}/s/{survey.token}"


def _may_ask(conversation: Conversation, resolution: Resolution) -> bool:
    if not conversation.is_resolved or conversation.merged_into_id or resolution.reopened_at is not None:
        return False
    is_side_thread = conversation.related_to_id is not None and conversation.review_reason != ""
    return not is_side_thread and resolution.outcome != Resolution.Outcome.DUPLICATE


def _text(survey: Survey) -> str:
    conversation = survey.conversation
    return invitation(
        survey.language, name=conversation.customer.name, reference=conversation.reference, link=link(survey)
    )
