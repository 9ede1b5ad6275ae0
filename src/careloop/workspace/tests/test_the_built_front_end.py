"""The front end as it is built: names no host, and its absence is said with the command that ends it."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

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


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder in which a build put its list."""
    monkeypatch.setattr(assets, "DIST", tmp_path)
    (tmp_path / "manifest.json").write_text('{"app.css": "app.1.css"}')
    return tmp_path


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock, to be set by hand."""
    at = [100.0]
    monkeypatch.setattr(assets.time, "monotonic", lambda: at[0])
    return at


def rebuild(folder: Path, text: str) -> None:
    """As the build does it: a new file put in the place of the old one."""
    fresh = folder / "fresh"
    fresh.write_text(text)
    fresh.replace(folder / "manifest.json")


def test_a_build_under_a_running_desk_is_noticed_within_a_second(built: Path, seconds: list[float]) -> None:
    manifest = assets.Manifest()
    assert manifest.names() == {"app.css": "app.1.css"}
    rebuild(built, '{"app.css": "app.2.css"}')
    seconds[0] += 0.9
    assert manifest.names() == {"app.css": "app.1.css"}
    seconds[0] += 0.2
    assert manifest.names() == {"app.css": "app.2.css"}


def test_it_is_looked_at_once_a_second_and_read_once_a_build(
    built: Path, seconds: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = assets.Manifest()
    stamp, read = Mock(side_effect=assets._stamp), Mock(side_effect=assets._read)
    monkeypatch.setattr(assets, "_stamp", stamp)
    monkeypatch.setattr(assets, "_read", read)
    for _second in range(3):
        for _page in range(5):
            manifest.names()
        seconds[0] += 1.0
    assert (stamp.call_count, read.call_count) == (3, 1)


@pytest.mark.parametrize("moment", ["gone", "half written"])
def test_the_old_list_holds_while_a_build_puts_the_new_one_in_place(
    built: Path, seconds: list[float], moment: str
) -> None:
    manifest = assets.Manifest()
    manifest.names()
    seconds[0] += 1.0
    if moment == "gone":
        (built / "manifest.json").unlink()
    else:
        rebuild(built, '{"app.css": ')
    assert manifest.names() == {"app.css": "app.1.css"}
    rebuild(built, '{"app.css": "app.2.css"}')
    seconds[0] += 1.0
    assert manifest.names() == {"app.css": "app.2.css"}


def test_the_page_of_last_resort_needs_no_build(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> dict[str, str]:
        raise assets.FrontEndMissing

    monkeypatch.setattr(assets, "_manifest", missing)
    assert "500" in render_to_string("500.html")
