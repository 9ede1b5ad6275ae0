"""The customer answers, once. A "no" takes the matter up again (mission 72)."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.common.errors import Conflict, InvalidInput
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.conversations.services.locking import locked
from careloop.conversations.services.resolution import reopen
from careloop.surveys import events
from careloop.surveys.arithmetic import SCALE, Scores
from careloop.surveys.models import LONGEST_COMMENT, Survey, SurveyAnswer

UNHAPPY_UP_TO = 2
REASON = "customer_said_no"


@writes
def answer(
    survey: Survey, *, solved: bool, scores: Scores, comment: str = "", at: datetime | None = None
) -> SurveyAnswer:
    """Keep the answer. Records ``survey.answered``; "not solved", or an overall score of 1 or 2, reopens.

    Raises :class:`Conflict` (``already_answered``) on a second answer and :class:`InvalidInput` for scores
    outside 1 to 5.
    """
    if any(score not in SCALE for score in scores):
        raise InvalidInput("bad_scores", _("Please choose one of the five answers for each question."))
    at = at or timezone.now()
    conversation = locked(survey.conversation)
    if SurveyAnswer.objects.filter(survey=survey).exists():
        raise Conflict("already_answered", _("You have answered already. Thank you!"))
    speed, result, overall = scores
    given = SurveyAnswer.objects.create(
        survey=survey, solved=solved, c1_speed=speed, c2_result=result, c3_overall=overall,
        comment=comment.strip()[:LONGEST_COMMENT], at=at,
    )  # fmt: skip
    record(
        events.SURVEY_ANSWERED, conversation_id=conversation.pk, subject="survey", subject_id=survey.pk, at=at,
        data={"solved": solved, "scores": list(scores), "satisfied": given.is_satisfied},
    )  # fmt: skip
    if says_no(given) and _is_about_the_last_resolution(survey):
        reopen(conversation, by=None, reason=REASON, at=at)
    return given


def says_no(given: SurveyAnswer) -> bool:
    """Whether the customer tells us that it is not over."""
    return not given.solved or given.c3_overall <= UNHAPPY_UP_TO


def _is_about_the_last_resolution(survey: Survey) -> bool:
    """An old link must not reopen what was resolved anew since."""
    last = survey.conversation.resolutions.order_by("-at", "-id").values_list("pk", flat=True).first()
    return last == survey.resolution_id
