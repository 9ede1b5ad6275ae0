"""A person raises an alarm, and everybody sees why somebody has a conversation."""

from __future__ import annotations

import pytest
from django.test import Client

from careloop.accounts.models import Team, User
from careloop.conversations.models import Conversation
from careloop.conversations.services.holding import assign
from careloop.routing.models import QueueEntry
from careloop.routing.services.prioritising import prioritise
from careloop.triage.models import Correction, Prediction
from careloop.workspace.tests.conftest import HTMX


def raised(client: Client, conversation: Conversation, label: str):  # type: ignore[no-untyped-def]
    return client.post(f"/conversations/{conversation.number}/alarm/", {"label": label}, headers=HTMX)


def test_an_alarm_is_seen_at_once_and_goes_before_everything(
    as_lin: Client, lin: User, complaint: Conversation
) -> None:
    prioritise(complaint, [])
    html = raised(as_lin, complaint, "self_harm").content.decode()
    assert "banner--crisis" in html
    assert QueueEntry.objects.get().tier == 0
    row = Prediction.objects.current().get(head="crisis")
    assert (row.label, row.source) == ("self_harm", "human")


def test_it_can_be_taken_back_with_the_same_button_as_a_false_one(as_lin: Client, complaint: Conversation) -> None:
    raised(as_lin, complaint, "media")
    row = Prediction.objects.current().get(head="crisis")
    as_lin.post(f"/conversations/{complaint.number}/predictions/{row.pk}/correction/", {"label": "none"}, headers=HTMX)
    assert Correction.objects.get().label == "none"
    assert "banner--crisis" not in as_lin.get(f"/conversations/{complaint.number}/").content.decode()


@pytest.mark.parametrize("label", ["", "none", "loud"])
def test_what_is_no_danger_comes_back(as_lin: Client, complaint: Conversation, label: str) -> None:
    answer = raised(as_lin, complaint, label)
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#dialog-body")
    assert not Prediction.objects.exists()


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("sticky", "由其继续跟进"),
        ("round_robin", "按轮次分派"),
        ("taken", "自己"),
        ("需要主管批准", "陈主管：“需要主管批准”"),
        ("", "由 陈主管 分派"),
    ],
)
def test_the_panel_says_why_it_is_theirs(
    as_lin: Client, lin: User, chen: User, care_team: Team, complaint: Conversation, reason: str, sentence: str
) -> None:
    assign(complaint, user=lin, team=care_team, by=chen, reason=reason)
    html = as_lin.get(f"/conversations/{complaint.number}/").content.decode()
    assert "why-theirs" in html
    assert sentence in html


def test_what_nobody_has_says_nothing_of_it(as_lin: Client, complaint: Conversation) -> None:
    assert "why-theirs" not in as_lin.get(f"/conversations/{complaint.number}/").content.decode()
