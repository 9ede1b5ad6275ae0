"""Several conversations at once: each by its own verb, and a word on each that stayed as it was."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from careloop.accounts.models import Team, User
from careloop.common.models.event import Event
from careloop.conversations.models import Conversation
from careloop.conversations.services.holding import assign
from careloop.workspace.many import MOST_AT_ONCE
from careloop.workspace.tests.conftest import HTMX, MakeMany

VERBS = ("claims", "assignments", "snoozes")


def act(client: Client, verb: str, rows: list[Conversation], **data: object) -> Any:
    given = {"number": [row.number for row in rows], **data}
    answer = client.post(f"/bulk/{verb}/", given, headers=HTMX)
    for row in rows:
        row.refresh_from_db()
    return answer


def announced(answer: Any) -> Any:
    return json.loads(answer.get("HX-Trigger") or answer["HX-Trigger-After-Settle"])


def later() -> str:
    return timezone.localtime(timezone.now() + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")


def test_all_are_given_by_the_same_verb_as_one(as_lin: Client, chen: User, care_team: Team, many: MakeMany) -> None:
    rows = many(3)
    answer = act(as_lin, "assignments", rows, owner=f"user:{chen.pk}@{care_team.pk}", reason="休假")
    assert answer.status_code == 204
    assert {row.assignee for row in rows} == {chen}
    assert announced(answer)["bulk-done"] == {"numbers": [row.number for row in rows]}
    assert "3" in announced(answer)["toast"]["text"]
    assert Event.objects.filter(name="conversation.assigned", data__reason="休假").count() == 3


def test_all_are_taken_or_go_to_a_team(as_lin: Client, lin: User, wholesale_team: Team, many: MakeMany) -> None:
    rows = many(2)
    act(as_lin, "claims", rows)
    assert {row.assignee for row in rows} == {lin}
    act(as_lin, "assignments", rows, owner=f"team:{wholesale_team.pk}")
    assert {(row.assignee, row.team) for row in rows} == {(None, wholesale_team)}


def test_all_are_set_aside(as_lin: Client, many: MakeMany) -> None:
    rows = many(2)
    act(as_lin, "snoozes", rows, wake_at=later())
    assert {row.state for row in rows} == {"snoozed"}


def test_what_cannot_be_changed_is_named_with_its_reason_and_stops_no_other(
    as_lin: Client, lin: User, care_team: Team, wholesale_team: Team, many: MakeMany
) -> None:
    free, mine, elsewhere = many(3)
    assign(mine, user=lin, team=care_team, by=lin)
    Conversation.objects.filter(pk=elsewhere.pk).update(team=wholesale_team)
    before = Conversation.objects.values().get(pk=elsewhere.pk)
    answer = act(as_lin, "claims", [elsewhere, mine, free])
    assert (answer.status_code, answer["HX-Retarget"]) == (200, "#dialog-body")
    assert free.assignee == lin
    assert Conversation.objects.values().get(pk=elsewhere.pk) == before
    assert announced(answer)["bulk-done"] == {"numbers": [free.number]}
    html = answer.content.decode()
    assert elsewhere.reference in html
    assert mine.reference in html
    assert free.reference not in html


def test_a_resolved_one_is_not_set_aside_with_the_others(as_lin: Client, many: MakeMany) -> None:
    done, free = many(2)
    Conversation.objects.filter(pk=done.pk).update(state="resolved")
    answer = act(as_lin, "snoozes", [done, free], wake_at=later())
    assert (done.state, free.state) == ("resolved", "snoozed")
    assert done.reference in answer.content.decode()


def test_a_missing_one_says_no_more_than_another_teams(as_lin: Client, wholesale_team: Team, many: MakeMany) -> None:
    (hidden,) = many(1, team=wholesale_team)
    both = as_lin.post("/bulk/claims/", {"number": [hidden.number, 999_999]}, headers=HTMX).content.decode()
    there, _, missing = both.partition("CL-999999")
    assert hidden.reference in there
    assert there.count("Not there") == missing.count("Not there") or there.count("不存在") == missing.count("不存在")


@pytest.mark.parametrize("verb", VERBS)
def test_the_question_names_how_many_and_keeps_their_numbers(as_lin: Client, many: MakeMany, verb: str) -> None:
    rows = many(2)
    query = "&".join(f"number={row.number}" for row in rows)
    for headers in ({}, HTMX):
        html = as_lin.get(f"/bulk/{verb}/?{query}", headers=headers).content.decode()
        assert all(f'name="number" value="{row.number}"' in html for row in rows)
        assert ("<html" in html) == (not headers)


@pytest.mark.parametrize("verb", VERBS)
def test_none_or_too_many_are_refused(as_lin: Client, db: None, verb: str) -> None:
    for given in ([], ["x"], ["1" * 40], [str(1000 + place) for place in range(MOST_AT_ONCE + 1)]):
        assert as_lin.post(f"/bulk/{verb}/", {"number": given}, headers=HTMX).status_code == 400
    assert as_lin.get(f"/bulk/{verb}/").status_code == 400


@pytest.mark.parametrize(("verb", "wrong"), [("assignments", {"owner": "user:1"}), ("snoozes", {"wake_at": "gestern"})])
def test_a_wrong_answer_comes_back_with_the_chosen(
    as_lin: Client, many: MakeMany, verb: str, wrong: dict[str, str]
) -> None:
    (row,) = many(1)
    answer = act(as_lin, verb, [row], **wrong)
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#dialog-body")
    assert f'value="{row.number}"' in answer.content.decode()
    assert (row.assignee, row.state) == (None, "open")


@pytest.mark.parametrize("verb", VERBS)
def test_who_is_signed_out_changes_nothing(client: Client, many: MakeMany, verb: str) -> None:
    (row,) = many(1)
    assert client.post(f"/bulk/{verb}/", {"number": row.number}).status_code == 302
    assert client.post(f"/bulk/{verb}/", {"number": row.number}, headers=HTMX).status_code == 401


def test_without_script_it_leads_back_with_every_word(as_lin: Client, lin: User, many: MakeMany) -> None:
    (row,) = many(1)
    answer = as_lin.post("/bulk/claims/", {"number": [row.number, 999_999]}, follow=True)
    html = answer.content.decode()
    assert answer.redirect_chain[0] == (reverse("workspace:home"), 302)
    assert "CL-999999" in html


def test_each_row_of_the_list_has_a_box(as_lin: Client, many: MakeMany) -> None:
    rows = many(2)
    html = as_lin.get("/desk/open/").content.decode()
    assert all(f'id="pick-{row.pk}"' in html for row in rows)
    assert html.count('id="bulk"') == 1
