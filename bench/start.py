"""Cold start: seconds from `careloop serve` to the first 200, on a new folder and on one that is prepared."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import desks
from bench.figures import ratio, table
from careloop.cli.tests.desk import Desk

TIMES = 3


def measure() -> dict[str, Any]:
    """The middle of three; the yardstick is a bare Python that imports Django and gunicorn."""
    return {
        "first_start_seconds": _middle([_first_start() for _ in range(TIMES)]),
        "start_seconds": _middle(_prepared_starts()),
        "bare_import_seconds": _middle([_bare_import() for _ in range(TIMES)]),
        "n": TIMES,
    }


def show(result: dict[str, Any]) -> str:
    return table([{**result, "start ÷ bare": ratio(result["start_seconds"], result["bare_import_seconds"])}])


def _first_start() -> float:
    """Nothing is there: the database is made and migrated first."""
    folder = Path(tempfile.mkdtemp(prefix="careloop-bench-"))
    desk = Desk(folder)
    desk.environment.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        return desks.serve(desk)
    finally:
        desk.end()
        shutil.rmtree(folder, ignore_errors=True)


def _prepared_starts() -> list[float]:
    with desks.new_desk("sqlite") as desk:
        taken = []
        for _ in range(TIMES):
            taken.append(desks.serve(desk))
            desks.stop(desk)
            (desk.folder / "serve.log").unlink()
        return taken


def _bare_import() -> float:
    start = time.perf_counter()
    code = "import django.core.handlers.wsgi, django.db.models, gunicorn.app.base"
    subprocess.run([sys.executable, "-P", "-c", code], check=True)
    return time.perf_counter() - start


def _middle(seconds: list[float]) -> float:
    return round(sorted(seconds)[len(seconds) // 2], 2)
