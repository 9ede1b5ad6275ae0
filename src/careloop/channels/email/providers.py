"""What is known of mail providers: servers, ways to sign in, and what to tell the person who sets up an inbox."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "data" / "providers.toml"


@cache
def providers() -> dict[str, dict[str, Any]]:
    """All presets by name, in the order of the file."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def provider(name: str) -> dict[str, Any]:
    """One preset; empty for an unknown name."""
    return providers().get(name, {})


def hint(name: str, language: str) -> str:
    """What a person must know to sign in there, in ``zh`` or ``en``; empty when there is nothing to say."""
    hints: dict[str, str] = provider(name).get("hint", {})
    return hints.get("zh" if language.startswith("zh") else "en", "")


def provider_for(address: str) -> str:
    """The preset that serves the domain of an address, or empty."""
    domain = address.rpartition("@")[2].lower()
    return next((name for name, preset in providers().items() if domain in preset.get("domains", ())), "")
