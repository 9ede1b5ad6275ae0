"""What the holder of a private link sees: how far their matter is, when they hear from us, what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from careloop.conversations.models import Conversation, Message, Resolution, State
from careloop.portal.moments import clock_name, day_and_hour, span_until
from careloop.surveys.models import Survey
from careloop.surveys.services.reading import latest_of

STAGES = (
    ("received", gettext_lazy("Received")),
    ("acknowledged", gettext_lazy("Acknowledged")),
    ("working", gettext_lazy("Being worked on")),
    ("answered", gettext_lazy("Answered")),
    ("resolved", gettext_lazy("Resolved")),
    ("confirmed", gettext_lazy("Confirmed by you")),
)


@dataclass(frozen=True)
class Stage:
    """``look`` is done, now or ahead."""

    name: str
    label: str
    at: datetime | None
    look: str


@dataclass(frozen=True)
class Promise:
    """The sentence on top: what is owed, by when, and what comes next. ``tone`` is plain, late or good."""

    title: str
    next_step: str
    tone: str = "plain"
    until: str = ""
    survey_url: str = ""


@dataclass(frozen=True)
class Progress:
    stages: Sequence[Stage]
    promise: Promise
    reopened_at: datetime | None


def progress_of(conversation: Conversation, *, now: datetime | None = None) -> Progress:
    """Everything above the messages, in the language and zone that are active."""
    now = now or timezone.now()
    survey = latest_of(conversation)
    last = conversation.resolutions.order_by("-at", "-id").first()
    confirmed_at = _confirmed_at(conversation, last, survey)
    reopened_at = last.reopened_at if last is not None and not conversation.is_resolved else None
    return Progress(
        stages=_stages(conversation, confirmed_at, reopened_at),
        promise=_promise(conversation, last, survey, confirmed_at, now),
        reopened_at=reopened_at,
    )


def _stages(conversation: Conversation, confirmed_at: datetime | None, reopened_at: datetime | None) -> list[Stage]:
    answered_at = conversation.first_replied_at
    if reopened_at is not None:
        answered_at = _answered_since(conversation, reopened_at)
    reached = {
        "received": conversation.created_at,
        "acknowledged": _acknowledged_at(conversation),
        "working": reopened_at or _taken_at(conversation),
        "answered": answered_at,
        "resolved": conversation.resolved_at,
        "confirmed": confirmed_at,
    }
    here = max(index for index, (name, _label) in enumerate(STAGES) if reached[name] is not None)
    is_over = confirmed_at is not None
    return [
        Stage(name, str(label), reached[name], _look(index, here, is_over))
        for index, (name, label) in enumerate(STAGES)
    ]


def _look(index: int, here: int, is_over: bool) -> str:
    if index < here or (index == here and is_over):
        return "done"
    return "now" if index == here else "ahead"


def _acknowledged_at(conversation: Conversation) -> datetime | None:
    """The first word from us; the portal's own page gave the number at once."""
    if conversation.channel == "portal":
        return conversation.created_at
    ours = conversation.messages.filter(kind__in=(Message.Kind.AUTOMATIC, Message.Kind.REPLY))
    return ours.order_by("pk").values_list("created_at", flat=True).first()


def _taken_at(conversation: Conversation) -> datetime | None:
    """When somebody first held it, or answered without holding it."""
    held = conversation.assignments.exclude(user=None).order_by("at").values_list("at", flat=True).first()
    moments = [moment for moment in (held, conversation.first_replied_at) if moment is not None]
    return min(moments, default=None)


def _answered_since(conversation: Conversation, moment: datetime) -> datetime | None:
    replies = conversation.messages.filter(kind=Message.Kind.REPLY, created_at__gte=moment)
    return replies.order_by("pk").values_list("created_at", flat=True).first()


def _confirmed_at(conversation: Conversation, last: Resolution | None, survey: Survey | None) -> datetime | None:
    """Solved and satisfied, by the customer's own word (mission 72): in the survey, or told to an agent."""
    if last is None or not conversation.is_resolved:
        return None
    given = getattr(survey, "answer", None)
    if survey is not None and given is not None and survey.resolution_id == last.pk:
        return given.at if given.is_confirmed else None
    return last.at if last.solved and last.satisfied else None


def _promise(
    conversation: Conversation, last: Resolution | None, survey: Survey | None,
    confirmed_at: datetime | None, now: datetime,
) -> Promise:  # fmt: skip
    if conversation.is_resolved:
        return _at_the_end(conversation, last, survey, confirmed_at)
    if conversation.is_waiting:
        return _while_you_wait(conversation, now)
    if conversation.state == State.WAITING:
        return Promise(
            title=_("We have answered you"),
            next_step=_("Please read our answer below. If anything is missing, just write to us here."),
        )
    return _while_we_work(conversation, now)


def _while_you_wait(conversation: Conversation, now: datetime) -> Promise:
    due = conversation.next_due_at
    if due is None:
        return Promise(
            title=_("Your message is with our team"), next_step=_("A colleague will read it and answer you here.")
        )
    if due <= now:
        return Promise(
            tone="late",
            title=_("We are later than we promised"),
            next_step=_(
                "We are sorry: you should have heard from us by %(moment)s. Your matter is at the top of our list."
            )
            % {"moment": day_and_hour(due)},
        )
    return Promise(
        title=_("We answer by %(moment)s") % {"moment": day_and_hour(due)},
        until=_until(due, now),
        next_step=_("A colleague reads your message and answers you here."),
    )


def _while_we_work(conversation: Conversation, now: datetime) -> Promise:
    due = conversation.next_due_at
    if due is None or due <= now:
        return Promise(title=_("We are working on your matter"), next_step=_("You will read here what we have found."))
    return Promise(
        title=_("We want to have it solved by %(moment)s") % {"moment": day_and_hour(due)},
        until=_until(due, now),
        next_step=_("We are working on it and will write to you here."),
    )


def _at_the_end(
    conversation: Conversation, last: Resolution | None, survey: Survey | None, confirmed_at: datetime | None
) -> Promise:
    if confirmed_at is not None:
        return Promise(
            tone="good",
            title=_("Solved, and confirmed by you"),
            next_step=_("Thank you for your trust. If anything comes up again, write to us below."),
        )
    is_asked = survey is not None and last is not None and survey.resolution_id == last.pk
    can_rate = is_asked and not hasattr(survey, "answer")
    return Promise(
        tone="good",
        title=_("We have resolved your matter"),
        next_step=_("Is it really right now? If not, tell us here: that opens it again at once."),
        survey_url=reverse("surveys:survey", args=[survey.token]) if survey is not None and can_rate else "",
    )


def _until(due: datetime, now: datetime) -> str:
    return _("in about %(span)s · all times are %(clock)s") % {
        "span": span_until(due, now),
        "clock": clock_name(due),
    }
