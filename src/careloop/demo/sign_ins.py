"""The demo's passwords, kept beside the demo's database so that a second ``make run`` can print them again.

They are made at random when the demo is loaded. The file can be read by its owner only, and the people it
names exist only in the demo.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from careloop.demo.staging.cast import SignIn

FILE = "demo-sign-ins.json"


def remember(folder: Path, sign_ins: Sequence[SignIn]) -> None:
    """Write the file anew, readable by nobody else."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps([asdict(each) for each in sign_ins], ensure_ascii=False, indent=1), "utf-8")


def remembered(folder: Path) -> list[SignIn]:
    """The sign-ins of the last load, or none when the file is gone."""
    path = folder / FILE
    if not path.exists():
        return []
    return [SignIn(**entry) for entry in json.loads(path.read_text("utf-8"))]


def forget(folder: Path) -> None:
    (folder / FILE).unlink(missing_ok=True)
