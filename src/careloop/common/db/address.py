"""From an address such as `postgresql://user@host/name` to Django's description of the database."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from careloop.common.env import SettingError

SETTING = "CARELOOP_DATABASE_URL"


def database_from(address: str, *, pool_size: int = 8) -> dict[str, Any]:
    """Settings for `DATABASES["default"]`; raises SettingError for an address of neither kind.

    `sqlite:////srv/careloop/careloop.db` is a file, `sqlite:///:memory:` a database in memory.
    `postgresql:///name` reaches the local server over its socket.
    """
    scheme = address.partition("://")[0]
    if scheme == "sqlite":
        return _sqlite(address)
    if scheme in ("postgresql", "postgres"):
        return _postgresql(address, pool_size)
    raise SettingError(SETTING, "must start with sqlite:// or postgresql://")


def is_sqlite(address: str) -> bool:
    """Does one process write (SQLite), or may many (PostgreSQL)?"""
    return address.startswith("sqlite://")


def _sqlite(address: str) -> dict[str, Any]:
    name = unquote(address.removeprefix("sqlite:///"))
    if name != ":memory:" and not Path(name).is_absolute():
        raise SettingError(SETTING, "must name the file by its whole path: sqlite:////srv/careloop.db")
    return {
        "ENGINE": "careloop.common.db.sqlite",
        "NAME": name,
        # A thread keeps its connection: opening one and its caches costs more than most queries.
        "CONN_MAX_AGE": None,
        "OPTIONS": {},
    }


def _postgresql(address: str, pool_size: int) -> dict[str, Any]:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise SettingError(SETTING, str(error)) from None
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise SettingError(SETTING, "must name a database: postgresql://user:password@host:5432/name")
    # connect_timeout and the like go through to the driver as they are written.
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "CONN_MAX_AGE": 0,  # The pool keeps the connections, and looks at each before it lends it out.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**options, "pool": {"min_size": 1, "max_size": pool_size, "timeout": 20}},
    }
