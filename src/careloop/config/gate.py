"""Answers the stream's questions about who may hear what, from sessions, people, teams and conversations."""

from collections.abc import Callable, Collection, Mapping
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections
from django.utils.crypto import constant_time_compare

from careloop.accounts.models import User
from careloop.conversations.links import conversation_for
from careloop.conversations.models import Conversation
from careloop.live.gate import Guest, Viewer

P = ParamSpec("P")
T = TypeVar("T")


class DatabaseGate:
    """Reads the session from the database itself: a cache of this process would not hear of signing out."""

    async def viewer(self, cookies: Mapping[str, str]) -> Viewer | None:
        return await _in_thread(_viewer, cookies.get(settings.SESSION_COOKIE_NAME, ""))

    async def guest(self, token: str) -> Guest | None:
        return await _in_thread(_guest, token)

    async def teams_of(self, conversation_ids: Collection[int]) -> Mapping[int, int | None]:
        return await _in_thread(_teams_of, frozenset(conversation_ids))


def _viewer(session_key: str) -> Viewer | None:
    session = SessionStore(session_key).load() if session_key else {}
    user = User.objects.filter(pk=session[SESSION_KEY], is_active=True).first() if SESSION_KEY in session else None
    if user is None or session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    # As django.contrib.auth.get_user does: a changed password ends the sessions made with the old one.
    if not constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
        return None
    return Viewer(user.pk, str(user), user.is_administrator, user.team_ids)


def _guest(token: str) -> Guest | None:
    conversation = conversation_for(token)
    return Guest(conversation.pk) if conversation else None


def _teams_of(conversation_ids: Collection[int]) -> Mapping[int, int | None]:
    return dict(Conversation.objects.filter(pk__in=conversation_ids).values_list("pk", "team_id"))


async def _in_thread(question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    def ask() -> T:
        try:
            return question(*args, **kwargs)
        finally:
            close_old_connections()

    return await sync_to_async(ask, thread_sensitive=True)()
