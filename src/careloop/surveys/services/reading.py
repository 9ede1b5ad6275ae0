"""What other rooms ask of this one: the answers of conversations, the numbers of a period."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from careloop.conversations.models import Conversation
from careloop.surveys.arithmetic import Share, distribution, mean_of, top_two, wilson
from careloop.surveys.models import Survey, SurveyAnswer, SurveyWithheld


@dataclass(frozen=True)
class Statistics:
    """The survey numbers of a period, over the surveys that were asked in it.

    ``mean_score`` is the seed's (C1 + C2 + C3) / 3; ``top_two`` is the share of 4 and 5 overall. They are two
    numbers and never shown for one another.
    """

    asked: int
    n: int
    response_rate: Share
    mean_score: float | None
    top_two: Share
    solved: Share
    speed: dict[int, int]
    result: dict[int, int]
    overall: dict[int, int]


def statistics(start: datetime, end: datetime, *, team_id: int | None = None) -> Statistics:
    """The numbers of the surveys asked from ``start`` on and before ``end``; of one team, or of all. Two queries."""
    surveys = Survey.objects.asked_between(start, end)
    if team_id is not None:
        surveys = surveys.filter(conversation__team_id=team_id)
    asked = surveys.count()
    answers = list(SurveyAnswer.objects.filter(survey__in=surveys))
    overall = [given.c3_overall for given in answers]
    return Statistics(
        asked=asked,
        n=len(answers),
        response_rate=wilson(len(answers), asked),
        mean_score=mean_of([given.scores for given in answers]),
        top_two=top_two(overall),
        solved=wilson(sum(given.solved for given in answers), len(answers)),
        speed=distribution(given.c1_speed for given in answers),
        result=distribution(given.c2_result for given in answers),
        overall=distribution(overall),
    )


def answers_of(conversation_ids: Collection[int]) -> dict[int, SurveyAnswer]:
    """The latest answer of each conversation that has one, in one query."""
    rows = SurveyAnswer.objects.filter(survey__conversation_id__in=conversation_ids).select_related("survey")
    return {given.survey.conversation_id: given for given in rows.order_by("pk")}


def latest_of(conversation: Conversation) -> Survey | None:
    """The newest survey of a conversation, with its answer where there is one."""
    return Survey.objects.filter(conversation=conversation).select_related("answer").order_by("-pk").first()


def is_survey_withheld(conversation: Conversation) -> bool:
    """Whether its customer is not asked because they may harm themselves; never for one that is not resolved."""
    return conversation.is_resolved and SurveyWithheld.objects.open().filter(conversation=conversation).exists()
