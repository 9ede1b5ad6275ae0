"""Settings of the tests: the real ones, with a throw-away folder and quick passwords."""

from __future__ import annotations

import os
import tempfile

_folder = tempfile.mkdtemp(prefix="careloop-test-")
os.environ.setdefault("CARELOOP_DATA_DIR", _folder)
os.environ.setdefault("CARELOOP_SECRET_KEY", "a key for tests only, never used to serve anybody")
if os.environ.get("CARELOOP_TEST_DATABASE") == "postgresql":
    os.environ["CARELOOP_DATABASE_URL"] = os.environ.get(
        "CARELOOP_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres"
    )

from careloop.config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
