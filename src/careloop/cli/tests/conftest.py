"""Desks of the test's own, on SQLite and on a throw-away PostgreSQL database.

A database is prepared once and copied for each desk: the tests are about serving, not about migrations.
"""

import atexit
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from careloop.cli.tests.desk import Desk

SERVER = os.environ.get("CARELOOP_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")


@pytest.fixture
def new_desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk on SQLite that was never started."""
    desk = Desk(tmp_path)
    yield desk
    desk.end()


@pytest.fixture
def desk(new_desk: Desk) -> Desk:
    """A desk on SQLite whose database is prepared; nobody can sign in yet."""
    shutil.copytree(_prepared_folder(), new_desk.data)
    return new_desk


@pytest.fixture
def large_desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk on a prepared PostgreSQL database of its own; skipped where there is no server."""
    server = _server()
    name = f"careloop_test_{secrets.token_hex(4)}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {_prepared_database()}")
    desk = Desk(tmp_path, _address(name), CARELOOP_WEB_WORKERS="1")
    try:
        yield desk
    finally:
        desk.end()
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        server.close()


@cache
def _prepared_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="careloop-prepared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _prepare(Desk(folder))
    return folder / "data"


@cache
def _prepared_database() -> str:
    """The template of the databases of this run; dropped when the run ends."""
    name = f"careloop_prepared_{secrets.token_hex(4)}"
    with _server() as server:
        server.execute(f"CREATE DATABASE {name}")
    atexit.register(_drop, name)
    with tempfile.TemporaryDirectory() as folder:
        _prepare(Desk(Path(folder), _address(name)))
    return name


def _prepare(desk: Desk) -> None:
    done = desk.run("migrate")
    assert done.returncode == 0, done.stderr


def _drop(name: str) -> None:
    with _server() as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _address(name: str) -> str:
    return f"{SERVER.rpartition('/')[0]}/{name}"


def _server() -> Any:
    psycopg = pytest.importorskip("psycopg")
    try:
        return psycopg.connect(SERVER, autocommit=True)
    except psycopg.OperationalError as error:
        return pytest.skip(f"No PostgreSQL ({error}). `apt-get install postgresql`, or set CARELOOP_TEST_POSTGRESQL.")
