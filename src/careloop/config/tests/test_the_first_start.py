"""Before the desk serves: somebody can sign in, nothing has a default password, and a second start changes nothing."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from careloop.accounts.models import Role, Team, User
from careloop.config import first_start

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_administrator_is_made_once_with_a_password_that_is_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    first_start.prepare()
    shown = re.search(r"e-mail\s+(\S+)\s+password\s+(\S+)", capsys.readouterr().out)
    assert shown
    administrator = User.objects.get(role=Role.ADMIN)
    assert administrator.email == shown[1]
    assert administrator.check_password(shown[2])
    first_start.prepare()
    assert capsys.readouterr().out == ""
    assert User.objects.count() == 1


def test_no_administrator_is_made_where_there_is_one(admin: User, capsys: pytest.CaptureFixture[str]) -> None:
    first_start.prepare()
    assert capsys.readouterr().out == ""
    assert User.objects.get() == admin


def test_an_interrupted_preparation_is_made_up_for() -> None:
    """The database has its shape, but the process was killed before it had loaded what ships."""
    assert not Team.objects.exists()
    first_start.prepare()
    assert Team.objects.get().is_default


def test_the_administrator_can_sign_in(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    first_start.prepare()
    shown = re.search(r"e-mail\s+(\S+)\s+password\s+(\S+)", capsys.readouterr().out)
    assert shown
    answer = client.post(reverse("account_login"), {"login": shown[1], "password": shown[2]})
    assert answer.status_code == 302
    assert client.session["_auth_user_id"]
