"""Fails when a room has a source string without a finished Chinese text. Needs gettext (apt-get install gettext).

Each room is copied, its strings are extracted anew, and the result is read: nothing here changes the catalogues.
`--write` extracts into the rooms themselves instead, for whoever translates.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "careloop"
CATALOGUE = Path("locale/zh_Hans/LC_MESSAGES/django.po")
EXTRACT = [
    sys.executable, "-P", "-m", "django", "makemessages", "-l", "zh_Hans", "--no-location", "--no-obsolete",
    "--no-wrap", "-e", "py,html,txt,md", "--ignore=tests/*", "--ignore=static/*",
]  # fmt: skip


def rooms() -> list[Path]:
    return sorted(each for each in PACKAGE.iterdir() if each.is_dir() and (each / "__init__.py").exists())


def extract(room: Path) -> Path:
    (room / "locale").mkdir(exist_ok=True)
    environment = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(EXTRACT, cwd=room, check=True, capture_output=True, env=environment)
    return room / CATALOGUE


def unfinished(catalogue: Catalog) -> list[str]:
    return [
        str(message.id) for message in catalogue
        if message.id and (message.fuzzy or not all(_texts(message.string)))
    ]  # fmt: skip


def _texts(text: object) -> tuple[object, ...]:
    return tuple(text) if isinstance(text, list | tuple) else (text,)


def check(room: Path) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / room.name
        shutil.copytree(room, copy, ignore=shutil.ignore_patterns("tests", "dist", "*.mo", "__pycache__"))
        target = extract(copy)
        if not target.exists():
            return []
        with target.open("rb") as file:
            return unfinished(read_po(file))


def main() -> int:
    if not shutil.which("xgettext"):
        print("gettext is missing: apt-get install gettext")
        return 1 if os.environ.get("CARELOOP_NO_SKIPS") else 0
    if "--write" in sys.argv:
        for room in rooms():
            if not sys.argv[2:] or room.name in sys.argv[2:]:
                extract(room)
        return 0
    missing = [(room.name, text) for room in rooms() for text in check(room)]
    for room_name, text in missing:
        print(f"{room_name}: not translated: {text}")
    print(f"translations: {len(missing)} unfinished")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
