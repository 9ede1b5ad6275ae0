"""Leads and administrators replay the last months under other weights, read what came of it, and may adopt them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from careloop.accounts.models import TeamMember, User
from careloop.common.errors import Conflict, InvalidInput, NotAllowed
from careloop.common.jobs.running import run_pending_jobs
from careloop.common.models import Job
from careloop.conversations.models import Inbox
from careloop.conversations.services.posting import post_reply
from careloop.customers.models import Customer
from careloop.routing.models import PriorityWeights, Simulation
from careloop.routing.services import simulating
from careloop.routing.services.simulating import adopt, ask, run, stop, turns_seen_by
from careloop.routing.tests.factories import ago, waiting
from careloop.routing.tests.test_priority_page import numbers
from careloop.sla.models import Clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("table")]


@pytest.fixture
def month(mei: Customer, james: Customer, email_inbox: Inbox, lin: User) -> dict[str, Any]:
    """Three waited; the mild was answered first, the rich next, the grave still waits; one was before all that."""
    found = {
        "mild": waiting(mei, email_inbox, since=ago(days=5), severity="minor", nature="price"),
        "rich": waiting(james, email_inbox, since=ago(days=5, minutes=-1), severity="minor", nature="logistics"),
        "grave": waiting(mei, email_inbox, since=ago(days=5, minutes=-2), severity="severe", nature="quality"),
        "old": waiting(mei, email_inbox, since=ago(days=200), severity="minor"),
    }
    Customer.objects.filter(pk=james.pk).update(spend_percentile=1.0)
    for name, when in (("old", ago(days=199)), ("mild", ago(days=4)), ("rich", ago(days=3))):
        post_reply(found[name].conversation, by=lin, text="已为您处理。", at=when)
    return found


def simulated(by: User, **changes: Any) -> Simulation:
    asked = ask(by=by, months=1, **changes)
    run_pending_jobs()
    asked.refresh_from_db()
    return asked


def test_the_turns_are_what_this_person_saw_wait(month: dict[str, Any], chen: User, bob: User) -> None:
    now = timezone.now()
    turns = {turn.id: turn for turn in turns_seen_by(chen, now - timedelta(days=30), now)}
    assert set(turns) == {month[name].conversation_id for name in ("mild", "rich", "grave")}
    grave = turns[month["grave"].conversation_id]
    assert (grave.severity, grave.nature, grave.answered, grave.left) == ("severe", "quality", None, None)
    assert turns[month["mild"].conversation_id].answered == pytest.approx(26 * 24, abs=0.1)
    assert list(turns_seen_by(bob, now - timedelta(days=30), now)) == []


def test_a_replay_is_computed_apart_and_kept(month: dict[str, Any], chen: User) -> None:
    done = simulated(chen, value=0.0)
    assert (done.state, done.done, done.reason) == ("done", 1.0, "")
    assert done.result is not None
    assert done.result["turns"] == 3
    everybody = done.result["lines"][0]
    assert everybody["actual"]["waiting"] == everybody["proposed"]["waiting"] == 1


def test_the_page_says_what_came_of_it_in_the_reader_s_language(
    client: Client, month: dict[str, Any], chen: User
) -> None:
    client.force_login(chen)
    answer = client.post("/priority/", numbers(value=0, do="simulate", months="1"))
    assert answer.status_code == 302
    asleep = client.get(answer["Location"]).content.decode()
    assert 'hx-trigger="load delay:2s"' in asleep
    run_pending_jobs()
    html = client.get(answer["Location"]).content.decode()
    assert "hx-trigger" not in html.split('id="replay"')[1]
    assert month["rich"].conversation.reference in html
    assert ("What was tried" in html) or ("试用的数值" in html)
    chen.language = "zh-hans"
    chen.save()
    html = client.get(answer["Location"]).content.decode()
    assert "如何计算" in html
    assert answer["Location"] in client.get("/priority/").content.decode()


def test_weights_that_were_tried_can_be_taken_over(client: Client, month: dict[str, Any], chen: User) -> None:
    done = simulated(chen, severity=0.9)
    client.force_login(chen)
    assert client.post(f"/priority/simulations/{done.pk}/adoption/").status_code == 302
    assert PriorityWeights.objects.get().severity == 0.9
    assert Job.objects.filter(task__endswith="rescore_queue").exists()


def test_weights_of_a_replay_that_is_not_done_cannot(chen: User) -> None:
    with pytest.raises(Conflict):
        adopt(ask(by=chen, months=1, severity=0.9), by=chen)
    assert not PriorityWeights.objects.exists()


def test_a_replay_that_was_stopped_stays_stopped(client: Client, month: dict[str, Any], chen: User) -> None:
    asked = ask(by=chen, months=2)
    client.force_login(chen)
    assert client.post(f"/priority/simulations/{asked.pk}/stop/").status_code == 302
    run_pending_jobs()
    asked.refresh_from_db()
    assert (asked.state, asked.result) == ("stopped", None)


def test_one_that_is_stopped_while_it_runs_ends_at_its_next_word(
    month: dict[str, Any], chen: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ask(by=chen, months=1)

    def stopped_meanwhile(number: int, given: dict[str, Any]) -> None:
        stop(asked, by=chen)
        said = [json.dumps({"done": 0.5}), json.dumps({"result": {}})]
        return simulating._listened(number, iter(said))  # type: ignore[arg-type, return-value]

    monkeypatch.setattr(simulating, "_replayed_apart", stopped_meanwhile)
    run(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.result) == ("stopped", None)


def test_one_that_breaks_off_says_so(
    client: Client, month: dict[str, Any], chen: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulating, "COMMAND", (*simulating.COMMAND[:2], "careloop.no_such_module"))
    broken = simulated(chen)
    assert (broken.state, broken.reason) == ("failed", "broke")
    client.force_login(chen)
    assert 'role="alert"' in client.get(f"/priority/simulations/{broken.pk}/").content.decode()


def test_too_much_is_refused_with_what_to_do(
    month: dict[str, Any], chen: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulating, "MOST_TURNS", 2)
    assert simulated(chen).reason == "too_much"


def test_a_month_without_anything_is_no_error(client: Client, chen: User) -> None:
    done = simulated(chen)
    assert (done.state, done.result and done.result["turns"]) == ("done", 0)
    client.force_login(chen)
    assert client.get(f"/priority/simulations/{done.pk}/").status_code == 200


@pytest.mark.parametrize("wrong", [{"months": "9"}, {"months": "x"}, {"severity": "-1"}, {"gamma": "99"}])
def test_wrong_input_is_shown_beside_the_form(client: Client, chen: User, wrong: dict[str, str]) -> None:
    client.force_login(chen)
    answer = client.post("/priority/", numbers(do="simulate") | wrong)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert not Simulation.objects.exists()


def test_the_verb_refuses_what_makes_no_sense(chen: User, lin: User) -> None:
    with pytest.raises(InvalidInput):
        ask(by=chen, months=12)
    with pytest.raises(ValidationError):
        ask(by=chen, months=1, severity=-1.0)
    with pytest.raises(NotAllowed):
        ask(by=lin, months=1)


def test_a_replay_is_its_asker_s_and_the_administrators(
    client: Client, month: dict[str, Any], chen: User, bob: User, lin: User, admin: User
) -> None:
    done = simulated(chen)
    addresses = [f"/priority/simulations/{done.pk}/{part}" for part in ("", "stop/", "adoption/")]
    assert [client.post(each).status_code if each != addresses[0] else client.get(each).status_code
            for each in addresses] == [302, 302, 302]  # fmt: skip
    bob.role = "lead"
    bob.save()
    for user, status in ((lin, 403), (bob, 404)):
        client.force_login(user)
        assert client.get(addresses[0]).status_code == status
        assert [client.post(each).status_code for each in addresses[1:]] == [status, status]
    client.force_login(admin)
    assert client.get(addresses[0]).status_code == 200
    assert client.get("/priority/simulations/999999/").status_code == 404


def test_a_conversation_that_moved_out_of_sight_is_not_named(
    client: Client, month: dict[str, Any], chen: User, wholesale_team: Any
) -> None:
    done = simulated(chen, value=0.0)
    rich = month["rich"].conversation
    type(rich).objects.filter(pk=rich.pk).update(team=wholesale_team)
    assert not TeamMember.objects.filter(team=wholesale_team, user=chen).exists()
    client.force_login(chen)
    assert rich.reference not in client.get(f"/priority/simulations/{done.pk}/").content.decode()


def test_who_left_without_an_answer_is_told_apart(month: dict[str, Any], chen: User) -> None:
    Clock.objects.filter(conversation=month["mild"].conversation_id, kind="first_response").update(state="cancelled")
    done = simulated(chen)
    assert done.result is not None
    assert (done.result["turns"], done.result["left"]) == (2, 1)
