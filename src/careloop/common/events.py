"""Every change records one event, in the transaction of the change.

Listeners are in one table, ``careloop.config.subscriptions``: ``now`` listeners run in the same transaction,
``later`` listeners are tasks enqueued in it. A room below causes something above only in this way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from careloop.common.db.rows import insert
from careloop.common.jobs.backend import enqueue_each

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import AbstractBaseUser

    from careloop.common.models import Event

NOTIFY_CHANNEL = "careloop_events"


@dataclass(frozen=True)
class Listener:
    """One line of the subscriptions table."""

    path: str
    is_later: bool
    when: tuple[tuple[str, object], ...] = ()

    def minds(self, event: Event) -> bool:
        """Whether it is for this event. Imported history (``past`` in the data) is noted but sets nothing in motion."""
        if self.is_later and event.data.get("past"):
            return False
        return all(event.data.get(key) == value for key, value in self.when)

    def load(self) -> Any:
        """The function to call, or the task to enqueue."""
        return _load(self.path)


def now(path: str, **when: object) -> Listener:
    """Call ``path(event)`` in the same transaction: for what must never disagree with the change."""
    return Listener(path, is_later=False, when=tuple(when.items()))


def later(path: str, **when: object) -> Listener:
    """Enqueue the task at ``path`` with the event's id: for what may wait, fail and be tried again.

    ``when``, here as in ``now``, names values of the event's data that must be there: nothing is done for nothing.
    """
    return Listener(path, is_later=True, when=tuple(when.items()))


Subscriptions = Mapping[str, tuple[Listener, ...]]


@cache
def _load(path: str) -> Any:
    return import_string(path)


@cache
def subscriptions() -> Subscriptions:
    table: Subscriptions = import_string(settings.CARELOOP_SUBSCRIPTIONS)
    return table


def record(
    name: str,
    *,
    conversation_id: int | None = None,
    by: AbstractBaseUser | None = None,
    subject: str = "",
    subject_id: int | None = None,
    at: datetime | None = None,
    data: dict[str, Any] | None = None,
    about: Any = None,
) -> Event:
    """Write one event row and tell its listeners.

    The caller holds the transaction of the change; outside one this fails loudly, because an event that
    commits apart from its change is a lie. ``at`` is for imports and demo data that tell of the past.
    ``about`` is the subject itself, for listeners of the same transaction: it saves them reading it again.
    """
    from careloop.common.models import Event

    assert transaction.get_connection().in_atomic_block, f"{name} recorded outside a transaction"
    event = Event(
        name=name,
        at=at or timezone.now(),
        actor_id=by.pk if by is not None else None,
        conversation_id=conversation_id,
        subject=subject,
        subject_id=subject_id,
        data=data or {},
    )
    event.about = about
    insert([event])
    _notify_streams(event)
    _tell(event)
    return event


def _tell(event: Event) -> None:
    """Call who must hear of it in this transaction, in the order of the table, and enqueue what may wait."""
    concerned = [each for each in subscriptions().get(event.name, ()) if each.minds(event)]
    for listener in concerned:
        if not listener.is_later:
            listener.load()(event)
    later = [each.load() for each in concerned if each.is_later]
    if later:
        enqueue_each(later, event.pk)


def _notify_streams(event: Event) -> None:
    """On PostgreSQL the stream processes listen; on SQLite they poll the data version."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [NOTIFY_CHANNEL, str(event.pk)])


Handler = Callable[["Event"], None]
