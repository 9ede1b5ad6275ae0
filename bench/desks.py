"""Throw-away desks of the bench: a folder in the temporary directory, a database of their own, really served."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from careloop.cli.tests.desk import Desk, eventually

ROOT = Path(__file__).resolve().parent.parent
SERVER = os.environ.get("CARELOOP_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")
PASSWORD = "a long enough password"
AGENT = "agent0@bench.example"
LONGEST_SECONDS = 1800


@contextmanager
def new_desk(database: str, *, is_bare: bool = False) -> Iterator[Desk]:
    """A desk with its database prepared and a staff of six (``is_bare``: an empty database), not yet served; gone at
    the end."""
    folder = Path(tempfile.mkdtemp(prefix="careloop-bench-"))
    try:
        with _address(database) as address:
            desk = Desk(folder, address)
            desk.environment.pop("PYTHONDONTWRITEBYTECODE", None)
            desk.environment["PYTHONPATH"] = f"{ROOT}{os.pathsep}{ROOT / 'src'}"
            try:
                if not is_bare:
                    inside(desk, "bench.inside.prepare()")
                yield desk
            finally:
                desk.end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def databases() -> list[str]:
    """SQLite, and PostgreSQL where the server of the tests answers."""
    try:
        _server().close()
    except Exception:  # no driver, no server: measured without it
        return ["sqlite"]
    return ["sqlite", "postgresql"]


def inside(desk: Desk, expression: str, *, module: str = "bench.inside") -> Any:
    """What the expression gives inside the desk's own Django, as JSON."""
    code = f"import json, {module}\nprint('=>' + json.dumps({expression}))"
    done = subprocess.run(
        desk.command("shell", "-c", code),
        env=desk.environment, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(next(line for line in done.stdout.splitlines() if line.startswith("=>"))[2:])


def serve(desk: Desk) -> float:
    """Start the whole desk; seconds until the first 200 of its health page."""
    from bench.clients import Client

    start = time.perf_counter()
    desk.start("serve")

    def is_up() -> bool:
        with suppress(OSError, AssertionError):
            return Client(desk.port).get("/health").status == 200
        return False

    assert eventually(is_up), desk.log("serve")[-3000:]
    seconds = time.perf_counter() - start
    assert eventually(lambda: "Careloop is ready" in desk.log("serve")), desk.log("serve")[-3000:]
    return seconds


def stop(desk: Desk) -> None:
    """Stop it as Ctrl-C does."""
    for process in desk.processes:
        process.terminate()
        process.wait(30)


def memory_megabytes(pid: int) -> float:
    """Proportional set size of a process and all below it."""
    top = psutil.Process(pid)
    return sum(each.memory_full_info().pss for each in (top, *top.children(recursive=True))) / 2**20


@contextmanager
def _address(database: str) -> Iterator[str]:
    if database == "sqlite":
        yield ""
        return
    name = f"careloop_bench_{secrets.token_hex(4)}"
    with _server() as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{SERVER.rpartition('/')[0]}/{name}"
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _server() -> Any:
    import psycopg

    return psycopg.connect(SERVER, autocommit=True, connect_timeout=3)
