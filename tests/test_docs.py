"""The documentation is true: paths exist, every event and API field has its entry, no lock names a registry."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
PAGES = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
PATH = re.compile(r"`((?:src|docs|tests|bench|scripts|frontend)/[\w./-]+?)`")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
EVENT = re.compile(r'^[A-Z_]+ = "([a-z_]+\.[a-z_]+)"', re.MULTILINE)


@pytest.mark.offline
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_on_a_page_exists(page: Path) -> None:
    text = page.read_text()
    missing = [path for path in PATH.findall(text) if not (REPOSITORY / path).exists()]
    missing += [link for link in LINK.findall(text) if not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.offline
def test_the_tour_names_every_station_of_the_road() -> None:
    tour = (REPOSITORY / "docs" / "tour.md").read_text()
    for station in ("keeping", "inbound", "accepting", "threading", "classifying", "starting", "prioritising"):
        assert f"/{station}.py" in tour


@pytest.mark.offline
def test_every_event_has_its_entry() -> None:
    source = REPOSITORY / "src" / "careloop"
    named = {name for file in source.rglob("events.py") for name in EVENT.findall(file.read_text())}
    described = set(re.findall(r"^\| `([a-z_.]+)`", (REPOSITORY / "docs" / "events.md").read_text(), re.MULTILINE))
    assert described == named


@pytest.mark.offline
def test_every_command_of_the_makefile_is_explained() -> None:
    text = (REPOSITORY / "Makefile").read_text()
    phony = set(re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)[0].split()) - {"frontend", "translations"}
    assert phony == set(re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE))


@pytest.mark.offline
@pytest.mark.parametrize("lock", ["requirements/dev.lock", "requirements/bootstrap.lock", "package-lock.json"])
def test_no_lock_names_a_registry(lock: str) -> None:
    assert "://" not in re.sub(r'"(?:url|homepage|license)": "[^"]*"', "", (REPOSITORY / lock).read_text())


@pytest.mark.offline
def test_every_locked_package_has_a_hash() -> None:
    entries = re.split(r"\n(?=\S)", (REPOSITORY / "requirements" / "dev.lock").read_text())
    named = [entry for entry in entries if "==" in entry.split("\n")[0]]
    assert named
    assert all("--hash=sha256:" in entry for entry in named)
