"""A desk of the test's own: its folder, ports and database, and its commands run as real processes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

PATIENCE_SECONDS = 60.0


class Desk:
    """`environment` is all that the processes get of it."""

    def __init__(self, folder: Path, database_url: str = "", **settings: str) -> None:
        self.folder = folder
        self.port = _free_pair_of_ports()
        self.processes: list[subprocess.Popen[str]] = []
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("CARELOOP_")}
        self.environment = {
            **inherited,
            "CARELOOP_DATA_DIR": str(folder / "data"),
            "CARELOOP_DATABASE_URL": database_url,
            "CARELOOP_PORT": str(self.port),
            "CARELOOP_JOB_LEASE": "2s",
            "CARELOOP_STOP_WITHIN": "5s",
            "DJANGO_SETTINGS_MODULE": "careloop.config.settings",
            **settings,
        }

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-P", "-m", "careloop.cli", *words]

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end."""
        return subprocess.run(
            self.command(*words), env=self.environment, capture_output=True, text=True, timeout=120, check=False
        )

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """Start a command that goes on; what it prints goes to `<command>.log`."""
        log = (self.folder / f"{words[0]}.log").open("a")
        process = subprocess.Popen(
            self.command(*words), env=self.environment, stdout=log, stderr=subprocess.STDOUT, text=True
        )
        self.processes.append(process)
        return process

    def log(self, command: str) -> str:
        return (self.folder / f"{command}.log").read_text()

    def python(self, code: str) -> Any:
        """What the code prints as JSON, run inside the desk's own Django."""
        done = self.run("shell", "-c", f"import json\n{code}")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else None

    def answers(self, port: int | None = None) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port or self.port), timeout=0.5):
                return True
        except OSError:
            return False

    def end(self) -> None:
        """End every process we started, and their children."""
        for process in self.processes:
            for victim in _family(process.pid):
                victim.kill()
            process.wait()


def eventually(is_so: Callable[[], Any], within_seconds: float = PATIENCE_SECONDS) -> bool:
    deadline = time.monotonic() + within_seconds
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.05)
    return bool(is_so())


def children_of(process: "subprocess.Popen[str]", word: str) -> list[psutil.Process]:
    """The living descendants whose command ends with the word, parents first."""
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        try:
            if child.cmdline()[-1:] == [word] and child.status() != psutil.STATUS_ZOMBIE:
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


def kill(process: psutil.Process) -> None:
    process.send_signal(signal.SIGKILL)


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [*parent.children(recursive=True), parent]
    except psutil.NoSuchProcess:
        return []


def _free_pair_of_ports() -> int:
    """A free port whose neighbour is free too."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port
