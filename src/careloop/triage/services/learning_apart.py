"""Have a child process train and judge: it never writes to the database, and can be stopped at any moment."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import structlog

from careloop.triage.engine.errors import CannotTrain, UnusableExamples
from careloop.triage.engine.learning import ANSWER, MODEL, REQUEST, Request
from careloop.triage.services.model_files import models_dir

log = structlog.get_logger(__name__)

FOLDER = "learning-"
SECONDS_AT_MOST = 3600
SECONDS_BETWEEN_LOOKS = 0.5
# Where Python is and what it may import; neither the secret key nor the database.
PASSED_ON = ("PATH", "PYTHONPATH", "HOME", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH", "CARELOOP_ENCODER")


class Stopped(Exception):
    """Somebody asked the training to stop."""


@dataclass(frozen=True)
class Learned:
    """What the child made: the file's bytes, and its answer (`engine.learning.learn`)."""

    raw: bytes
    answer: dict[str, Any]


def learn_apart(request: Request, champion: bytes | None, is_stopped: Callable[[], bool]) -> Learned:
    """Train and compare in a process of its own; takes as long as that takes.

    Raises UnusableExamples when the rows cannot teach, CannotTrain when the process fails or takes over an hour, and
    Stopped when ``is_stopped`` says so; the process is ended then.
    """
    models_dir().mkdir(parents=True, exist_ok=True, mode=0o700)
    _clear_what_was_left()
    with tempfile.TemporaryDirectory(prefix=FOLDER, dir=models_dir()) as name:
        folder = Path(name)
        if champion is not None:
            (folder / "champion.npz").write_bytes(champion)
            request = replace(request, champion=str(folder / "champion.npz"))
        (folder / REQUEST).write_text(request.as_json(), encoding="utf-8")
        status = _run(folder, is_stopped)
        return _answer(folder, status)


def _clear_what_was_left() -> None:
    """A desk that was killed leaves its folder behind, and customers' words in it; no training lasts so long."""
    for folder in models_dir().glob(f"{FOLDER}*"):
        if time.time() - folder.stat().st_mtime > 2 * SECONDS_AT_MOST:
            shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, is_stopped: Callable[[], bool]) -> int:
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ} | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "careloop.triage.engine.learning", str(folder)]
    with (folder / "said").open("wb") as said:
        child = subprocess.Popen(command, stdout=said, stderr=said, env=environment)  # noqa: S603 - our own words
    try:
        return _watched(child, is_stopped)
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()


def _watched(child: subprocess.Popen[bytes], is_stopped: Callable[[], bool]) -> int:
    until = time.monotonic() + SECONDS_AT_MOST
    while time.monotonic() < until:
        try:
            return child.wait(SECONDS_BETWEEN_LOOKS)
        except subprocess.TimeoutExpired:
            if is_stopped():
                raise Stopped from None
    raise CannotTrain(f"Training took longer than {SECONDS_AT_MOST // 60} minutes and was ended.")


def _answer(folder: Path, status: int) -> Learned:
    try:
        answer = json.loads((folder / ANSWER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        said = (folder / "said").read_text("utf-8", errors="replace")[-2000:]
        log.error("training failed", status=status, said=said)
        raise CannotTrain(f"The training process {_end(status)}; the log says more.") from None
    if "refused" in answer:
        raise UnusableExamples(answer["refused"])
    return Learned((folder / MODEL).read_bytes(), answer)


def _end(status: int) -> str:
    if status == -signal.SIGKILL:
        return "was killed, as happens when memory runs out"
    return f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
