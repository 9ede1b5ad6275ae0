"""The mail account of an inbox in the settings: presets, hints, secrets that go in and never come out."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from careloop.accounts.models import User
from careloop.channels.email.accounts import account_of
from careloop.channels.secrets import opened
from careloop.conversations.models import Inbox

pytestmark = pytest.mark.django_db
GIVEN = {
    "kind": "email", "name": "客户关怀",
    "slug": "care-163", "address": "nuanya@163.com", "language": "zh", "is_active": "on",
    "provider": "163", "password": "CODE-16-letters", "acknowledge": "on", "smtp_port": "994",
}  # fmt: skip


@pytest.fixture
def signed_in(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def _post(client: Client, url: str, **changed: str) -> None:
    answer = client.post(url, {**GIVEN, **changed})
    assert answer.status_code == 302, answer.context["adminform"].errors


def test_a_163_inbox_needs_its_name_and_the_authorisation_code_only(signed_in: Client) -> None:
    _post(signed_in, reverse("admin:conversations_inbox_add"))
    account = account_of(Inbox.objects.get(slug="care-163"))
    assert account.imap is not None
    assert account.smtp is not None
    assert (account.imap.host, account.smtp.port, account.needs_id) == ("imap.163.com", 994, True)
    assert (account.password, account.acknowledges) == ("CODE-16-letters", True)


def test_the_code_is_never_shown_and_an_empty_field_keeps_it(signed_in: Client) -> None:
    _post(signed_in, reverse("admin:conversations_inbox_add"))
    inbox = Inbox.objects.get(slug="care-163")
    url = reverse("admin:conversations_inbox_change", args=[inbox.pk])
    page = signed_in.get(url).content.decode()
    assert "CODE-16" not in page
    assert inbox.secrets not in page
    _post(signed_in, url, password="", smtp_port="", display_name="禾木")
    inbox.refresh_from_db()
    assert opened(inbox) == {"password": "CODE-16-letters"}
    assert inbox.settings == {"provider": "163", "display_name": "禾木", "acknowledge": True}


def test_the_hint_of_the_provider_is_said_in_the_readers_language(signed_in: Client, admin: User) -> None:
    _post(signed_in, reverse("admin:conversations_inbox_add"))
    url = reverse("admin:conversations_inbox_change", args=[Inbox.objects.get(slug="care-163").pk])
    assert "authorisation code" in signed_in.get(url).content.decode()
    admin.language = "zh-hans"
    admin.save()
    assert "授权码" in signed_in.get(url).content.decode()


def test_an_email_inbox_without_an_address_is_refused(signed_in: Client) -> None:
    answer = signed_in.post(reverse("admin:conversations_inbox_add"), {**GIVEN, "address": ""})
    assert answer.status_code == 200
    assert not Inbox.objects.filter(slug="care-163").exists()


def test_trying_an_unreachable_mailbox_says_why(signed_in: Client, email_inbox: Inbox) -> None:
    email_inbox.settings = {"imap": {"host": "127.0.0.1", "port": 1, "security": "none"}}
    email_inbox.save()
    url = reverse("admin:conversations_inbox_changelist")
    answer = signed_in.post(url, {"action": "try_mailbox", "_selected_action": [email_inbox.pk]}, follow=True)
    assert "127.0.0.1:1" in answer.content.decode()


def test_an_inbox_in_use_is_not_deleted(signed_in: Client, complaint: object, email_inbox: Inbox) -> None:
    url = reverse("admin:conversations_inbox_delete", args=[email_inbox.pk])
    assert signed_in.post(url, {"post": "yes"}).status_code == 403


def test_an_agent_may_not_look(client: Client, lin: User, email_inbox: Inbox) -> None:
    client.force_login(lin)
    assert client.get(reverse("admin:conversations_inbox_changelist")).status_code == 302
