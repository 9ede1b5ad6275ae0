"""An administrator signs in at the mail provider and the inbox gets its tokens: over a real token server."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from tests.servers.dovecot import Dovecot, running_dovecot
from tests.servers.tokens import TokenServer

from careloop.accounts.models import User
from careloop.channels.email import consent, polling
from careloop.channels.email.accounts import account_of
from careloop.channels.email.oauth import access_token
from careloop.channels.email.tests.mails import customer_mail
from careloop.channels.secrets import keep_secrets, opened
from careloop.common.models import Event
from careloop.conversations.models import Inbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider() -> Iterator[TokenServer]:
    server = TokenServer()
    server.return_addresses.add(consent.return_address())
    server.start()
    yield server
    server.stop()


def connectable(inbox: Inbox, server: TokenServer, **settings: Any) -> Inbox:
    """The inbox of a provider with endpoints of its own, saved but not signed in."""
    inbox.settings = {
        "oauth": {
            "authorize_url": server.authorize_url, "token_url": server.token_url, "client_id": "desk", "scope": "mail",
        },
        **settings,
    }  # fmt: skip
    inbox.save()
    keep_secrets(inbox, client_secret="hush")
    return inbox


@pytest.fixture
def inbox(email_inbox: Inbox, provider: TokenServer) -> Inbox:
    return connectable(email_inbox, provider)


@pytest.fixture
def as_admin(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def leave(client: Client, inbox: Inbox) -> str:
    """The address at the provider that the button leads to."""
    answer = client.get(reverse("admin:channels_ask_consent", args=[inbox.pk]))
    assert answer.status_code == 302, answer.content
    return answer["Location"]


def agree(address: str) -> str:
    """What a browser does there: the address it is sent back to."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    assert answer.status == 302
    return answer.headers["Location"]


def come_back(client: Client, address: str) -> str:
    parts = urlsplit(address)
    page = client.get(f"{parts.path}?{parts.query}", follow=True)
    assert page.status_code == 200
    return page.text


def test_signing_in_keeps_the_tokens_encrypted(as_admin: Client, inbox: Inbox, provider: TokenServer) -> None:
    said = come_back(as_admin, agree(leave(as_admin, inbox)))
    assert "Signed in." in said
    stored = Inbox.objects.get(pk=inbox.pk)
    assert opened(stored)["refresh_token"] == f"refresh-of-{inbox.address}"
    assert "refresh-of" not in stored.secrets + said
    assert account_of(stored).auth == "xoauth2"
    assert access_token(account_of(stored)) == f"token-1-for-{inbox.address}"
    assert access_token(account_of(stored), renew=True) == f"token-2-for-{inbox.address}"


def test_who_connected_it_is_recorded(as_admin: Client, inbox: Inbox, admin: User) -> None:
    come_back(as_admin, agree(leave(as_admin, inbox)))
    event = Event.objects.get(name="inbox.connected")
    assert (event.actor, event.subject_id) == (admin, inbox.pk)


def test_the_question_carries_pkce_state_and_the_address(as_admin: Client, inbox: Inbox) -> None:
    asked = parse_qs(urlsplit(leave(as_admin, inbox)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert len(asked["state"][0]) >= 40
    assert asked["redirect_uri"] == [consent.return_address()]
    assert (asked["login_hint"], asked["scope"]) == ([inbox.address], ["mail"])


def test_a_challenge_is_that_of_the_standard() -> None:
    # RFC 7636, appendix B.
    assert consent.challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == (
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


@pytest.mark.parametrize(("preset", "name", "asks"), [("gmail", "Google", "access_type"), ("outlook", "Microsoft", "")])
def test_the_known_providers_have_their_button(
    as_admin: Client, email_inbox: Inbox, preset: str, name: str, asks: str
) -> None:
    email_inbox.settings = {"provider": preset, "oauth": {"client_id": "desk"}}
    email_inbox.save()
    page = as_admin.get(reverse("admin:conversations_inbox_change", args=[email_inbox.pk])).text
    assert f"Sign in with {name}" in page
    assert consent.return_address() in page
    asked = parse_qs(urlsplit(leave(as_admin, email_inbox)).query)
    assert asks in asked or not asks


def test_an_inbox_that_has_no_such_way_has_no_button(as_admin: Client, email_inbox: Inbox, portal_inbox: Inbox) -> None:
    for each in (email_inbox, portal_inbox):
        page = as_admin.get(reverse("admin:conversations_inbox_change", args=[each.pk])).text
        assert "Sign in with" not in page.replace("when you sign in with", "")


def test_an_answer_is_good_once(as_admin: Client, inbox: Inbox) -> None:
    back = agree(leave(as_admin, inbox))
    come_back(as_admin, back)
    assert "not begun in this browser" in come_back(as_admin, back)


def test_an_answer_that_another_browser_asked_for_is_refused(as_admin: Client, inbox: Inbox, admin: User) -> None:
    back = agree(leave(as_admin, inbox))
    other = Client()
    other.force_login(admin)
    assert "not begun in this browser" in come_back(other, back)
    assert "refresh_token" not in opened(Inbox.objects.get(pk=inbox.pk))


def test_an_answer_that_comes_too_late_is_refused(
    as_admin: Client, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = agree(leave(as_admin, inbox))
    later = consent.time.time() + consent.GOOD_FOR_SECONDS + 1
    monkeypatch.setattr(consent.time, "time", lambda: later)
    assert "ten minutes" in come_back(as_admin, back)


def test_a_forged_state_is_refused(as_admin: Client, inbox: Inbox) -> None:
    leave(as_admin, inbox)
    assert "not begun in this browser" in come_back(as_admin, f"{consent.return_address()}?code=x&state=guessed")


def test_two_inboxes_can_be_signed_in_side_by_side(
    as_admin: Client, inbox: Inbox, care_team: Any, provider: TokenServer
) -> None:
    second = Inbox.objects.create(
        kind="email", name="Second", slug="second", address="second@hemu.example", team=care_team
    )
    connectable(second, provider)
    first_back, second_back = agree(leave(as_admin, inbox)), agree(leave(as_admin, second))
    come_back(as_admin, first_back)
    come_back(as_admin, second_back)
    for each in (inbox, second):
        assert opened(Inbox.objects.get(pk=each.pk))["refresh_token"] == f"refresh-of-{each.address}"


def test_a_sign_in_that_was_cancelled_says_so_and_keeps_what_was(as_admin: Client, inbox: Inbox) -> None:
    keep_secrets(inbox, refresh_token="before")
    state = parse_qs(urlsplit(leave(as_admin, inbox)).query)["state"][0]
    said = come_back(as_admin, f"{consent.return_address()}?error=access_denied&state={state}")
    assert "was cancelled there" in said
    assert opened(Inbox.objects.get(pk=inbox.pk))["refresh_token"] == "before"


def test_a_refusal_we_have_no_words_for_is_said_in_the_providers_without_its_markup(
    as_admin: Client, inbox: Inbox
) -> None:
    state = parse_qs(urlsplit(leave(as_admin, inbox)).query)["state"][0]
    said = come_back(
        as_admin, f"{consent.return_address()}?error=odd&error_description=AADSTS50105+%3Cscript%3E&state={state}"
    )
    assert "The provider refused: AADSTS50105 &lt;script&gt;" in said


def test_a_wrong_client_secret_says_so(as_admin: Client, inbox: Inbox) -> None:
    keep_secrets(inbox, client_secret="wrong")
    said = come_back(as_admin, agree(leave(as_admin, inbox)))
    assert "The provider refused the sign-in (invalid_client)." in said


def test_a_provider_that_gives_no_refresh_token_is_not_taken(
    as_admin: Client, inbox: Inbox, provider: TokenServer
) -> None:
    provider.gives_refresh_tokens = False
    said = come_back(as_admin, agree(leave(as_admin, inbox)))
    assert "allow offline access there" in said
    assert "access_token" not in opened(Inbox.objects.get(pk=inbox.pk))


@pytest.mark.parametrize("lacking", ["client_id", "token_url"])
def test_what_is_still_missing_is_asked_for(as_admin: Client, inbox: Inbox, lacking: str) -> None:
    del inbox.settings["oauth"][lacking]
    inbox.save()
    page = as_admin.get(reverse("admin:channels_ask_consent", args=[inbox.pk]), follow=True)
    assert "save, and try again." in page.text


def test_it_is_all_said_in_chinese_too(as_admin: Client, inbox: Inbox, admin: User) -> None:
    admin.language = "zh-hans"
    admin.save()
    assert "登录成功" in come_back(as_admin, agree(leave(as_admin, inbox)))
    state = parse_qs(urlsplit(leave(as_admin, inbox)).query)["state"][0]
    assert "取消" in come_back(as_admin, f"{consent.return_address()}?error=access_denied&state={state}")


def test_strangers_and_agents_are_turned_away(client: Client, inbox: Inbox, lin: User) -> None:
    address = reverse("admin:channels_ask_consent", args=[inbox.pk])
    assert "login" in client.get(address)["Location"]
    client.force_login(lin)
    assert "login" in client.get(address)["Location"]
    assert "login" in client.get(reverse("admin:channels_consent"))["Location"]


def test_staff_without_the_permission_is_refused(client: Client, inbox: Inbox, lin: User) -> None:
    lin.is_staff = True
    lin.save()
    client.force_login(lin)
    assert client.get(reverse("admin:channels_ask_consent", args=[inbox.pk])).status_code == 403


def test_a_missing_inbox_is_not_found(as_admin: Client, db: None) -> None:
    assert as_admin.get(reverse("admin:channels_ask_consent", args=[999_999])).status_code == 404


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with running_dovecot() as server:
        yield server


@pytest.mark.mailserver
def test_the_mailbox_is_read_with_what_the_sign_in_brought(
    as_admin: Client, email_inbox: Inbox, dovecot: Dovecot
) -> None:
    dovecot.tokens.return_addresses.add(consent.return_address())
    imap = {"host": "127.0.0.1", "port": dovecot.imap_port, "security": "none"}
    inbox = connectable(email_inbox, dovecot.tokens, imap=imap)
    dovecot.deliver(customer_mail(text="one"), recipient=inbox.address)
    assert "Signed in." in come_back(as_admin, agree(leave(as_admin, inbox)))
    assert polling.poll(Inbox.objects.get(pk=inbox.pk)) == 1


@pytest.mark.mailserver
def test_signing_in_with_the_wrong_account_is_noticed(as_admin: Client, email_inbox: Inbox, dovecot: Dovecot) -> None:
    dovecot.tokens.return_addresses.add(consent.return_address())
    imap = {"host": "127.0.0.1", "port": dovecot.imap_port, "security": "none"}
    inbox = connectable(email_inbox, dovecot.tokens, imap=imap)
    elsewhere = leave(as_admin, inbox).replace("login_hint=care", "login_hint=somebody")
    said = come_back(as_admin, agree(elsewhere))
    assert "does not open with it" in said
