"""Every test, first on SQLite, then again on PostgreSQL what touches the database.

PostgreSQL is the one named by CARELOOP_TEST_POSTGRESQL, else the one at 127.0.0.1:5432, else a throw-away server
of our own where its programs are installed. With CARELOOP_NO_SKIPS=1 a test skipped for
want of a server, a browser or data counts as failed.
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
from dataclasses import dataclass
from pathlib import Path

INSTALL = "apt-get install postgresql"
CLOSING = re.compile(r"\b(passed|failed|skipped|error)\b.* in [\d.]+s")
# A test that skips for want of a program or of data says how to get it; one that is for the other database does not.
MISSING = re.compile(r"apt-get install|CARELOOP_DATA|not installed|as root")
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


@dataclass(frozen=True)
class Run:
    """One run of pytest: its name, exit code, closing line, and what it skipped because something is missing here."""

    name: str
    code: int
    closing: str
    missing: list[str]


def pytest(name: str, *arguments: str, **environment: str) -> Run:
    """Run pytest and show its output as it comes."""
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    print("+", " ".join(command[2:]), environment, flush=True)
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True, bufsize=1)
    assert process.stdout is not None
    closing, missing = "", []
    for line in process.stdout:
        print(line, end="", flush=True)
        if CLOSING.search(line):
            closing = line.strip()
        if line.startswith("SKIPPED") and MISSING.search(line):
            missing.append(line.strip())
    return Run(name, process.wait(), closing, missing)


def main() -> int:
    runs: list[Run] = []
    with postgresql() as address:
        known = {"CARELOOP_TEST_POSTGRESQL": address} if address else {}
        if address:
            chosen = ("-n", "2", "-m", "not slow and not browser and not offline")
            runs.append(pytest("PostgreSQL", *chosen, CARELOOP_TEST_DATABASE="postgresql", **known))
        runs.append(pytest("SQLite", "-n", "2", "-m", "not slow", **known))
        runs.append(pytest("slow, one at a time", "-n", "0", "-m", "slow", **known))
    failed = [run.name for run in runs if run.code != 0]
    if os.environ.get("CARELOOP_NO_SKIPS"):
        failed += [line for run in runs for line in run.missing]
        failed += [] if address else ["PostgreSQL is missing"]
    for run in runs:
        print(f"{run.name}: {run.closing}")
    print("failed: " + "; ".join(failed) if failed else "every run passed", flush=True)
    print(runs[-1].closing, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
