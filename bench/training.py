"""Training: how long and how much memory `careloop triage train` takes for 50,000 Chinese texts.

The rows are those of the shop set in the folder that CARELOOP_BENCH_DATA names (`data` without it), learned twice, to
tell ten categories apart and to tell praise from blame. Each is the real command in a process of its own, so its
processor time and its largest resident memory are the kernel's own count. The yardstick is plain Python cutting the
same texts into pairs of characters.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.figures import ratio, table
from bench.triage import cut

FILE = "online_shopping_10_cats/data_train.csv.gz"
TEXT = "review"
LABELS = {"category": "cat", "sentiment": "label"}


def measure() -> dict[str, Any]:
    """For each label: rows, seconds on the wall and of the processor, megabytes resident and of the file."""
    from careloop.triage.engine.examples import read_examples

    path = Path(os.environ.get("CARELOOP_BENCH_DATA", "data")) / FILE
    if not path.exists():
        return {"skipped": f"no {FILE} below the folder that CARELOOP_BENCH_DATA names"}
    begun = time.process_time()
    cut(read_examples(path, TEXT, LABELS["category"]).texts)
    pairs_s = time.process_time() - begun
    return {name: _train(path, column) | {"pairs_s": round(pairs_s, 2)} for name, column in LABELS.items()}


def show(result: dict[str, Any]) -> str:
    if "skipped" in result:
        return f"skipped, {result['skipped']}"
    return table([{"label": name, **one, "ratio": ratio(one["cpu_s"], one["pairs_s"])} for name, one in result.items()])


def _train(path: Path, column: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "model.npz"
        words = ["train", "--train", str(path), "--text-column", TEXT, "--label-column", column, "--out", str(out)]
        begun = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-m", "careloop.cli", "triage", *words, "--json"], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            said = json.loads(process.stdout.read())
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        return {
            "n": said["rows"],
            "wall_s": round(time.perf_counter() - begun, 1),
            "cpu_s": round(used.ru_utime + used.ru_stime, 1),
            "resident_mb": round(used.ru_maxrss / 1024),
            "file_mb": round(out.stat().st_size / 1e6, 1),
            "candidate": said["candidate"],
        }
