"""How a person is known again at each request: Django's and allauth's ways, with the query built once."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet

from careloop.accounts.models import User
from careloop.common.db.prepared import prepared


@prepared
def _person(pk: int) -> QuerySet[User]:
    return User.objects.filter(pk=pk)


class ByAddress(ModelBackend):
    """With address and password, as the admin's form asks for them."""

    def get_user(self, user_id: Any) -> User | None:
        """The person of a session; None for one who is gone or no longer active."""
        user = _person.first(int(user_id))
        return user if user is not None and self.user_can_authenticate(user) else None


class ByAccount(ByAddress, AuthenticationBackend):
    """As the sign-in page does."""
