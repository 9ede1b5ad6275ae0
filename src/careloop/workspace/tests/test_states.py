"""Resolve, assign, set aside, take, look at, correct: each an action of its own (missions 11, 72)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from careloop.accounts.models import Team, User
from careloop.conversations.models import Conversation, Message, Resolution, Snooze
from careloop.conversations.services.resolution import resolve
from careloop.routing.services.prioritising import prioritise
from careloop.triage.models import Correction, Prediction
from careloop.triage.services.correcting import label_by_hand
from careloop.workspace.tests.conftest import HTMX

SOLVED = {"solved": "yes", "satisfied": "", "outcome": "refunded", "cause": "logistics"}


def act(client: Client, conversation: Conversation, what: str, **data: object):  # type: ignore[no-untyped-def]
    answer = client.post(f"/conversations/{conversation.number}/{what}/", data, headers=HTMX)
    conversation.refresh_from_db()
    return answer


def test_resolving_keeps_both_questions_outcome_and_cause(as_lin: Client, lin: User, complaint: Conversation) -> None:
    assert act(as_lin, complaint, "resolution", **SOLVED).status_code == 200
    kept = Resolution.objects.get()
    assert (kept.by, kept.solved, kept.satisfied, kept.outcome, kept.cause) == (
        lin,
        True,
        None,
        "refunded",
        "logistics",
    )
    assert complaint.is_resolved


@pytest.mark.parametrize("wrong", [{"solved": "no"}, {"outcome": ""}, {"outcome": "magic"}, {"cause": ""}])
def test_what_is_not_solved_or_not_said_stays_open(
    as_lin: Client, complaint: Conversation, wrong: dict[str, str]
) -> None:
    answer = act(as_lin, complaint, "resolution", **{**SOLVED, **wrong})
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#dialog-body")
    assert not complaint.is_resolved


def test_resolving_twice_says_so(as_lin: Client, complaint: Conversation) -> None:
    act(as_lin, complaint, "resolution", **SOLVED)
    assert act(as_lin, complaint, "resolution", **SOLVED).status_code == 409


def test_a_resolved_one_can_be_taken_up_again(as_lin: Client, lin: User, complaint: Conversation) -> None:
    resolve(complaint, by=lin, solved=True, satisfied=None, outcome="answered", cause="other")
    act(as_lin, complaint, "reopening")
    assert complaint.state == "open"
    assert Resolution.objects.get().reopened_by == lin


def test_it_goes_to_a_colleague_or_back_to_the_team(
    as_lin: Client, chen: User, care_team: Team, complaint: Conversation
) -> None:
    act(as_lin, complaint, "assignment", owner=f"user:{chen.pk}@{care_team.pk}", reason="需要主管批准")
    assert complaint.assignee == chen
    assert complaint.assignments.get(until=None).reason == "需要主管批准"
    act(as_lin, complaint, "assignment", owner=f"team:{care_team.pk}")
    assert complaint.assignee is None


@pytest.mark.parametrize("owner", ["", "user:1", "user:999@1", "team:999", "x"])
def test_an_owner_who_is_not_there_is_refused(as_lin: Client, complaint: Conversation, owner: str) -> None:
    assert act(as_lin, complaint, "assignment", owner=owner).status_code == 422
    assert complaint.assignee is None


def test_given_to_another_team_it_leaves_ones_own_sight(
    as_lin: Client, wholesale_team: Team, complaint: Conversation
) -> None:
    answer = act(as_lin, complaint, "assignment", owner=f"team:{wholesale_team.pk}")
    assert answer.status_code == 200
    assert complaint.team == wholesale_team
    assert as_lin.get(f"/conversations/{complaint.number}/").status_code == 404


def test_taking_it_makes_it_ones_own(as_lin: Client, lin: User, complaint: Conversation) -> None:
    act(as_lin, complaint, "claim")
    assert complaint.assignee == lin


def test_set_aside_until_a_moment_to_come(as_lin: Client, complaint: Conversation) -> None:
    later = timezone.localtime() + timedelta(days=1)
    act(as_lin, complaint, "snooze", wake_at=later.strftime("%Y-%m-%dT%H:%M"))
    assert complaint.state == "snoozed"
    assert abs(Snooze.objects.get().wake_at - later) < timedelta(minutes=1)


@pytest.mark.parametrize("moment", ["", "gestern", "2020-01-01T09:00"])
def test_a_moment_gone_by_or_none_is_refused(as_lin: Client, complaint: Conversation, moment: str) -> None:
    assert act(as_lin, complaint, "snooze", wake_at=moment).status_code == 422
    assert complaint.state == "open"


def test_looking_at_a_doubtful_thread_ends_the_doubt(as_lin: Client, complaint: Conversation) -> None:
    Conversation.objects.filter(pk=complaint.pk).update(needs_review=True, review_reason="stranger_token")
    act(as_lin, complaint, "review")
    assert not complaint.needs_review


def test_one_click_corrects_what_triage_understood(as_lin: Client, lin: User, complaint: Conversation) -> None:
    guess = label_by_hand(complaint, "nature", "quality", by=None, source=Prediction.Source.RULES)
    answer = act(as_lin, complaint, f"predictions/{guess.pk}/correction", label="refund")
    assert answer.status_code == 200
    assert (Correction.objects.get().label, Correction.objects.get().by) == ("refund", lin)
    assert Prediction.objects.current().get(head="nature").label == "refund"


def test_a_label_that_is_none_and_a_guess_elsewhere_are_refused(
    as_lin: Client, as_bob: Client, complaint: Conversation
) -> None:
    guess = label_by_hand(complaint, "nature", "quality", by=None, source=Prediction.Source.RULES)
    assert act(as_lin, complaint, f"predictions/{guess.pk}/correction", label="magic").status_code == 400
    assert act(as_lin, complaint, "predictions/9999/correction", label="refund").status_code == 404
    assert act(as_bob, complaint, f"predictions/{guess.pk}/correction", label="refund").status_code == 404
    assert not Correction.objects.exists()


def test_what_is_next_is_taken_and_opened(as_lin: Client, lin: User, complaint: Conversation) -> None:
    prioritise(complaint, [])
    answer = as_lin.post(reverse("workspace:next"))
    complaint.refresh_from_db()
    assert answer["Location"] == f"/desk/mine/{complaint.number}/"
    assert complaint.assignee == lin


def test_with_nothing_waiting_next_says_so(as_bob: Client, client: Client, complaint: Conversation) -> None:
    assert as_bob.post(reverse("workspace:next"))["Location"] == reverse("workspace:home")
    assert "accounts/login" in client.post(reverse("workspace:next"))["Location"]


def test_a_call_is_noted_into_a_conversation(as_lin: Client, lin: User, phone_inbox: object) -> None:
    given = {"caller": "13800001234", "notes": "问什么时候发货", "direction": "in", "key": "k1"}
    answer = as_lin.post(reverse("workspace:call_new"), given)
    message = Message.objects.get(kind=Message.Kind.PHONE)
    assert (message.text, message.author) == ("问什么时候发货", lin)
    assert answer["Location"] == f"/conversations/{message.conversation.number}/"
    as_lin.post(reverse("workspace:call_new"), given)
    assert Message.objects.filter(kind=Message.Kind.PHONE).count() == 1


@pytest.mark.parametrize("wrong", [{"notes": ""}, {"caller": ""}, {"direction": "up"}, {"started_at": "x"}])
def test_a_call_without_words_or_number_comes_back(as_lin: Client, phone_inbox: object, wrong: dict[str, str]) -> None:
    given = {"caller": "13800001234", "notes": "问什么时候发货", "direction": "in", **wrong}
    assert as_lin.post(reverse("workspace:call_new"), given, headers=HTMX).status_code == 422
    assert not Message.objects.exists()


def test_a_call_cannot_be_put_into_another_teams_conversation(as_bob: Client, complaint: Conversation) -> None:
    given = {"caller": "13800001234", "notes": "x", "direction": "in", "conversation": str(complaint.number)}
    assert as_bob.post(reverse("workspace:call_new"), given).status_code == 404
