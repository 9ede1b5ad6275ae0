"""Where the real mails for tests lie: CARELOOP_DATA, else ../shared/data beside the repository."""

import os
from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).parents[5]
MAIL_FOLDER = Path(os.environ.get("CARELOOP_DATA") or _REPOSITORY.parent / "shared" / "data") / "mail"

needs_real_mail = pytest.mark.skipif(
    not MAIL_FOLDER.is_dir(),
    reason=f"no real mails at {MAIL_FOLDER}: set CARELOOP_DATA to a folder that holds mail/",
)


def real_files(folder: str = "") -> list[Path]:
    """Every real file below ``folder`` in order; empty when there are none here."""
    root = MAIL_FOLDER / folder
    return sorted(path for path in root.rglob("*") if path.is_file()) if root.is_dir() else []


def name_of(path: Path) -> str:
    return str(path.relative_to(MAIL_FOLDER))
