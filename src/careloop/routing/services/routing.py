"""Give conversations to people: at arrival, and when somebody becomes free."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from careloop.accounts.models import Presence, Team, User
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.conversations.models import Assignment, Conversation
from careloop.conversations.services.holding import give
from careloop.conversations.services.locking import locked
from careloop.routing import events
from careloop.routing.choosing import Choice, Need, choose
from careloop.routing.heads import Scope, first_places
from careloop.routing.models import QueueEntry
from careloop.routing.people import TeamFound, find_people, find_team
from careloop.routing.priority import PREEMPTS
from careloop.routing.services.queue import PULLED, claim

MOST_AT_ONCE = 20


@writes
def route(conversation: Conversation, entry: QueueEntry) -> Choice | None:
    """Find the team and the person for a waiting conversation, or say why it stays in the queue.

    None when there is nothing to do: it is resolved, or somebody holds it already (and it is not a serious
    complaint that its lead has never had). Records ``conversation.assigned`` or ``queue.held``.
    """
    if entry.state == QueueEntry.State.IDLE or not _may_move(locked(conversation), entry):
        return None
    team = find_team(conversation, nature=entry.skill)
    if team is None:
        return _hold(conversation, entry, None, Choice(None, "no_team"))
    people, last_agent = find_people(team.id, conversation)
    choice = choose(_need(conversation, entry, team, last_agent), people)
    if choice.person is None:
        return _hold(conversation, entry, team, choice)
    if choice.person == conversation.assignee_id:
        return None
    give(conversation, user_id=choice.person, team_id=team.id, by=None, reason=choice.reason)
    return choice


def pull_next_for(user_id: int, *, now: datetime | None = None) -> list[int]:
    """Somebody came online or has room again: give them the most urgent work that fits, until they are full.

    Returns the conversations they got, each in a transaction of its own. Nothing for people who are not online.
    """
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or not online().filter(user=user).exists():
        return []
    scope = Scope(user.team_ids | {None}, languages=tuple(user.languages), lacking=_lacking(user))
    places = first_places(scope, now or timezone.now(), MOST_AT_ONCE) if _room(user) > 0 else []
    entries = QueueEntry.objects.select_related("conversation").in_bulk([place.id for place in places])
    taken: list[int] = []
    for place in places:
        if not _give(entries[place.id], user, taken):
            break
    return taken


@writes
def _give(entry: QueueEntry, user: User, taken: list[int]) -> bool:
    """Claim one entry for somebody who still has room; False once they have none.

    Locks as every change of a queued conversation does: the conversation, then the team, then the entry.
    """
    locked(entry.conversation)
    list(_locked(Team.objects.filter(pk__in=user.team_ids).order_by("pk")))
    if _room(user) <= 0:
        return False
    conversation = claim(entry, user, reason=PULLED)
    if conversation is not None:
        taken.append(conversation.pk)
    return True


def _room(user: User) -> int:
    return user.capacity - Conversation.objects.open().assigned_to(user).count()


def online() -> QuerySet[Presence]:
    """Who is at the desk now."""
    return Presence.objects.filter(until=None, state=Presence.State.ONLINE)


def _lacking(user: User) -> tuple[str, ...]:
    """The skills that teammates list and this person does not: work that asks for one of them is theirs."""
    mates = User.objects.filter(memberships__team__in=user.team_ids, is_active=True).values_list("skills", flat=True)
    return tuple(sorted({skill for skills in mates for skill in skills} - set(user.skills)))


def _locked(teams: QuerySet[Team]) -> QuerySet[Team]:
    """Places are given away under the team's lock; without the key, so that rows pointing at the team go on."""
    return teams.select_for_update(of=("self",), no_key=True)


def _may_move(conversation: Conversation, entry: QueueEntry) -> bool:
    if conversation.is_resolved:
        return False
    return conversation.assignee_id is None or _wants_lead(entry)


def _wants_lead(entry: QueueEntry) -> bool:
    """A serious complaint goes up once; a lead who hands it on is not given it again."""
    return _is_class_d(entry) and not Assignment.objects.filter(
        conversation=entry.conversation_id, reason="class_d"
    ).exists()  # fmt: skip


def _need(conversation: Conversation, entry: QueueEntry, team: TeamFound, last_agent: int | None) -> Need:
    return Need(
        language=conversation.language,
        skill=entry.skill,
        last_agent=last_agent,
        lead=team.lead,
        is_class_d=_is_class_d(entry),
        is_danger=entry.tier == PREEMPTS,
    )


def _is_class_d(entry: QueueEntry) -> bool:
    return bool(entry.parts["inputs"]["handling_class"] == "D")


def _hold(conversation: Conversation, entry: QueueEntry, team: TeamFound | None, choice: Choice) -> Choice:
    """It stays in the queue, of the right team, with the reason to be seen. Records ``queue.held``, once a reason."""
    if team is not None and team.id != conversation.team_id:
        give(conversation, user_id=None, team_id=team.id, by=None, reason="nature")
    if entry.held_because != choice.reason:
        QueueEntry.objects.filter(pk=entry.pk).update(held_because=choice.reason)
        entry.held_because = choice.reason
        record(events.QUEUE_HELD, conversation_id=conversation.pk, data={"reason": choice.reason})
    return choice
