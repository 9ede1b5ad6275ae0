"""Who should get a conversation: a pure choice among people. No database, no framework."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the team as routing sees them. ``last_turn`` orders the round: smaller is longer ago."""

    id: int
    is_online: bool
    load: int
    capacity: int
    languages: frozenset[str]
    skills: frozenset[str]
    last_turn: float

    def speaks(self, language: str) -> bool:
        """Somebody who named no language is taken to manage all."""
        return not language or not self.languages or language in self.languages


@dataclass(frozen=True, slots=True)
class Need:
    """What the conversation asks for. ``last_agent`` looked after this customer before."""

    language: str = ""
    skill: str = ""
    last_agent: int | None = None
    lead: int | None = None
    is_class_d: bool = False
    is_danger: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Who (None: it stays in the queue) and the code of the reason."""

    person: int | None
    reason: str


def choose(need: Need, team: Sequence[Person]) -> Choice:
    """Class D goes to the lead. Danger goes to whoever is there, full or not. Else: the customer's last agent, or
    among those online who speak the language, have the skill and have room, the one whose turn it is.

    A skill counts only if somebody of the team lists it; otherwise nobody would ever fit.
    """
    if need.is_class_d and need.lead is not None:
        return Choice(need.lead, "class_d")
    if need.is_danger:
        return _for_danger(need, team)
    return _ordinary(need, team)


def _ordinary(need: Need, team: Sequence[Person]) -> Choice:
    skill = need.skill if any(need.skill in person.skills for person in team) else ""
    if not team:
        return Choice(None, "nobody")
    steps: tuple[tuple[str, Callable[[Person], bool]], ...] = (
        ("nobody_online", lambda person: person.is_online),
        ("no_language", lambda person: person.speaks(need.language)),
        ("no_skill", lambda person: not skill or skill in person.skills or person.id == need.last_agent),
        ("all_full", lambda person: person.load < person.capacity),
    )
    fitting = list(team)
    for reason, fits in steps:
        fitting = [person for person in fitting if fits(person)]
        if not fitting:
            return Choice(None, reason)
    if any(person.id == need.last_agent for person in fitting):
        return Choice(need.last_agent, "sticky")
    return Choice(_longest_ago(fitting).id, "skill" if skill else "round_robin")


def _for_danger(need: Need, team: Sequence[Person]) -> Choice:
    online = [person for person in team if person.is_online]
    speaking = [person for person in online if person.speaks(need.language)] or online
    if speaking:
        return Choice(min(speaking, key=lambda person: (person.load, person.last_turn, person.id)).id, "danger")
    if need.lead is not None:
        return Choice(need.lead, "danger_lead")
    return Choice(None, "nobody_online")


def _longest_ago(people: Sequence[Person]) -> Person:
    return min(people, key=lambda person: (person.last_turn, person.id))
