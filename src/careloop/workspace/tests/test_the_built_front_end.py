"""The front end as it is built: names no host, and its absence is said with the command that ends it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.template.loader import render_to_string

from careloop.workspace import assets

PROJECT = Path(__file__).parents[4]
LOCKS = [PROJECT / "package-lock.json", PROJECT / "package.json"]


@pytest.mark.offline
@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_the_lock_names_no_address(lock: Path) -> None:
    if not lock.exists():
        pytest.skip("the front end's sources are not in the wheel")
    assert "://" not in lock.read_text(encoding="utf-8")


def test_a_missing_build_is_said_with_its_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(assets, "DIST", tmp_path)
    with pytest.raises(assets.FrontEndMissing, match="sh frontend/build"):
        assets._read()


def test_the_page_of_last_resort_needs_no_build(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> dict[str, str]:
        raise assets.FrontEndMissing

    monkeypatch.setattr(assets, "_manifest", missing)
    assert "500" in render_to_string("500.html")
