"""Settings of the tests: the real ones, with a throw-away folder and quick passwords."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

# In memory where the machine has such a folder: a test need not survive the loss of power.
_shared_memory = "/dev/shm"  # noqa: S108 - mkdtemp makes a folder of our own in it.
_folder = tempfile.mkdtemp(prefix="careloop-test-", dir=_shared_memory if os.path.isdir(_shared_memory) else None)
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ.setdefault("CARELOOP_DATA_DIR", _folder)
os.environ.setdefault("CARELOOP_SECRET_KEY", "a key for tests only, never used to serve anybody")
if os.environ.get("CARELOOP_TEST_DATABASE") == "postgresql":
    os.environ["CARELOOP_DATABASE_URL"] = os.environ.get(
        "CARELOOP_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres"
    )

from careloop.config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# The real desk makes it at its first start, before WhiteNoise looks for it.
os.makedirs(STATIC_ROOT, exist_ok=True)  # noqa: F405

# A file, not a database in memory, so that every thread has a connection of its own, as when the desk runs.
if DATABASES["default"]["ENGINE"] == "careloop.common.db.sqlite":  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(_folder, "test.sqlite3")}  # noqa: F405
