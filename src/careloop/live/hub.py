"""Carries lines from the bus to the streams that may hear them.

A stream is a queue in memory: no thread, no database connection. The last lines are kept, so that a browser
that reconnects with Last-Event-ID loses nothing; one that was away for longer is told to fetch everything anew.
"""

import asyncio
import json
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from careloop.live.bus import Bus, Line
from careloop.live.gate import Gate, Guest, Viewer

KEPT_LINES = 5000
QUEUE_LENGTH = 1000
# What a customer's page may learn of: never notes, assignments of blame, scores or drafts.
GUEST_NAMES = ("message.received", "message.posted", "conversation.", "delivery.sent", "survey.")
REFETCH = {"name": "refetch", "conversation_id": None}

Teams = Mapping[int, int | None]


@dataclass(eq=False)
class Stream:
    """One open connection. `closing` is set when it must end, such as after signing out."""

    listener: Viewer | Guest
    queue: "asyncio.Queue[bytes]" = field(default_factory=lambda: asyncio.Queue(QUEUE_LENGTH))
    closing: bool = False

    def hears(self, line: Line, teams: Teams) -> bool:
        """True when the line is for this listener; lines without a conversation are for everybody at the desk."""
        if isinstance(self.listener, Guest):
            return line.conversation_id == self.listener.conversation_id and line.name.startswith(GUEST_NAMES)
        if line.conversation_id is None:
            return True
        # Of a conversation that no longer exists nobody but an administrator hears.
        known = line.conversation_id in teams
        return self.listener.hears_everything or (known and self.listener.may_hear(teams[line.conversation_id]))

    def put(self, chunk: bytes) -> None:
        """Queue a chunk; a reader that is too slow is told to fetch anew instead of being fed without end."""
        if self.queue.full():
            while not self.queue.empty():
                self.queue.get_nowait()
            chunk = frame("change", REFETCH)
        self.queue.put_nowait(chunk)


class Hub:
    """All open streams of this process."""

    def __init__(self, bus: Bus, gate: Gate) -> None:
        self.bus = bus
        self.gate = gate
        self.streams: set[Stream] = set()
        self._kept: deque[Line] = deque(maxlen=KEPT_LINES)

    async def pump(self) -> None:
        """Carry lines for ever; the caller keeps the task."""
        async for batch in self.bus.lines():
            self._kept.extend(batch)
            if self.streams:
                self.carry(batch, await self._teams(batch))

    def carry(self, batch: Iterable[Line], teams: Teams) -> None:
        """Queue each line for every stream that may hear it."""
        for line in batch:
            desk, guest = _chunk_for_desk(line), _chunk_for_guest(line)
            for stream in self.streams:
                if stream.hears(line, teams):
                    stream.put(guest if isinstance(stream.listener, Guest) else desk)

    async def catch_up(self, stream: Stream, last_event_id: int) -> None:
        """Queue what the browser has missed since the event it saw last."""
        missed = [line for line in self._kept if line.id > last_event_id]
        if not self._kept or self._kept[0].id > last_event_id + 1:
            stream.put(frame("change", REFETCH))
            return
        teams = await self._teams(missed)
        for line in missed:
            if stream.hears(line, teams):
                is_guest = isinstance(stream.listener, Guest)
                stream.put(_chunk_for_guest(line) if is_guest else _chunk_for_desk(line))

    def tell_desk(self, chunk: bytes, team_id: int | None) -> None:
        """Queue something that is not an event, such as who looks, for those who may see the conversation."""
        for stream in self.streams:
            if isinstance(stream.listener, Viewer) and stream.listener.may_hear(team_id):
                stream.put(chunk)

    async def _teams(self, batch: Collection[Line]) -> Teams:
        ids = {line.conversation_id for line in batch if line.conversation_id is not None}
        return await self.gate.teams_of(ids) if ids else {}


def frame(kind: str, data: Mapping[str, object], event_id: int | None = None) -> bytes:
    """One server-sent event (WHATWG HTML, "Server-sent events")."""
    number = f"id: {event_id}\n" if event_id is not None else ""
    return f"{number}event: {kind}\ndata: {json.dumps(data, separators=(',', ':'), ensure_ascii=False)}\n\n".encode()


def _chunk_for_desk(line: Line) -> bytes:
    return frame("change", {"name": line.name, "conversation_id": line.conversation_id, "id": line.id}, line.id)


def _chunk_for_guest(line: Line) -> bytes:
    """A customer learns that something changed and asks the portal what; the name would say more."""
    return frame("change", {"name": "tracker.changed", "id": line.id}, line.id)
