"""Compiles every room's catalogue: `python -m careloop.common.translations`.

Needs no gettext on the machine. The compiled files are not committed; `make` and the building of the wheel
make them. A catalogue with an error stops the build with its file and line.
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

PACKAGE = Path(__file__).resolve().parent.parent


def catalogues(folder: Path = PACKAGE) -> list[Path]:
    """All .po files under the folder, in order."""
    return sorted(folder.rglob("locale/*/LC_MESSAGES/*.po"))


def compile_all(folder: Path = PACKAGE) -> list[Path]:
    """Write the .mo file beside each .po file that is newer; returns those written."""
    return [compiled for source in catalogues(folder) if (compiled := _compile(source))]


def read(source: Path) -> Catalog:
    """The catalogue in the file; raises PoFileError with the line of an error."""
    with source.open("rb") as file:
        return read_po(file, locale=source.parent.parent.name, abort_invalid=True)


def _compile(source: Path) -> Path | None:
    target = source.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return None
    catalogue = read(source)
    # Written beside and then renamed, so that a reader never meets half a file.
    draft = target.with_suffix(".mo.draft")
    with draft.open("wb") as file:
        write_mo(file, catalogue)
    draft.replace(target)
    return target


if __name__ == "__main__":
    try:
        for written in compile_all():
            sys.stdout.write(f"compiled {written.relative_to(PACKAGE)}\n")
    except PoFileError as error:
        sys.exit(str(error))
