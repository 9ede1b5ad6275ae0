"""``visible_to`` against an obvious second implementation, over every combination of person and conversation."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from careloop.accounts.models import Role, Team, TeamMember, User
from careloop.accounts.permissions import GRANTED, Permission, can
from careloop.conversations.models import Conversation
from careloop.conversations.services.starting import start

pytestmark = pytest.mark.django_db


def plainly(user: User, teams: set[str], conversation_team: str | None) -> bool:
    """As one would say it: the inactive see nothing, administrators all, others their teams' and the unrouted."""
    if not user.is_active:
        return False
    if user.role == "admin":
        return True
    return conversation_team is None or conversation_team in teams


def test_every_person_sees_exactly_what_the_rule_says(
    care_team: Team, wholesale_team: Team, email_inbox: Any, mei: Any
) -> None:
    teams = {"care": care_team, "wholesale": wholesale_team}
    rows: dict[str | None, Conversation] = {}
    for name in ("care", "wholesale", None):
        rows[name] = start(inbox=email_inbox, customer=mei)
        Conversation.objects.filter(pk=rows[name].pk).update(team=teams[name] if name else None)
    memberships = [set(), {"care"}, {"wholesale"}, {"care", "wholesale"}]
    for number, (role, member_of, active) in enumerate(product(Role.values, memberships, (True, False))):
        user = User.objects.create_user(f"{number}@hemu.example", None, role=role, is_active=active)
        TeamMember.objects.bulk_create(TeamMember(team=teams[name], user=user) for name in member_of)
        seen = set(Conversation.objects.visible_to(User.objects.get(pk=user.pk)).values_list("pk", flat=True))
        assert seen == {rows[name].pk for name in rows if plainly(user, member_of, name)}, (role, member_of, active)


def test_somebody_signed_out_sees_nothing(complaint: Any) -> None:
    assert not Conversation.objects.visible_to(AnonymousUser()).exists()


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("permission", list(Permission))
def test_a_role_may_what_the_list_grants_and_a_refusal_says_why(role: str, permission: Permission, db: None) -> None:
    user = User.objects.create_user("one@hemu.example", None, role=role)
    answer = can(user, permission)
    assert bool(answer) is (permission in GRANTED[role])
    if not answer:
        assert str(getattr(answer, "reason", ""))


def test_nobody_may_anything_signed_out() -> None:
    assert not any(can(AnonymousUser(), permission) for permission in Permission)
