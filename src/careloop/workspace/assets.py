"""Where the built stylesheet, scripts and icons are: plain name in, address with its content's hash out."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.templatetags.static import static

DIST = Path(__file__).parent / "static" / "careloop" / "dist"


class FrontEndMissing(RuntimeError):
    """The front end was never built; says the command that builds it."""


def asset_url(name: str) -> str:
    """The address of a built file, such as ``app.css``."""
    return static(f"careloop/dist/{_manifest()[name]}")


def _manifest() -> dict[str, str]:
    # While developing, the files are rebuilt under a running server.
    return _read() if settings.DEBUG else _read_once()


@lru_cache(maxsize=1)
def _read_once() -> dict[str, str]:
    return _read()


def _read() -> dict[str, str]:
    try:
        return dict(json.loads((DIST / "manifest.json").read_text(encoding="utf-8")))
    except FileNotFoundError as missing:
        raise FrontEndMissing("The front end is not built. Run: sh frontend/build.sh") from missing
