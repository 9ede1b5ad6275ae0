"""What `careloop doctor` asks: each room offers checks, each check answers with findings in whole sentences.

A room lists its checks in `config/doctor.py`. A check is a function without arguments; it may be slow, it must
not change anything, and what it raises is shown as a failure rather than ending the examination.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Literal

Level = Literal["ok", "warning", "failure"]


@dataclass(frozen=True)
class Finding:
    """One answer: what was looked at, how it is, and what to do when it is not well."""

    topic: str
    level: Level
    sentence: str
    advice: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)


Check = Callable[[], Iterable[Finding]]


def examine(paths: Sequence[str]) -> list[Finding]:
    """Ask every check, in order."""
    return [finding for path in paths for finding in _ask(path)]


def _ask(path: str) -> list[Finding]:
    module, _, name = path.rpartition(".")
    try:
        check: Check = getattr(import_module(module), name)
        return list(check())
    except Exception as error:
        return [Finding(name.replace("_", " "), "failure", f"The check itself failed: {error!r}")]
