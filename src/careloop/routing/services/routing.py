"""Give conversations to people: at arrival, and when somebody becomes free."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Case, Count, Exists, IntegerField, Max, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from careloop.accounts.models import Presence, Team, User
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.conversations.models import Assignment, Conversation, State
from careloop.conversations.services.holding import assign
from careloop.routing import events
from careloop.routing.choosing import Choice, Need, Person, choose
from careloop.routing.heads import Scope, first_places
from careloop.routing.models import QueueEntry
from careloop.routing.priority import PREEMPTS
from careloop.routing.services.queue import PULLED, claim

MOST_AT_ONCE = 20


@writes
def route(conversation: Conversation, entry: QueueEntry) -> Choice | None:
    """Find the team and the person for a waiting conversation, or say why it stays in the queue.

    None when there is nothing to do: it is resolved, or somebody holds it already (and it is not a serious
    complaint that its lead has never had). Records ``conversation.assigned`` or ``queue.held``.
    """
    if entry.state == QueueEntry.State.IDLE or not _may_move(conversation, entry):
        return None
    team = team_for(conversation, entry)
    if team is None:
        return _hold(conversation, entry, None, Choice(None, "no_team"))
    choice = choose(_need(conversation, entry, team), _members(team))
    if choice.person is None:
        return _hold(conversation, entry, team, choice)
    if choice.person == conversation.assignee_id:
        return None
    user = User.objects.get(pk=choice.person)
    assign(conversation, user=user, team=team, by=None, reason=choice.reason)
    return choice


@writes
def pull_next_for(user_id: int, *, now: datetime | None = None) -> list[int]:
    """Somebody came online or has room again: give them the most urgent work that fits, until they are full.

    Returns the conversations they got. Does nothing for people who are not online.
    """
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or not online().filter(user=user).exists():
        return []
    list(_locked(Team.objects.filter(pk__in=user.team_ids).order_by("pk")))
    room = min(user.capacity - Conversation.objects.open().assigned_to(user).count(), MOST_AT_ONCE)
    scope = Scope(user.team_ids | {None}, languages=tuple(user.languages), lacking=_lacking(user))
    places = first_places(scope, now or timezone.now(), room) if room > 0 else []
    entries = QueueEntry.objects.select_related("conversation").in_bulk([place.id for place in places])
    taken = [claim(entries[place.id], user, reason=PULLED) for place in places]
    return [conversation.pk for conversation in taken if conversation is not None]


def team_for(conversation: Conversation, entry: QueueEntry) -> Team | None:
    """The team that takes this nature, else the one it has, else the inbox's, else the default team. One query.

    On PostgreSQL its row is locked until the transaction ends, so that two messages at once do not both see the
    last free place of an agent.
    """
    steps = [
        When(natures__nature=entry.skill, then=Value(0)),
        When(pk=conversation.team_id, then=Value(1)),
        When(pk=conversation.inbox.team_id, then=Value(2)),
    ]
    rank = Case(*steps, When(is_default=True, then=Value(3)), default=Value(9), output_field=IntegerField())
    teams = Team.objects.annotate(place=rank).filter(place__lt=9).order_by("place", "pk")
    return _locked(teams.select_related("lead")).first()


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
    is_class_d = entry.parts["inputs"]["handling_class"] == "D"
    return is_class_d and not Assignment.objects.filter(
        conversation=entry.conversation_id, reason="class_d"
    ).exists()  # fmt: skip


def _need(conversation: Conversation, entry: QueueEntry, team: Team) -> Need:
    lead = team.lead if team.lead is not None and team.lead.is_active else None
    return Need(
        language=conversation.language,
        skill=entry.skill,
        last_agent=_last_agent(conversation),
        lead=lead.pk if lead else None,
        is_class_d=entry.parts["inputs"]["handling_class"] == "D",
        is_danger=entry.tier == PREEMPTS,
    )


def _last_agent(conversation: Conversation) -> int | None:
    """Who looked after this customer's latest other conversation."""
    others = Conversation.objects.filter(customer=conversation.customer_id, assignee__isnull=False)
    return others.exclude(pk=conversation.pk).order_by("-created_at").values_list("assignee", flat=True).first()


def _members(team: Team) -> list[Person]:
    """The team's active people with what they hold and when they last got something. One query."""
    holds = Conversation.objects.filter(assignee=OuterRef("pk"), state=State.OPEN).order_by().values("assignee")
    turns = QueueEntry.objects.filter(claimed_by=OuterRef("pk")).order_by().values("claimed_by")
    people = User.objects.filter(memberships__team=team, is_active=True).values_list(
        "pk",
        Exists(online().filter(user=OuterRef("pk"))),
        Coalesce(Subquery(holds.annotate(n=Count("*")).values("n")), 0),
        "capacity",
        "languages",
        "skills",
        Subquery(turns.annotate(at=Max("claimed_at")).values("at")),
    )
    return [_person(*row) for row in people]


def _person(
    pk: int, is_online: bool, load: int, capacity: int, languages: list[str], skills: list[str], last: datetime | None
) -> Person:
    last_turn = last.timestamp() if last else 0.0
    return Person(pk, is_online, load, capacity, frozenset(languages), frozenset(skills), last_turn)


def _hold(conversation: Conversation, entry: QueueEntry, team: Team | None, choice: Choice) -> Choice:
    """It stays in the queue, of the right team, with the reason to be seen. Records ``queue.held``, once a reason."""
    if team is not None and team.pk != conversation.team_id:
        assign(conversation, user=None, team=team, by=None, reason="nature")
    if entry.held_because != choice.reason:
        QueueEntry.objects.filter(pk=entry.pk).update(held_because=choice.reason)
        entry.held_because = choice.reason
        record(events.QUEUE_HELD, conversation_id=conversation.pk, data={"reason": choice.reason})
    return choice
