"""Who may hear what. The gate is given to the stream by `config/asgi.py`, which knows people and conversations."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Viewer:
    """A person at the desk: hears of the conversations of their teams and of those that have no team yet."""

    user_id: int
    name: str
    hears_everything: bool = False
    team_ids: frozenset[int] = field(default_factory=frozenset)

    def may_hear(self, team_id: int | None) -> bool:
        return self.hears_everything or team_id is None or team_id in self.team_ids


@dataclass(frozen=True)
class Guest:
    """A customer with a private link: hears that their own conversation has changed, and nothing else."""

    conversation_id: int


class Gate(Protocol):
    """The questions of the stream; answered from the database, in a thread, without holding a connection."""

    async def viewer(self, cookies: Mapping[str, str]) -> Viewer | None:
        """The signed-in person whose session the cookies name."""
        ...

    async def guest(self, token: str) -> Guest | None:
        """The customer whose signed link this is."""
        ...

    async def teams_of(self, conversation_ids: Collection[int]) -> Mapping[int, int | None]:
        """The team of each conversation; one that is missing here does not exist."""
        ...
