"""Memory: the proportional set size of the whole served desk, all processes, after it was used."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from bench import desks
from bench.clients import one_after_the_other
from bench.figures import ratio, table
from bench.screens import operations, sign_in

REQUESTS = 20
BARE = "import django.core.handlers.wsgi, django.db.models, sys; print('up', flush=True); sys.stdin.read()"


def measure(count: int) -> dict[str, Any]:
    """Fresh from the start, and after every screen was used; the yardstick is a Python that imported Django."""
    bare = _bare_megabytes()
    with desks.new_desk("sqlite") as desk:
        filled = desks.inside(desk, f"bench.inside.fill({count})")
        desks.serve(desk)
        fresh = desks.memory_megabytes(desk.processes[-1].pid)
        client = sign_in(desk)
        for work in operations(filled["open"]).values():
            one_after_the_other(work, client, range(REQUESTS))
        used = desks.memory_megabytes(desk.processes[-1].pid)
    return {
        "conversations": count,
        "fresh_mb": round(fresh, 1),
        "used_mb": round(used, 1),
        "bare_django_mb": round(bare, 1),
    }


def show(result: dict[str, Any]) -> str:
    return table([{**result, "used ÷ bare": ratio(result["used_mb"], result["bare_django_mb"])}])


def _bare_megabytes() -> float:
    with subprocess.Popen(
        [sys.executable, "-P", "-c", BARE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as bare:
        assert bare.stdout is not None
        bare.stdout.readline()
        return desks.memory_megabytes(bare.pid)
