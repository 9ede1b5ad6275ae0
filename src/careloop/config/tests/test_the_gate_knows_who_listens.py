"""The gate of the stream, asked with real sessions, teams and private links."""

from typing import TYPE_CHECKING

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.test import Client

from careloop.config.gate import DatabaseGate
from careloop.conversations.links import portal_token
from careloop.live.gate import Guest, Viewer

if TYPE_CHECKING:
    from careloop.accounts.models import Team, User
    from careloop.conversations.models import Conversation

pytestmark = pytest.mark.django_db(transaction=True)
gate = DatabaseGate()


def viewer(client: Client) -> Viewer | None:
    """Who the gate sees behind the client's cookies."""
    return async_to_sync(gate.viewer)({name: morsel.value for name, morsel in client.cookies.items()})


def test_a_signed_in_agent_hears_of_her_teams(client: Client, lin: "User", care_team: "Team") -> None:
    client.force_login(lin)
    found = viewer(client)
    assert found is not None
    assert (found.user_id, found.name) == (lin.pk, lin.display_name)
    assert found.may_hear(care_team.pk)
    assert found.may_hear(None)
    assert not found.may_hear(care_team.pk + 1000)


def test_an_administrator_hears_everything(client: Client, admin: "User") -> None:
    client.force_login(admin)
    found = viewer(client)
    assert found is not None
    assert found.may_hear(12345)


def test_the_other_team_does_not_hear(client: Client, bob: "User", care_team: "Team") -> None:
    client.force_login(bob)
    found = viewer(client)
    assert found is not None
    assert not found.may_hear(care_team.pk)


def test_signing_out_ends_it_at_once(client: Client, lin: "User") -> None:
    client.force_login(lin)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.logout()
    assert async_to_sync(gate.viewer)({settings.SESSION_COOKIE_NAME: key}) is None


def test_a_new_password_ends_sessions_made_with_the_old_one(client: Client, lin: "User") -> None:
    client.force_login(lin)
    lin.set_password("another long password")
    lin.save()
    assert viewer(client) is None


def test_who_is_no_longer_active_hears_nothing(client: Client, lin: "User") -> None:
    client.force_login(lin)
    lin.is_active = False
    lin.save()
    assert viewer(client) is None


@pytest.mark.parametrize("key", ["", "forged", "x" * 500, "'; DROP TABLE users; --"])
def test_a_forged_session_is_nobody(key: str) -> None:
    assert async_to_sync(gate.viewer)({settings.SESSION_COOKIE_NAME: key}) is None


def test_a_private_link_opens_its_own_conversation_only(complaint: "Conversation") -> None:
    token = portal_token(complaint)
    assert async_to_sync(gate.guest)(token) == Guest(complaint.pk)
    forged = token[:-1] + ("A" if token[-1] != "A" else "B")
    for wrong in (forged, "", f"{complaint.pk}", f"{complaint.pk}.1.x", "9" * 40):
        assert async_to_sync(gate.guest)(wrong) is None


def test_a_conversation_that_does_not_exist_has_no_team(complaint: "Conversation") -> None:
    known = async_to_sync(gate.teams_of)([complaint.pk, 987654])
    assert known == {complaint.pk: complaint.team_id}
