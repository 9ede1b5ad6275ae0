"""Where the built stylesheet, scripts and icons are: plain name in, address with its content's hash out."""

from __future__ import annotations

import json
import time
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from django.templatetags.static import static

DIST = Path(__file__).parent / "static" / "careloop" / "dist"
MANIFEST = "manifest.json"
LOOK_EVERY_SECONDS = 1.0
MISSING = "The front end is not built. Run: sh frontend/build.sh"


class Remembered(Protocol):
    """A function that keeps its answers (``functools.lru_cache``)."""

    def cache_clear(self) -> None: ...


class FrontEndMissing(RuntimeError):
    """The front end was never built; says the command that builds it."""


_remembered: list[Remembered] = []


def forget_on_rebuild(remembered: Remembered) -> None:
    """What this remembers has addresses of built files in it."""
    _remembered.append(remembered)


def asset_url(name: str) -> str:
    """The address of a built file, such as ``app.css``."""
    return _address(_manifest()[name])


@lru_cache(maxsize=64)
def _address(built: str) -> str:
    return static(f"careloop/dist/{built}")


class Manifest:
    """The build's list of names, read again when it was built anew under a running desk.

    It is looked at once a second at most, and by whoever asks first in it. While a build puts its folder in place
    there is no list for a moment; the old one is then still good, because its files were sent to the browsers
    that ask for them, or are asked for again with the next page.
    """

    def __init__(self) -> None:
        self._names: dict[str, str] | None = None
        self._built: tuple[int, int, int] | None = None
        self._look_again_at = 0.0

    def names(self) -> dict[str, str]:
        """Plain name in, hashed name out. Raises FrontEndMissing when nothing was ever built."""
        now = time.monotonic()
        if self._names is None or now >= self._look_again_at:
            self._look_again_at = now + LOOK_EVERY_SECONDS
            self._look()
        assert self._names is not None
        return self._names

    def _look(self) -> None:
        try:
            built = _stamp()
            if self._names is None or built != self._built:
                # The stamp from before reading: what is written in between is found by the next look.
                self._names, self._built = _read(), built
                for remembered in _remembered:
                    remembered.cache_clear()
        except (FrontEndMissing, ValueError):
            if self._names is None:
                raise


def _manifest() -> dict[str, str]:
    return _kept.names()


def _stamp() -> tuple[int, int, int]:
    try:
        state = (DIST / MANIFEST).stat()
    except FileNotFoundError as missing:
        raise FrontEndMissing(MISSING) from missing
    return state.st_mtime_ns, state.st_ino, state.st_size


def _read() -> dict[str, str]:
    try:
        return dict(json.loads((DIST / MANIFEST).read_text(encoding="utf-8")))
    except FileNotFoundError as missing:
        raise FrontEndMissing(MISSING) from missing


_kept = Manifest()
