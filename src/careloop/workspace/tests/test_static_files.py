"""A front end that is built under a running desk is served without starting the desk again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from careloop.workspace import assets, looks
from careloop.workspace.static_files import StaticFiles

NAME = "app.0123456789.css"


@pytest.fixture
def dist(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """A place for built files that the finders look into, beside those of the rooms."""
    get_finder: Any = finders.get_finder
    folder = tmp_path / "careloop" / "dist"
    folder.mkdir(parents=True)
    settings.STATICFILES_DIRS = [str(tmp_path)]
    get_finder.cache_clear()
    yield folder
    get_finder.cache_clear()


def nothing_else(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("not here", status=404)


def get(desk: StaticFiles, name: str) -> Any:
    return desk(RequestFactory().get(f"/static/careloop/dist/{name}"))


def test_a_file_that_was_built_after_the_start_is_served_for_ever(dist: Path) -> None:
    desk = StaticFiles(nothing_else)
    assert get(desk, NAME).status_code == 404
    (dist / NAME).write_text("body{}")
    answer = get(desk, NAME)
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, b"body{}")
    assert "immutable" in answer["Cache-Control"]


def test_a_file_that_a_build_took_away_is_not_found(dist: Path) -> None:
    (dist / NAME).write_text("body{}")
    desk = StaticFiles(nothing_else)
    (dist / NAME).unlink()
    assert get(desk, NAME).status_code == 404


@pytest.mark.parametrize("name", ["app.css", "../secret.0123456789.css", "../../../etc/passwd"])
def test_nothing_else_is_looked_for(dist: Path, name: str) -> None:
    desk = StaticFiles(nothing_else)
    (dist / "app.css").write_text("x")
    (dist.parent.parent / "secret.0123456789.css").write_text("x")
    assert get(desk, name).status_code == 404


def test_an_icon_that_is_remembered_follows_the_build(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    manifest, at = assets.Manifest(), [100.0]
    monkeypatch.setattr(assets, "DIST", tmp_path)
    monkeypatch.setattr(assets.time, "monotonic", lambda: at[0])
    monkeypatch.setattr(assets, "_manifest", manifest.names)
    (tmp_path / "manifest.json").write_text('{"icons.svg": "icons.1.svg"}')
    looks.icon.cache_clear()
    assert "icons.1.svg#inbox" in looks.icon("inbox")
    (tmp_path / "manifest.json").write_text('{"icons.svg": "icons.22.svg"}')
    at[0] += 1.0
    assets.asset_url("icons.svg")  # any page asks for its stylesheet
    assert "icons.22.svg#inbox" in looks.icon("inbox")
    looks.icon.cache_clear()


def test_everything_that_remembers_drawn_icons_follows_it() -> None:
    from careloop.workspace import drawing, rows, thread

    assert {looks.icon, drawing._still, rows.drawn, thread._remembered} <= set(assets._remembered)
