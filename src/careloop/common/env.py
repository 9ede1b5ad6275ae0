"""Typed readers of the CARELOOP_* environment variables.

Every reader takes the name of one setting, its default and one sentence that says what it does. It returns
the typed value, and it writes the setting down in `REGISTRY`, from which `docs/settings.md` is generated. A
value that cannot be read stops the start with `SettingError`, which names the setting and the value expected.

This module imports neither Django nor us, so that the supervisor and the offline commands stay light.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal, TypeVar, cast, overload
from urllib.parse import urlsplit

PREFIX = "CARELOOP_"
TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})
SECONDS_IN = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
BYTES_IN = {"": 1, "b": 1, "kib": 1024, "mib": 1024**2, "gib": 1024**3}

Word = TypeVar("Word", bound=str)


class SettingError(Exception):
    """A setting holds a value that cannot be used; the start must not go on."""

    def __init__(self, name: str, expected: str) -> None:
        self.name = name
        self.expected = expected
        super().__init__(f"{name}: {expected}")


@dataclass(frozen=True)
class Setting:
    """One documented setting: `default` is its text as an operator would write it."""

    name: str
    kind: str
    default: str
    sentence: str


REGISTRY: dict[str, Setting] = {}


def text(name: str, default: str = "", *, sentence: str) -> str:
    """Any text; surrounding blanks are dropped."""
    _register(name, "text", default, sentence)
    return _raw(name, default)


def words(name: str, default: Sequence[str] = (), *, sentence: str) -> list[str]:
    """A list of words separated by commas."""
    shown = ",".join(default)
    _register(name, "list", shown, sentence)
    return [word.strip() for word in _raw(name, shown).split(",") if word.strip()]


def flag(name: str, default: bool = False, *, sentence: str) -> bool:
    """`on` or `off` (also true/false, yes/no, 1/0)."""
    shown = "on" if default else "off"
    _register(name, "on/off", shown, sentence)
    word = _raw(name, shown).lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise SettingError(name, f"must be on or off, not {word!r}")


def integer(name: str, default: int, *, minimum: int | None = None, maximum: int | None = None, sentence: str) -> int:
    """A whole number within its bounds, both included."""
    _register(name, "whole number", str(default), sentence)
    written = _raw(name, str(default))
    if not re.fullmatch(r"-?[0-9]{1,18}", written):
        raise SettingError(name, f"must be a whole number, not {written!r}")
    number = int(written)
    _check_bounds(name, number, minimum, maximum)
    return number


def duration(name: str, default: timedelta, *, minimum: timedelta | None = None, sentence: str) -> timedelta:
    """A time span such as `500ms`, `30s`, `5m`, `2h` or `1d`."""
    shown = shown_duration(default)
    _register(name, "duration", shown, sentence)
    span = _parse_duration(name, _raw(name, shown))
    if minimum is not None and span < minimum:
        raise SettingError(name, f"must be at least {shown_duration(minimum)}")
    return span


def size(name: str, default: int, *, sentence: str) -> int:
    """A number of bytes such as `500KiB`, `25MiB` or `1GiB`."""
    shown = shown_size(default)
    _register(name, "size", shown, sentence)
    written = _raw(name, shown)
    found = re.fullmatch(r"([0-9]{1,12})\s*([A-Za-z]*)", written)
    if not found or found[2].lower() not in BYTES_IN:
        raise SettingError(name, f"must be a size such as 25MiB, not {written!r}")
    return int(found[1]) * BYTES_IN[found[2].lower()]


def choice(name: str, default: Word, *, choices: Sequence[Word], sentence: str) -> Word:
    """One of a few words."""
    _register(name, " | ".join(choices), default, sentence)
    word = _raw(name, default)
    if word not in choices:
        raise SettingError(name, f"must be one of {', '.join(choices)}, not {word!r}")
    return cast(Word, word)


def url(name: str, default: str = "", *, schemes: Sequence[str] = ("http", "https"), sentence: str) -> str:
    """An address with one of `schemes`, without a closing slash; empty where the default is empty."""
    _register(name, "address", default, sentence)
    address = _raw(name, default)
    if not address and not default:
        return ""
    if not _is_address(address, schemes):
        raise SettingError(name, f"must be an address starting with {' or '.join(f'{s}://' for s in schemes)}")
    return address.rstrip("/")


def path(name: str, default: Path, *, shown: str = "", sentence: str) -> Path:
    """An absolute path; `~` means the home folder. `shown` is the default as the reference prints it."""
    _register(name, "path", shown or str(default), sentence)
    return Path(_raw(name, str(default))).expanduser().absolute()


@overload
def secret(name: str, *, required: Literal[True], sentence: str) -> str: ...
@overload
def secret(name: str, *, required: bool = False, sentence: str) -> str | None: ...
def secret(name: str, *, required: bool = False, sentence: str) -> str | None:
    """A secret from NAME, or the first line of the file named by NAME_FILE; None when neither is set."""
    _register(name, "secret", "", sentence)
    _register(f"{name}_FILE", "path", "", f"A file whose first line is used as {name}.")
    value = _raw(name, "") or _first_line(f"{name}_FILE")
    if value:
        return value
    if required:
        raise SettingError(name, f"must be set, or {name}_FILE must name a file that holds it")
    return None


def reference() -> str:
    """The registered settings as a Markdown table, sorted by name: the body of docs/settings.md."""
    lines = ["| setting | kind | default | what it does |", "| --- | --- | --- | --- |"]
    for setting in sorted(REGISTRY.values(), key=lambda each: each.name):
        kind = setting.kind.replace("|", "\\|")
        default = f"`{setting.default}`" if setting.default else ""
        lines.append(f"| `{setting.name}` | {kind} | {default} | {setting.sentence} |")
    return "\n".join(lines) + "\n"


def shown_duration(span: timedelta) -> str:
    """The shortest text that `duration` reads back as `span`."""
    milliseconds = round(span.total_seconds() * 1000)
    for unit in ("d", "h", "m", "s"):
        length = int(SECONDS_IN[unit] * 1000)
        if milliseconds >= length and milliseconds % length == 0:
            return f"{milliseconds // length}{unit}"
    return f"{milliseconds}ms" if milliseconds else "0s"


def shown_size(count: int) -> str:
    """The shortest text that `size` reads back as `count` bytes."""
    for unit, length in (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024)):
        if count and count % length == 0:
            return f"{count // length}{unit}"
    return str(count)


def _register(name: str, kind: str, default: str, sentence: str) -> None:
    if not name.startswith(PREFIX):
        raise ValueError(f"{name} must start with {PREFIX}")
    setting = Setting(name, kind, default, sentence)
    # Two processes may need one setting before and after Django; they must then mean the same.
    if REGISTRY.setdefault(name, setting).sentence != sentence:
        raise ValueError(f"{name} is described twice, differently")


def _raw(name: str, default: str) -> str:
    return (os.environ.get(name) or default).strip()


def _check_bounds(name: str, number: int, minimum: int | None, maximum: int | None) -> None:
    if minimum is not None and number < minimum:
        raise SettingError(name, f"must be at least {minimum}, not {number}")
    if maximum is not None and number > maximum:
        raise SettingError(name, f"must be at most {maximum}, not {number}")


def _parse_duration(name: str, written: str) -> timedelta:
    found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)\s*(ms|s|m|h|d)", written)
    if not found:
        raise SettingError(name, f"must be a duration such as 30s, 5m or 2h, not {written!r}")
    try:
        return timedelta(seconds=float(found[1]) * SECONDS_IN[found[2]])
    except OverflowError:
        raise SettingError(name, f"is too long: {written!r}") from None


def _is_address(address: str, schemes: Sequence[str]) -> bool:
    try:
        parts = urlsplit(address)
        _ = parts.port  # Reading the port is what checks it.
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.netloc or parts.path.strip("/"))


def _first_line(name: str) -> str:
    file_name = _raw(name, "")
    if not file_name:
        return ""
    try:
        lines = Path(file_name).expanduser().read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(name, f"cannot be read: {error}") from None
    return lines[0].strip() if lines else ""
