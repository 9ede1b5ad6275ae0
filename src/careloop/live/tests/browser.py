"""A browser's side of a stream, spoken straight to the ASGI application, and a gate and a bus in memory."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any

from careloop.live.app import StreamApp
from careloop.live.bus import Line
from careloop.live.gate import Guest, Viewer

DESK = "http://127.0.0.1:8000"
CARE, WHOLESALE = 1, 2


class MemoryBus:
    """A bus that carries what a test puts in."""

    def __init__(self) -> None:
        self.batches: asyncio.Queue[list[Line]] = asyncio.Queue()

    async def lines(self) -> AsyncIterator[list[Line]]:
        while True:
            yield await self.batches.get()


class KnownPeople:
    """A gate that knows people by the value of one cookie, guests by their token, conversations by a table."""

    def __init__(self, people: Mapping[str, Viewer], teams: Mapping[int, int | None]) -> None:
        self.people = dict(people)
        self.teams = dict(teams)

    async def viewer(self, cookies: Mapping[str, str]) -> Viewer | None:
        return self.people.get(cookies.get("session", ""))

    async def guest(self, token: str) -> Guest | None:
        return Guest(int(token.removeprefix("link-"))) if token.startswith("link-") else None

    async def teams_of(self, conversation_ids: Collection[int]) -> Mapping[int, int | None]:
        return {each: self.teams[each] for each in conversation_ids if each in self.teams}


class Request:
    """One request that stays open until `leave`."""

    def __init__(self, app: StreamApp, path: str, *, method: str = "GET", body: Any = None, **headers: str) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.chunks: asyncio.Queue[bytes] = asyncio.Queue()
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        raw = json.dumps(body).encode() if not isinstance(body, bytes) else body
        self._incoming.put_nowait({"type": "http.request", "body": raw, "more_body": False})
        named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "headers": named}
        self.task = asyncio.ensure_future(app(scope, self._incoming.get, self._send))

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            await self.chunks.put(message["body"])

    async def data(self, within_seconds: float = 1.0) -> Any:
        """The data of the next event, or None when none comes in time."""
        event = await self.event(within_seconds)
        return event and json.loads(event["data"])

    async def event(self, within_seconds: float = 1.0) -> dict[str, str] | None:
        """The next event with its fields; comments and pings are passed over."""
        try:
            while True:
                chunk = (await asyncio.wait_for(self.chunks.get(), within_seconds)).decode()
                fields = dict(line.split(": ", 1) for line in chunk.splitlines() if line and not line.startswith(":"))
                if "data" in fields:
                    return fields
        except TimeoutError:
            return None

    async def answer(self) -> Any:
        """The whole answer of a request that ends by itself."""
        await asyncio.wait_for(self.task, 2)
        return json.loads(self.chunks.get_nowait())

    async def leave(self) -> None:
        self._incoming.put_nowait({"type": "http.disconnect"})
        await asyncio.wait_for(self.task, 2)
