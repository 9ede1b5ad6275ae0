"""One link, one answer; a "no" reopens (mission 72)."""

from __future__ import annotations

from typing import Any

import pytest

from careloop.common.errors import Conflict, InvalidInput
from careloop.common.models import Event
from careloop.conversations.models import Conversation
from careloop.conversations.services.resolution import reopen
from careloop.surveys.models import SurveyAnswer
from careloop.surveys.services.answering import answer
from careloop.surveys.services.reading import answers_of, statistics
from careloop.surveys.tests.factories import surveyed

pytestmark = pytest.mark.django_db


def test_solved_and_satisfied_together_confirm(complaint: Conversation, lin: Any) -> None:
    given = answer(surveyed(complaint, lin), solved=True, scores=(4, 5, 4), comment=" 谢谢小林 ")
    complaint.refresh_from_db()
    assert (given.is_confirmed, given.comment, complaint.is_resolved) == (True, "谢谢小林", True)
    event = Event.objects.get(name="survey.answered")
    assert event.data == {"solved": True, "scores": [4, 5, 4], "satisfied": True}


def test_a_middling_answer_is_no_confirmation_and_no_reopening(complaint: Conversation, lin: Any) -> None:
    given = answer(surveyed(complaint, lin), solved=True, scores=(3, 3, 3))
    complaint.refresh_from_db()
    assert (given.is_confirmed, complaint.is_resolved) == (False, True)


@pytest.mark.parametrize(("solved", "overall"), [(False, 5), (True, 2), (True, 1), (False, 1)])
def test_a_no_reopens_and_says_why(complaint: Conversation, lin: Any, solved: bool, overall: int) -> None:
    survey = surveyed(complaint, lin)
    answer(survey, solved=solved, scores=(4, 4, overall))
    complaint.refresh_from_db()
    survey.resolution.refresh_from_db()
    assert complaint.state == "open"
    assert survey.resolution.reopen_reason == "customer_said_no"


def test_a_second_answer_is_refused_and_changes_nothing(complaint: Conversation, lin: Any) -> None:
    survey = surveyed(complaint, lin)
    answer(survey, solved=True, scores=(5, 5, 5))
    with pytest.raises(Conflict):
        answer(survey, solved=False, scores=(1, 1, 1))
    assert SurveyAnswer.objects.get().scores == (5, 5, 5)


def test_scores_outside_one_to_five_are_refused(complaint: Conversation, lin: Any) -> None:
    with pytest.raises(InvalidInput):
        answer(surveyed(complaint, lin), solved=True, scores=(0, 5, 5))
    assert not SurveyAnswer.objects.exists()


def test_an_old_link_does_not_reopen_what_was_resolved_anew(complaint: Conversation, lin: Any) -> None:
    old = surveyed(complaint, lin)
    reopen(complaint, by=lin, reason="customer_wrote")
    surveyed(complaint, lin)
    answer(old, solved=False, scores=(1, 1, 1))
    complaint.refresh_from_db()
    assert complaint.is_resolved


def test_answers_are_read_in_one_query(complaint: Conversation, lin: Any, django_assert_num_queries: Any) -> None:
    given = answer(surveyed(complaint, lin), solved=True, scores=(4, 5, 3))
    with django_assert_num_queries(1):
        assert answers_of([complaint.pk, 999]) == {complaint.pk: given}


def test_the_numbers_of_a_period_name_their_rows(complaint: Conversation, lin: Any) -> None:
    first = surveyed(complaint, lin)
    answer(first, solved=True, scores=(4, 5, 3))
    reopen(complaint, by=lin, reason="customer_wrote")
    second = surveyed(complaint, lin)
    numbers = statistics(first.asked_at, second.asked_at)
    assert (numbers.asked, numbers.n, numbers.mean_score) == (1, 1, 4.0)
    assert numbers.overall == {1: 0, 2: 0, 3: 1, 4: 0, 5: 0}
    assert (numbers.top_two.hits, numbers.solved.hits, numbers.response_rate.share) == (0, 1, 1.0)
    assert statistics(first.asked_at, second.asked_at, team_id=0).n == 0
