"""Who could take a conversation: two statements, written out.

They run for every message. Built by the ORM each took several times longer to compose than to run, so the SQL is
here, in the words both databases share.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from django.db import connection

from careloop.conversations.models import Conversation
from careloop.routing.choosing import Person
from careloop.routing.heads import aware

TEAM = """
    SELECT team.id, lead.id
    FROM accounts_team AS team
    LEFT JOIN routing_natureteam AS nature ON nature.team_id = team.id AND nature.nature = %s
    LEFT JOIN accounts_user AS lead ON lead.id = team.lead_id AND lead.is_active
    WHERE nature.id IS NOT NULL OR team.id = %s OR team.id = %s OR team.is_default
    ORDER BY CASE
        WHEN nature.id IS NOT NULL THEN 0 WHEN team.id = %s THEN 1 WHEN team.id = %s THEN 2 ELSE 3
    END, team.id
    LIMIT 1
"""
LOCK = " FOR NO KEY UPDATE OF team"

PEOPLE = """
    SELECT person.id,
        EXISTS (
            SELECT 1 FROM accounts_presence AS presence
            WHERE presence.user_id = person.id AND presence.until IS NULL AND presence.state = 'online'
        ),
        (
            SELECT COUNT(*) FROM conversations_conversation AS held
            WHERE held.assignee_id = person.id AND held.state = 'open'
        ),
        person.capacity, person.languages, person.skills,
        (SELECT MAX(turn.claimed_at) FROM routing_queueentry AS turn WHERE turn.claimed_by_id = person.id),
        (
            SELECT earlier.assignee_id FROM conversations_conversation AS earlier
            WHERE earlier.customer_id = %s AND earlier.id <> %s AND earlier.assignee_id IS NOT NULL
            ORDER BY earlier.created_at DESC LIMIT 1
        )
    FROM accounts_user AS person
    JOIN accounts_teammember AS member ON member.user_id = person.id
    WHERE member.team_id = %s AND person.is_active
"""


class TeamFound(NamedTuple):
    id: int
    lead: int | None


def find_team(conversation: Conversation, *, nature: str) -> TeamFound | None:
    """The team that takes this nature, else the one it has, else the inbox's, else the default team.

    On PostgreSQL its row is locked until the transaction ends, so that two messages at once do not both see the
    last free place of an agent. On SQLite the transaction is the lock.
    """
    own, inbox = conversation.team_id or 0, conversation.inbox.team_id or 0
    with connection.cursor() as cursor:
        lock = LOCK if connection.features.has_select_for_update else ""
        cursor.execute(TEAM + lock, [nature, own, inbox, own, inbox])
        row = cursor.fetchone()
    return TeamFound(*row) if row else None


def find_people(team_id: int, conversation: Conversation) -> tuple[list[Person], int | None]:
    """The team's active people with what they hold and when they last got something; and who of all agents
    looked after this customer last."""
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, [conversation.customer_id, conversation.pk, team_id])
        rows = cursor.fetchall()
    return [_person(*row[:-1]) for row in rows], rows[0][-1] if rows else None


def _person(pk: int, is_online: bool, load: int, capacity: int, languages: Any, skills: Any, last: Any) -> Person:
    last_turn = aware(last).timestamp() if last else 0.0
    return Person(pk, bool(is_online), load, capacity, _words(languages), _words(skills), last_turn)


def _words(value: Any) -> frozenset[str]:
    """A JSON list out of a raw row: text on both databases."""
    return frozenset(json.loads(value) if isinstance(value, str) else value)
