"""Desks of the test's own, on SQLite and on a throw-away PostgreSQL database."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from careloop.cli.tests.desk import Desk

SERVER = os.environ.get("CARELOOP_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk on SQLite."""
    desk = Desk(tmp_path)
    yield desk
    desk.end()


@pytest.fixture
def large_desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk on a PostgreSQL database made for this test; skipped where there is no server."""
    psycopg = pytest.importorskip("psycopg")
    name = f"careloop_test_{secrets.token_hex(4)}"
    try:
        server = psycopg.connect(SERVER, autocommit=True)
    except psycopg.OperationalError as error:
        pytest.skip(f"No PostgreSQL ({error}). `apt-get install postgresql`, or set CARELOOP_TEST_POSTGRESQL.")
    with server:
        server.execute(f"CREATE DATABASE {name}")
        desk = Desk(tmp_path, SERVER.rpartition("/")[0] + f"/{name}", CARELOOP_WEB_WORKERS="1")
        try:
            yield desk
        finally:
            desk.end()
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")
