"""Every test, first on SQLite, then again on PostgreSQL what touches the database.

PostgreSQL is the one named by CARELOOP_TEST_POSTGRESQL, else the one at 127.0.0.1:5432, else a throw-away server
of our own where its programs are installed. With CARELOOP_NO_SKIPS=1 a skipped test counts as failed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

INSTALL = "apt-get install postgresql"
DEFAULT = "postgresql://postgres@127.0.0.1:5432/postgres"


def answers(address: str) -> bool:
    import psycopg

    try:
        with psycopg.connect(address, connect_timeout=2):
            return True
    except psycopg.Error:
        return False


def programs() -> Path | None:
    """The folder with initdb: on the path, or where Debian keeps it."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return folders[0] if folders else None


def as_server_user() -> list[str]:
    """PostgreSQL refuses to run as root; Debian's package makes a user for it."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


@contextmanager
def throw_away(bin_folder: Path) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="careloop-pg-"))
    folder.chmod(0o777)
    data = folder / "data"
    run = as_server_user()
    subprocess.run(
        [*run, bin_folder / "initdb", "-D", data, "-U", "postgres", "-A", "trust"],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    options = f"-p 54329 -k {folder} -c listen_addresses=127.0.0.1"
    control = [*run, bin_folder / "pg_ctl", "-D", data, "-w"]
    subprocess.run([*control, "-o", options, "-l", folder / "log", "start"], check=True, stdout=subprocess.DEVNULL)
    try:
        yield "postgresql://postgres@127.0.0.1:54329/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgresql() -> Iterator[str | None]:
    given = os.environ.get("CARELOOP_TEST_POSTGRESQL", DEFAULT)
    if answers(given):
        yield given
        return
    bin_folder = programs()
    if bin_folder is None:
        print(f"No PostgreSQL here: {INSTALL}", flush=True)
        yield None
        return
    with throw_away(bin_folder) as address:
        yield address


def pytest(*arguments: str, **environment: str) -> tuple[int, str]:
    """Run pytest, show its output as it comes, and return its exit code and closing line."""
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    print("+", " ".join(command[2:]), environment, flush=True)
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True, bufsize=1)
    assert process.stdout is not None
    closing = ""
    for line in process.stdout:
        print(line, end="", flush=True)
        if re.search(r"\b(passed|failed|skipped|error)\b.* in [\d.]+s", line):
            closing = line.strip()
    return process.wait(), closing


def skipped(closing: str) -> int:
    found = re.search(r"(\d+) skipped", closing)
    return int(found.group(1)) if found else 0


def main() -> int:
    runs = []
    with postgresql() as address:
        known = {"CARELOOP_TEST_POSTGRESQL": address} if address else {}
        if address:
            runs.append(
                (
                    "PostgreSQL",
                    *pytest(
                        "-n",
                        "2",
                        "-m",
                        "not slow and not browser and not offline",
                        CARELOOP_TEST_DATABASE="postgresql",
                        **known,
                    ),
                )
            )
        runs.append(("SQLite", *pytest("-n", "2", "-m", "not slow", **known)))
        runs.append(("slow, one at a time", *pytest("-n", "0", "-m", "slow", **known)))
    failed = [name for name, code, _ in runs if code not in (0, 5)]
    if address is None and os.environ.get("CARELOOP_NO_SKIPS"):
        failed.append("PostgreSQL is missing")
    if os.environ.get("CARELOOP_NO_SKIPS"):
        failed += [f"{name}: {skipped(closing)} skipped" for name, _, closing in runs if skipped(closing)]
    for name, _, closing in runs:
        print(f"{name}: {closing}")
    print("failed: " + ", ".join(failed) if failed else "every run passed", flush=True)
    print(runs[-1][2], flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
