"""The small cast that every test knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from careloop.accounts.models import Team, User
    from careloop.conversations.models import Conversation, Inbox
    from careloop.customers.models import Customer


@pytest.fixture(autouse=True)
def _files_in_a_folder_of_the_test(settings: Any, tmp_path: Path) -> None:
    settings.CARELOOP_FILES_DIR = tmp_path / "files"
    settings.CARELOOP_MODELS_DIR = tmp_path / "models"


@pytest.fixture(autouse=True)
def _nothing_remembered_between_tests() -> Iterator[None]:
    from django.core.cache import cache

    from careloop.common import remembering

    yield
    cache.clear()
    remembering.forget_everything()


def _user(email: str, name: str, role: str, team: Team | None = None, **fields: Any) -> User:
    from careloop.accounts.models import TeamMember, User

    user = User.objects.create_user(email, "a long enough password", display_name=name, role=role, **fields)
    if team is not None:
        TeamMember.objects.create(team=team, user=user)
    return user


@pytest.fixture
def care_team(db: None) -> Team:
    from careloop.accounts.models import Team

    return Team.objects.create(name="Care", name_zh="客户关怀组", slug="care", is_default=True)


@pytest.fixture
def wholesale_team(db: None) -> Team:
    from careloop.accounts.models import Team

    return Team.objects.create(name="Wholesale", name_zh="渠道批发组", slug="wholesale")


@pytest.fixture
def lin(care_team: Team) -> User:
    """Lin Xiao, agent of the care team; speaks both languages."""
    return _user("lin@hemu.example", "林晓", "agent", care_team, languages=["zh", "en"], language="zh-hans")


@pytest.fixture
def chen(care_team: Team) -> User:
    """Lead Chen of the care team."""
    lead = _user("chen@hemu.example", "陈主管", "lead", care_team, languages=["zh", "en"])
    care_team.lead = lead
    care_team.save()
    return lead


@pytest.fixture
def bob(wholesale_team: Team) -> User:
    """Bob of the wholesale team: must never see the care team's conversations."""
    return _user("bob@hemu.example", "Bob", "agent", wholesale_team, languages=["en"])


@pytest.fixture
def admin(db: None) -> User:
    return _user("admin@hemu.example", "Administrator", "admin", is_staff=True, is_superuser=True)


def _customer(name: str, email: str, language: str) -> Customer:
    from careloop.customers.models import Customer, Identity

    customer = Customer.objects.create(name=name, language=language)
    Identity.objects.create(customer=customer, kind="email", value=email, is_verified=True)
    return customer


@pytest.fixture
def mei(db: None) -> Customer:
    """王雨晴, a customer who writes Chinese."""
    return _customer("王雨晴", "yuqing.wang@example.com", "zh")


@pytest.fixture
def james(db: None) -> Customer:
    """James Porter, a customer who writes English."""
    return _customer("James Porter", "james.porter@example.com", "en")


def _inbox(kind: str, team: Team, **fields: Any) -> Inbox:
    from careloop.conversations.models import Inbox

    return Inbox.objects.create(kind=kind, name=kind.title(), slug=kind, team=team, **fields)


@pytest.fixture
def email_inbox(care_team: Team) -> Inbox:
    return _inbox("email", care_team, address="care@hemu.example", language="zh")


@pytest.fixture
def portal_inbox(care_team: Team) -> Inbox:
    return _inbox("portal", care_team)


@pytest.fixture
def api_inbox(care_team: Team) -> Inbox:
    return _inbox("api", care_team)


@pytest.fixture
def phone_inbox(care_team: Team) -> Inbox:
    return _inbox("phone", care_team)


@pytest.fixture
def api_token(lin: User) -> str:
    """A token of Lin's with every scope."""
    from careloop.accounts.services import tokens

    scopes = ["messages:write", "conversations:read", "conversations:write"]
    return tokens.issue(lin, name="tests", scopes=scopes)


@pytest.fixture
def complaint(mei: Customer, email_inbox: Inbox) -> Conversation:
    """Mei's complaint about a late refund, with one message nobody has answered."""
    from careloop.conversations.services.posting import Content, add_customer_message
    from careloop.conversations.services.starting import start

    conversation = start(inbox=email_inbox, customer=mei, subject="退款 12 天仍未到账", language="zh")
    text = "你好，我 11 月 9 日申请的退款到现在还没有到账，已经联系过三次客服了。"
    add_customer_message(conversation, Content(text=text, language="zh"), customer=mei)
    return conversation
