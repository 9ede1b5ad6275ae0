"""The ASGI application of the stream process: streams to the desk and to customers, and who looks at what."""

import asyncio
import logging
from contextlib import suppress
from typing import Any

from careloop.live.bus import Bus
from careloop.live.exchange import Exchange, Receive, Scope, Send
from careloop.live.gate import Gate, Guest, Viewer
from careloop.live.hub import Hub, Stream, frame
from careloop.live.looking import DOINGS, Looking

PING_SECONDS = 20.0
CHECK_AGAIN_SECONDS = 60.0
SWEEP_SECONDS = 5.0
PING = b": ping\n\n"
STREAM_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),
    (b"connection", b"keep-alive"),
)

log = logging.getLogger(__name__)


class StreamApp:
    """`origins` are those of the desk's own pages; no other page may listen with a person's session."""

    def __init__(self, bus: Bus, gate: Gate, origins: list[str], *, ping_seconds: float = PING_SECONDS) -> None:
        self.hub = Hub(bus, gate)
        self.gate = gate
        self.origins = origins
        self.looking = Looking()
        self.ping_seconds = ping_seconds
        self._kept_tasks: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(Exchange(scope, receive, send, self.origins))

    async def _live(self, receive: Receive, send: Send) -> None:
        """Keep the pump and the sweeper going from start to end; a task nobody keeps may vanish."""
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._kept_tasks = [asyncio.create_task(_for_ever(work)) for work in (self.hub.pump, self._sweep)]
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                for task in self._kept_tasks:
                    task.cancel()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _serve(self, exchange: Exchange) -> None:
        match (exchange.method, exchange.path.split("/")[1:]):
            case ("GET", ["health"]):
                await exchange.answer(200, {"status": "ok", "streams": len(self.hub.streams)})
            case _ if not exchange.comes_from_the_desk:
                await exchange.refuse(403, "foreign_origin", "Only pages of this desk may listen.")
            case ("OPTIONS", _):
                await self._allow(exchange)
            case ("GET", ["events"]):
                await self._stream_to_desk(exchange)
            case ("GET", ["tracker", token]):
                await self._stream_to_guest(exchange, token)
            case ("POST", ["looking"]):
                await self._note_look(exchange)
            case _:
                await exchange.refuse(404, "not_found", "There is nothing at this address.")

    async def _allow(self, exchange: Exchange) -> None:
        await exchange.answer(
            200,
            {},
            [
                (b"access-control-allow-methods", b"GET, POST"),
                (b"access-control-allow-headers", b"content-type, last-event-id"),
                (b"access-control-max-age", b"600"),
            ],
        )

    async def _stream_to_desk(self, exchange: Exchange) -> None:
        viewer = await self.gate.viewer(exchange.cookies)
        if viewer is None:
            await exchange.refuse(401, "signed_out", "Please sign in first.")
            return
        await self._stream(exchange, Stream(viewer))

    async def _stream_to_guest(self, exchange: Exchange, token: str) -> None:
        guest = await self.gate.guest(token)
        if guest is None:
            await exchange.refuse(404, "not_found", "This link is not valid any more.")
            return
        await self._stream(exchange, Stream(guest))

    async def _stream(self, exchange: Exchange, stream: Stream) -> None:
        """Send until the browser goes away or the person may no longer listen."""
        headers = [*STREAM_HEADERS, *exchange.shared()]
        await exchange.send({"type": "http.response.start", "status": 200, "headers": headers})
        self.hub.streams.add(stream)
        leaving = asyncio.create_task(_until_gone(exchange))
        checking = asyncio.create_task(self._check_again(exchange, stream))
        sending = asyncio.create_task(self._send_all(exchange, stream))
        try:
            await asyncio.wait((leaving, checking, sending), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.hub.streams.discard(stream)
            for task in (leaving, checking, sending):
                task.cancel()
            await asyncio.gather(leaving, checking, sending, return_exceptions=True)
        with suppress(OSError):
            await exchange.send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_all(self, exchange: Exchange, stream: Stream) -> None:
        await _send(exchange, b": welcome\n\nretry: 2000\n\n")
        last_event_id = exchange.header(b"last-event-id")
        if last_event_id.isdecimal():
            await self.hub.catch_up(stream, int(last_event_id))
        while True:
            await _send(exchange, await self._next_chunk(stream))

    async def _next_chunk(self, stream: Stream) -> bytes:
        """What comes next, or a ping when nothing comes for a while."""
        try:
            # Not asyncio.wait_for: on Python 3.11 it may swallow the cancellation that ends the stream
            # (https://github.com/python/cpython/issues/86296).
            async with asyncio.timeout(self.ping_seconds):
                return await stream.queue.get()
        except TimeoutError:
            return PING

    async def _check_again(self, exchange: Exchange, stream: Stream) -> None:
        """Every minute, ask the gate again: people sign out, change teams, lose their account."""
        while True:
            await asyncio.sleep(CHECK_AGAIN_SECONDS)
            listener: Viewer | Guest | None
            if isinstance(stream.listener, Viewer):
                listener = await self.gate.viewer(exchange.cookies)
            else:
                listener = await self.gate.guest(exchange.path.rpartition("/")[2])
            if listener is None:
                return
            stream.listener = listener

    async def _note_look(self, exchange: Exchange) -> None:
        viewer = await self.gate.viewer(exchange.cookies) if exchange.header(b"origin") else None
        if viewer is None:
            await exchange.refuse(401, "signed_out", "Please sign in first.")
            return
        look = await _read_look(exchange)
        if look is None:
            await exchange.refuse(400, "bad_look", 'Send {"conversation_id": 7, "doing": "viewing|typing|left"}.')
            return
        conversation_id, doing = look
        teams = await self.gate.teams_of({conversation_id})
        if conversation_id not in teams or not viewer.may_hear(teams[conversation_id]):
            await exchange.refuse(404, "not_found", "There is no such conversation.")
            return
        if self.looking.note(conversation_id, viewer.user_id, viewer.name, doing):
            self.hub.tell_desk(self._frame_of_looks(conversation_id), teams[conversation_id])
        await exchange.answer(200, {"conversation_id": conversation_id, "people": self.looking.at(conversation_id)})

    def _frame_of_looks(self, conversation_id: int) -> bytes:
        people = self.looking.at(conversation_id)
        return frame("looking", {"conversation_id": conversation_id, "people": people})

    async def _sweep(self) -> None:
        """Tell the others when someone went away without a word."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            changed = self.looking.sweep()
            teams = await self.gate.teams_of(changed) if changed else {}
            for conversation_id, team_id in teams.items():
                self.hub.tell_desk(self._frame_of_looks(conversation_id), team_id)


async def _read_look(exchange: Exchange) -> tuple[int, Any] | None:
    try:
        body = await exchange.json()
    except ValueError:
        return None
    if not isinstance(body, dict):
        return None
    conversation_id, doing = body.get("conversation_id"), body.get("doing")
    if type(conversation_id) is not int or not 0 < conversation_id < 2**63 or doing not in DOINGS:
        return None
    return conversation_id, doing


async def _send(exchange: Exchange, chunk: bytes) -> None:
    await exchange.send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _until_gone(exchange: Exchange) -> None:
    while (await exchange.receive())["type"] != "http.disconnect":
        pass


async def _for_ever(work: Any) -> None:
    """Start the work anew when it fails; the stream must not fall silent over one error."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("%s failed and starts anew.", work.__qualname__)
        await asyncio.sleep(1.0)
