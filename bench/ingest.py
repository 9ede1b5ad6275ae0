"""Ingest: how fast messages are taken in, and how soon a backlog of them is understood."""

from __future__ import annotations

import json
import time
from typing import Any

from bench import desks
from bench.clients import Client, Work, together
from bench.figures import ratio, table
from bench.rawinserts import connect, insert_again
from bench.rows import messages
from careloop.cli.tests.desk import Desk, eventually

LONGEST_SECONDS = 300
CLIENTS = (1, 8)


def measure(count: int) -> dict[str, Any]:
    return {database: _on(database, count) for database in desks.databases()}


def show(result: dict[str, Any]) -> str:
    return table([row for database, found in result.items() for row in _rows(database, found)])


def _rows(database: str, found: dict[str, Any]) -> list[dict[str, Any]]:
    raw = found["raw_inserts"]
    accepted = [
        {
            "database": database, "what": f"accepted by POST, {each['clients']} client(s)",
            "per_s": each["accepted_per_s"], "seconds": each["accepted_seconds"], "raw_per_s": raw["kept_per_s"],
            "ratio": ratio(each["accepted_per_s"], raw["kept_per_s"]),
        }
        for each in found["posted"]
    ]  # fmt: skip
    backlog = found["backlog"]
    return [
        *accepted,
        {
            "database": database, "what": f"backlog of {backlog['count']} understood", "per_s": backlog["per_s"],
            "seconds": backlog["seconds"], "raw_per_s": raw["all_per_s"],
            "ratio": ratio(backlog["per_s"], raw["all_per_s"]),
        },
    ]  # fmt: skip


def _on(database: str, count: int) -> dict[str, Any]:
    backlog, raw = _backlog(database, count)
    return {"backlog": backlog, "raw_inserts": raw, "posted": [_posted(database, count, each) for each in CLIENTS]}


def _backlog(database: str, count: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Keep them while nothing works, then serve: the time from the start of `careloop serve`, its own included."""
    with desks.new_desk(database) as desk:
        kept_seconds = desks.inside(desk, f"bench.inside.keep_many({count})")
        start = time.perf_counter()
        up_seconds = desks.serve(desk)
        _wait_until_understood(desk, count)
        seconds = time.perf_counter() - start
        desks.stop(desk)
        found = desks.inside(desk, "bench.inside.understood()")
        assert found["count"] == found["conversations"] == count, found
        raw = insert_again(desk, count)
    span = found["span_seconds"]
    result = {
        **found, "kept_per_s": round(count / kept_seconds, 1),
        "seconds": round(span, 2), "per_s": round(count / span, 1),
        "seconds_with_start": round(seconds, 2), "start_seconds": round(up_seconds, 2),
    }  # fmt: skip
    return result, raw


def _posted(database: str, count: int, clients: int) -> dict[str, Any]:
    with desks.new_desk(database) as desk:
        token = desks.inside(desk, "bench.inside.token()")
        desks.serve(desk)
        found = post_all(desk, token, count, clients)
        start = time.perf_counter()
        _wait_until_understood(desk, count)
        found["understood_seconds"] = round(found["accepted_seconds"] + time.perf_counter() - start, 2)
    return found


def post_all(desk: Desk, token: str, count: int, clients: int, *, prefix: str = "p") -> dict[str, Any]:
    """Post them while the desk understands them in the background, as in real use."""
    work, senders = poster(count, prefix), [api_client(desk, token) for _ in range(clients)]
    seconds = together(work, senders, range(count))
    return {
        "clients": clients,
        "n": count,
        "accepted_seconds": round(seconds, 2),
        "accepted_per_s": round(count / seconds, 1),
    }


def api_client(desk: Desk, token: str) -> Client:
    return Client(desk.port, Authorization=f"Bearer {token}")


def poster(count: int, prefix: str) -> Work:
    bodies = [json.dumps(each).encode() for each in messages(count, prefix=prefix)]

    def post(client: Client, number: int) -> None:
        key = f"{prefix}{number}"
        answer = client.post("/api/v1/messages", bodies[number], "application/json", Idempotency_Key=key)
        assert answer.status == 202, f"{answer.status}: {answer.text[:300]}"

    return post


def _wait_until_understood(desk: Desk, count: int) -> None:
    with connect(desk) as database:

        def is_done() -> bool:
            time.sleep(0.05)
            return database.one("SELECT count(*) FROM intake_rawmessage WHERE understood_at IS NOT NULL") >= count

        assert eventually(is_done, LONGEST_SECONDS), desk.log("serve")[-3000:]
