"""Write the facts when the change that ends an interval is recorded."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from careloop.analytics.models import Interval
from careloop.business_hours.services import default_schedule
from careloop.common.db.rows import insert
from careloop.conversations.models import Conversation, Message

if TYPE_CHECKING:
    from careloop.common.models import Event

LONGEST_SECONDS = 2_147_483_647


def on_reply(event: Event) -> None:
    """An answered turn is one response; the first answer of a conversation is its first response too.

    A customer's messages in a row are one turn, and so are ours: only an answer that ended a wait counts
    (domain 3, ART and FRT). Automatic messages record another event and never come here.
    """
    since = event.data.get("waited_since")
    if since is None:
        return
    started_at = datetime.fromisoformat(since)
    kinds = [Interval.Kind.RESPONSE]
    if event.data.get("is_first"):
        kinds.append(Interval.Kind.FIRST_RESPONSE)
    _write(event, kinds, started_at)


def on_resolved(event: Event) -> None:
    """From the first message to this resolution; a later one, after a reopening, is another interval."""
    assert event.conversation_id is not None
    created_at = Conversation.objects.values_list("created_at", flat=True).get(pk=event.conversation_id)
    _write(event, [Interval.Kind.RESOLUTION], created_at)


def _write(event: Event, kinds: list[Interval.Kind], started_at: datetime) -> None:
    assert event.conversation_id is not None
    schedule = default_schedule()
    ended_at = max(event.at, started_at)
    insert([
        Interval(
            kind=kind, conversation_id=event.conversation_id, user_id=event.actor_id, team_id=_team_of(event),
            started_at=started_at, ended_at=ended_at,
            seconds=min(int((ended_at - started_at).total_seconds()), LONGEST_SECONDS),
            business_seconds=min(int(schedule.seconds_between(started_at, ended_at)), LONGEST_SECONDS),
            schedule=schedule.version,
        )
        for kind in kinds
    ])  # fmt: skip


def _team_of(event: Event) -> int | None:
    if isinstance(event.about, Message):
        return event.about.conversation.team_id
    assert event.conversation_id is not None
    return Conversation.objects.values_list("team_id", flat=True).get(pk=event.conversation_id)
