"""The stream application: who hears what, reconnecting, foreign pages, and who looks at what."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any

import pytest

from careloop.live.app import StreamApp
from careloop.live.bus import Line
from careloop.live.gate import Viewer
from careloop.live.hub import QUEUE_LENGTH
from careloop.live.tests.browser import CARE, DESK, WHOLESALE, KnownPeople, MemoryBus, Request

LIN = Viewer(1, "林晓", team_ids=frozenset({CARE}))
BOB = Viewer(2, "Bob", team_ids=frozenset({WHOLESALE}))
ADMIN = Viewer(3, "Admin", hears_everything=True)
PEOPLE = {"lin": LIN, "bob": BOB, "admin": ADMIN}
OF_CARE, OF_NOBODY = 10, 11


def in_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    @wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


@asynccontextmanager
async def running(**options: Any) -> AsyncIterator[StreamApp]:
    """The application between its start and its end."""
    app = StreamApp(MemoryBus(), KnownPeople(PEOPLE, {OF_CARE: CARE, OF_NOBODY: None}), [DESK], **options)
    incoming: asyncio.Queue[Any] = asyncio.Queue()
    outgoing: asyncio.Queue[Any] = asyncio.Queue()
    incoming.put_nowait({"type": "lifespan.startup"})
    life = asyncio.ensure_future(app({"type": "lifespan"}, incoming.get, outgoing.put))
    await outgoing.get()
    yield app
    incoming.put_nowait({"type": "lifespan.shutdown"})
    await life


async def listen(app: StreamApp, who: str, **headers: str) -> Request:
    request = Request(app, "/events", cookie=f"session={who}", **headers)
    await asyncio.sleep(0.02)
    assert request.status == 200
    return request


def happen(app: StreamApp, *lines: Line) -> None:
    app.hub.bus.batches.put_nowait(list(lines))  # type: ignore[attr-defined]


@in_a_loop
async def test_an_event_reaches_the_team_and_the_administrator_and_nobody_else() -> None:
    async with running() as app:
        lin, bob, admin = [await listen(app, who) for who in ("lin", "bob", "admin")]
        happen(app, Line(1, "message.received", OF_CARE))
        expected = {"name": "message.received", "conversation_id": OF_CARE, "id": 1}
        assert await lin.data() == expected
        assert await admin.data() == expected
        assert await bob.data(0.1) is None


@in_a_loop
async def test_a_conversation_without_a_team_is_everybodys() -> None:
    async with running() as app:
        bob = await listen(app, "bob")
        happen(app, Line(1, "message.received", OF_NOBODY))
        assert (await bob.data())["conversation_id"] == OF_NOBODY


@in_a_loop
async def test_of_a_conversation_that_is_gone_only_an_administrator_hears() -> None:
    async with running() as app:
        lin, admin = await listen(app, "lin"), await listen(app, "admin")
        happen(app, Line(1, "conversation.erased", 999))
        assert (await admin.data())["name"] == "conversation.erased"
        assert await lin.data(0.1) is None


@in_a_loop
async def test_an_event_carries_its_id_so_that_a_reconnect_loses_nothing() -> None:
    async with running() as app:
        lin = await listen(app, "lin")
        happen(app, *[Line(number, "message.received", OF_CARE) for number in range(1, 6)])
        seen = [await lin.event() for _ in range(3)]
        assert seen[-1] is not None
        await lin.leave()
        again = await listen(app, "lin", last_event_id=seen[-1]["id"])
        assert [(await again.data())["id"] for _ in range(2)] == [4, 5]


@in_a_loop
async def test_a_reconnect_does_not_show_what_one_may_not_see() -> None:
    async with running() as app:
        happen(app, Line(1, "message.received", OF_NOBODY), Line(2, "note.added", OF_CARE))
        await asyncio.sleep(0.02)
        bob = await listen(app, "bob", last_event_id="0")
        assert (await bob.data())["id"] == 1
        assert await bob.data(0.1) is None


@in_a_loop
async def test_who_was_away_for_too_long_is_told_to_fetch_anew() -> None:
    async with running() as app:
        happen(app, Line(5000, "message.received", OF_CARE))
        await asyncio.sleep(0.02)
        lin = await listen(app, "lin", last_event_id="17")
        assert (await lin.data())["name"] == "refetch"


@in_a_loop
async def test_a_reader_that_is_too_slow_is_told_to_fetch_anew() -> None:
    async with running() as app:
        lin = await listen(app, "lin")
        stream = next(iter(app.hub.streams))
        for number in range(QUEUE_LENGTH + 1):
            stream.put(b"data: %d" % number)
        assert (await lin.data())["name"] == "refetch"


@in_a_loop
async def test_a_customer_hears_of_their_own_conversation_and_only_that_it_changed() -> None:
    async with running() as app:
        customer = Request(app, f"/tracker/link-{OF_CARE}")
        await asyncio.sleep(0.02)
        happen(
            app,
            Line(1, "note.added", OF_CARE),
            Line(2, "triage.predicted", OF_CARE),
            Line(3, "message.posted", OF_NOBODY),
            Line(4, "message.posted", OF_CARE),
        )
        assert await customer.data() == {"name": "tracker.changed", "id": 4}
        assert await customer.data(0.1) is None


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/events", {}, 401),
        ("/events", {"cookie": "session=stranger"}, 401),
        ("/events", {"cookie": "session=\x01;;=="}, 401),
        ("/events", {"cookie": "session=lin", "origin": "https://evil.example"}, 403),
        ("/tracker/forged", {}, 404),
        ("/nowhere", {}, 404),
    ],
)
def test_who_may_not_listen_is_told_why(path: str, headers: dict[str, str], status: int) -> None:
    async def ask() -> None:
        async with running() as app:
            request = Request(app, path, **headers)
            error = (await request.answer())["error"]
            assert request.status == status
            assert set(error) == {"code", "message", "details"}

    asyncio.run(ask())


@in_a_loop
async def test_the_desks_own_pages_may_listen_from_the_other_port() -> None:
    async with running() as app:
        lin = await listen(app, "lin", origin=DESK)
        assert lin.headers["access-control-allow-origin"] == DESK
        assert lin.headers["access-control-allow-credentials"] == "true"
        assert lin.headers["content-type"].startswith("text/event-stream")
        assert lin.headers["x-accel-buffering"] == "no"


@in_a_loop
async def test_behind_a_proxy_the_stream_lives_under_one_origin() -> None:
    async with running() as app:
        health = Request(app, "/stream/health")
        assert await health.answer() == {"status": "ok", "streams": 0}


@in_a_loop
async def test_a_silent_stream_is_kept_open_by_pings_and_ends_when_the_browser_leaves() -> None:
    async with running(ping_seconds=0.05) as app:
        lin = await listen(app, "lin")
        await lin.chunks.get()
        assert await asyncio.wait_for(lin.chunks.get(), 1) == b": ping\n\n"
        assert len(app.hub.streams) == 1
        await lin.leave()
        assert not app.hub.streams


@in_a_loop
async def test_who_signs_out_stops_hearing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("careloop.live.app.CHECK_AGAIN_SECONDS", 0.05)
    async with running() as app:
        lin = await listen(app, "lin")
        app.gate.people.clear()  # type: ignore[attr-defined]
        await asyncio.wait_for(lin.task, 1)
        assert not app.hub.streams


async def look(app: StreamApp, who: str, body: Any, **headers: str) -> Request:
    return Request(app, "/looking", method="POST", body=body, cookie=f"session={who}", **{"origin": DESK, **headers})


@in_a_loop
async def test_colleagues_see_who_looks_and_who_types() -> None:
    async with running() as app:
        admin, bob = await listen(app, "admin"), await listen(app, "bob")
        answer = await (await look(app, "lin", {"conversation_id": OF_CARE, "doing": "typing"})).answer()
        people = [{"id": 1, "name": "林晓", "doing": "typing"}]
        assert answer == {"conversation_id": OF_CARE, "people": people}
        event = await admin.event()
        assert event is not None
        assert event["event"] == "looking"
        assert await bob.data(0.1) is None
        await (await look(app, "lin", {"conversation_id": OF_CARE, "doing": "left"})).answer()
        assert await admin.data() == {"conversation_id": OF_CARE, "people": []}


@pytest.mark.parametrize(
    ("who", "body", "headers", "status"),
    [
        ("bob", {"conversation_id": OF_CARE, "doing": "viewing"}, {}, 404),
        ("lin", {"conversation_id": 999, "doing": "viewing"}, {}, 404),
        ("lin", {"conversation_id": OF_CARE, "doing": "dancing"}, {}, 400),
        ("lin", {"conversation_id": True, "doing": "viewing"}, {}, 400),
        ("lin", {"conversation_id": 2**70, "doing": "viewing"}, {}, 400),
        ("lin", ["viewing"], {}, 400),
        ("lin", b"not json", {}, 400),
        ("lin", b"x" * 9000, {}, 400),
        ("stranger", {"conversation_id": OF_CARE, "doing": "viewing"}, {}, 401),
        ("lin", {"conversation_id": OF_CARE, "doing": "viewing"}, {"origin": "https://evil.example"}, 403),
        ("lin", {"conversation_id": OF_CARE, "doing": "viewing"}, {"origin": ""}, 401),
    ],
)
def test_a_look_that_cannot_be_noted_is_refused(who: str, body: Any, headers: dict[str, str], status: int) -> None:
    async def ask() -> None:
        async with running() as app:
            request = await look(app, who, body, **headers)
            await request.answer()
            assert request.status == status

    asyncio.run(ask())
