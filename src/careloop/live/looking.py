"""Who looks at a conversation, and who is typing in it: kept in memory, never in the database."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Doing = Literal["viewing", "typing", "left"]
DOINGS: tuple[Doing, ...] = ("viewing", "typing", "left")
LASTS_SECONDS = {"viewing": 45.0, "typing": 8.0}
REPEAT_SECONDS = 3.0


@dataclass
class Look:
    """One person at one conversation."""

    name: str
    doing: Doing
    told_at: float
    until: float


@dataclass
class Looking:
    """The looks of this process. `now` is a clock that only goes forward, in seconds."""

    now: Callable[[], float] = time.monotonic
    _looks: dict[int, dict[int, Look]] = field(default_factory=dict)

    def note(self, conversation_id: int, user_id: int, name: str, doing: Doing) -> bool:
        """Remember what the person does; true when the others should be told.

        The same news again within 3 s is not told again.
        """
        looks = self._looks.setdefault(conversation_id, {})
        before, now = looks.get(user_id), self.now()
        if doing == "left":
            looks.pop(user_id, None)
            self._forget_if_empty(conversation_id)
            return before is not None
        is_news = before is None or before.doing != doing or now - before.told_at >= REPEAT_SECONDS
        told_at = now if is_news or before is None else before.told_at
        looks[user_id] = Look(name, doing, told_at, now + LASTS_SECONDS[doing])
        return is_news

    def at(self, conversation_id: int) -> list[dict[str, object]]:
        """Who is there now, by name; who was not heard of for a while has gone."""
        self._drop_gone(conversation_id)
        looks = self._looks.get(conversation_id, {})
        by_name = sorted(looks.items(), key=lambda item: item[1].name)
        return [{"id": user_id, "name": look.name, "doing": look.doing} for user_id, look in by_name]

    def sweep(self) -> list[int]:
        """Forget who has gone without a word; returns the conversations this has changed."""
        return [conversation_id for conversation_id in list(self._looks) if self._drop_gone(conversation_id)]

    def _drop_gone(self, conversation_id: int) -> bool:
        looks = self._looks.get(conversation_id, {})
        gone = [user_id for user_id, look in looks.items() if look.until < self.now()]
        for user_id in gone:
            del looks[user_id]
        self._forget_if_empty(conversation_id)
        return bool(gone)

    def _forget_if_empty(self, conversation_id: int) -> None:
        if not self._looks.get(conversation_id):
            self._looks.pop(conversation_id, None)
