"""Starts the parts of the desk as child processes, restarts one that dies, stops them all within a time limit.

Imports neither Django nor the rooms, so it stays small and has little that can fail. The children die with
it, even when it is killed without warning: each asks the kernel for a signal at its parent's death.
"""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

PR_SET_PDEATHSIG = 1
HEALTHY_AFTER_SECONDS = 60.0
LONGEST_BACKOFF_SECONDS = 30.0
# A wrong setting does not get better by starting again; see cli.main.EXIT_BAD_INPUT.
EXIT_HOPELESS = 2
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
WATCHED = frozenset({*STOP_SIGNALS, signal.SIGCHLD})

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass
class Part:
    """One child process: its command, and how often in a row it died young."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    early_deaths: int = field(default=0)

    def start(self) -> None:
        parent = os.getpid()
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own commands.
            self.command,
            start_new_session=True,  # Ctrl-C must reach us alone; we then stop the parts in order.
            preexec_fn=lambda: _die_with(parent),  # noqa: PLW1509 - this process has one thread.
        )
        self.started_at = time.monotonic()

    def backoff_seconds(self) -> float:
        """Count this death, and say how long to wait: 0.5 s doubling to 30 s, anew after a healthy minute."""
        if time.monotonic() - self.started_at > HEALTHY_AFTER_SECONDS:
            self.early_deaths = 0
        self.early_deaths += 1
        return min(LONGEST_BACKOFF_SECONDS, 0.25 * 2.0**self.early_deaths)

    def send(self, number: signal.Signals) -> None:
        """Signal the part and its own children, which share its process group."""
        if self.process is not None and self.process.poll() is None:
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)

    def end_remains(self) -> None:
        """End what the dead part left behind, such as a server's own workers, before it is started again."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


class Supervisor:
    """`run` returns the exit code of the whole: 0 after a stop that was asked for."""

    def __init__(self, parts: Sequence[Part], *, stop_seconds: float, say: Callable[[str], None]) -> None:
        self.parts = parts
        self.stop_seconds = stop_seconds
        self.say = say

    def run(self, when_started: Callable[[], bool] = lambda: True) -> int:
        """Start all parts and keep them; `when_started` is asked until it says that it is done."""
        signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
        try:
            return self._watch(when_started)
        finally:
            self._stop()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)

    def _watch(self, when_started: Callable[[], bool]) -> int:
        for part in self.parts:
            part.start()
        is_announced = False
        while True:
            caught = signal.sigtimedwait(WATCHED, 1.0 if is_announced else 0.1)
            if caught is not None and caught.si_signo in STOP_SIGNALS:
                return 0
            for part in self.parts:
                if self._is_hopeless(part):
                    return EXIT_HOPELESS
            is_announced = is_announced or when_started()

    def _is_hopeless(self, part: Part) -> bool:
        """Restart the part if it died and its wait is over; true when it says that starting again is no use."""
        if part.process is None:
            if time.monotonic() >= part.start_again_at:
                part.start()
            return False
        code = part.process.poll()
        if code is None:
            return False
        if code == EXIT_HOPELESS:
            self.say(f"{part.name} cannot start; see above.")
            return True
        wait_seconds = part.backoff_seconds()
        self.say(f"{part.name} ended ({_ending(code)}); it is started again in {wait_seconds:g} s.")
        part.end_remains()
        part.process, part.start_again_at = None, time.monotonic() + wait_seconds
        return False

    def _stop(self) -> None:
        running = [part for part in self.parts if part.process is not None]
        for part in running:
            part.send(signal.SIGTERM)
        deadline = time.monotonic() + self.stop_seconds
        for part in running:
            if not _has_ended(part, deadline):
                self.say(f"{part.name} did not stop within {self.stop_seconds:g} s and is killed.")
                part.send(signal.SIGKILL)
                assert part.process is not None
                part.process.wait()


def _has_ended(part: Part, deadline: float) -> bool:
    assert part.process is not None
    try:
        part.process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return False
    return True


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _die_with(parent: int) -> None:
    """In the child, before it becomes the part: a clean slate of signals, and SIGTERM when the parent dies."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # It died between fork and prctl.
        os._exit(1)
