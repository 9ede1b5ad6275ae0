"""The installation's secret key: made at the first start, never a default. Imports neither Django nor us."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from careloop.common import env

FILE_NAME = "secret_key"
KEY_BYTES = 48


def installation_key(data_dir: Path) -> str:
    """``CARELOOP_SECRET_KEY`` if set, else the key kept in the data folder, else a new one kept there (0600)."""
    given = env.secret(
        "CARELOOP_SECRET_KEY",
        sentence="Signs sessions, links and reply addresses and encrypts stored passwords; made at the first "
        "start and kept in the data folder unless given.",
    )
    return given or _kept(data_dir / FILE_NAME)


def _kept(path: Path) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return _make(path)


def _make(path: Path) -> str:
    """Write a new key; of two processes that start at once, the one that links first wins for both."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{FILE_NAME}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(KEY_BYTES))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()
