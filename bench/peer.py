"""django-helpdesk beside Careloop: installed into a throw-away environment, filled with the same rows, served.

Gunicorn with four sync workers on SQLite with WAL. An operation is the page plus the request that fills it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from bench import desks
from bench.clients import Client, Work
from bench.rows import REFUND, messages
from bench.screens import ANSWER, Subject
from careloop.cli.tests.desk import eventually

PACKAGES = ("django-helpdesk==2.6.1", "gunicorn", "setuptools")
WORKERS = 4
PAGE = 25
_FILLED_BY = re.compile(r'"url":\s*"(/datatables_ticket_list/[^"]+)"')


@contextmanager
def helpdesk(count: int) -> Iterator[Subject]:
    """Installed, filled and served; everything of it is gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="careloop-bench-peer-"))
    try:
        python, environment = _install(folder), _environment(folder)
        filled = json.loads(_run([python, "-P", "-m", "bench.helpdesk.fill", str(count)], environment))
        port = _free_port()
        server = subprocess.Popen(_command(python, port), env=environment, cwd=folder)
        try:
            assert eventually(lambda: _is_up(port)), "django-helpdesk does not answer"
            operations = _operations(filled["open"], filled["queue"])
            before = dict.fromkeys(("reply", "reply, until shown"), operations["conversation"])
            yield Subject("django-helpdesk", lambda: _sign_in(port), operations, before)
        finally:
            server.terminate()
            server.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _operations(opened: list[int], queue: int) -> dict[str, Work]:
    def ticket(turn: int) -> int:
        return opened[turn * 7 % len(opened)]

    def view(client: Client, turn: int) -> None:
        answer = client.get(f"/tickets/{ticket(turn)}/")
        assert answer.status == 200
        assert "comment" in answer.text

    def reply(client: Client, turn: int) -> None:
        said = {"comment": f"{ANSWER} {turn}", "public": "1", "new_status": "1"}
        kept = {"title": f"Ticket {ticket(turn)}", "queue": str(queue), "priority": "3"}
        answer = client.post_form(f"/tickets/{ticket(turn)}/update/", {**said, **kept})
        assert answer.status == 302, f"{answer.status}: {answer.text[:300]}"

    def reply_until_shown(client: Client, turn: int) -> None:
        reply(client, turn)
        view(client, turn)

    return {
        "list": lambda client, _turn: _list(client, "/tickets/", at_least=PAGE),
        "conversation": view,
        "search": lambda client, _turn: _list(client, f"/tickets/?q={REFUND}", at_least=1),
        "reply": reply,
        "reply, until shown": reply_until_shown,
        "accept": _accept(queue),
    }


def _accept(queue: int) -> Work:
    """Its API, by a signed-in client; the session spares it a password hash a request."""
    words = messages(1_000, prefix="h")

    def post(client: Client, turn: int) -> None:
        each = words[turn % len(words)]
        body = {
            "queue": queue, "title": each["subject"], "description": each["text"], "status": 1, "priority": 3,
            "submitter_email": f"h{turn}@example.com",
        }  # fmt: skip
        answer = client.post("/api/tickets/", json.dumps(body).encode(), "application/json")
        assert answer.status == 201, f"{answer.status}: {answer.text[:300]}"

    return post


def _list(client: Client, path: str, *, at_least: int) -> None:
    page = client.get(path)
    assert page.status == 200, page.status
    found = _FILLED_BY.search(page.text)
    assert found, "the list no longer names the request that fills it"
    answer = client.get(f"{found.group(1)}?draw=1&start=0&length={PAGE}")
    assert answer.status == 200, answer.status
    assert len(json.loads(answer.text)["data"]) >= at_least


def _sign_in(port: int) -> Client:
    return Client(port).sign_in("/login/", username="agent0", password=desks.PASSWORD)


def _install(folder: Path) -> str:
    uv = str(Path(sys.prefix) / "bin" / "uv")
    _run([uv, "venv", "-q", "--python", sys.executable, str(folder / "venv")], dict(os.environ))
    python = str(folder / "venv" / "bin" / "python")
    _run([uv, "pip", "install", "-q", "--python", python, *PACKAGES], dict(os.environ))
    return python


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CARELOOP_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return {
        **kept,
        "PYTHONPATH": str(desks.ROOT),
        "BENCH_HELPDESK_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "bench.helpdesk.settings",
    }


def _command(python: str, port: int) -> list[str]:
    options = ["--workers", str(WORKERS), "--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    return [python, "-P", "-m", "gunicorn", "bench.helpdesk.wsgi", *options]


def _run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=desks.LONGEST_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def _is_up(port: int) -> bool:
    with suppress(OSError, AssertionError):
        return Client(port).get(quote("/login/")).status == 200
    return False


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
