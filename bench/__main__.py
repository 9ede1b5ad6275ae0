"""`python -m bench`: measure, show a short table of each, and write everything as JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import alarms, customers, ingest, learned, memory, screens, start, training, triage

NAMES = ("ingest", "screens", "memory", "start", "triage", "learned", "training", "alarms", "customers")
ASKED_WITH_NOTHING: dict[str, Any] = {
    "start": start,
    "triage": triage,
    "training": training,
    "alarms": alarms,
    "customers": customers,
}


def main() -> None:
    asked = _read(sys.argv[1:])
    found: dict[str, Any] = {"machine": _machine()}
    for name in asked.what or NAMES:
        print(f"— {name}", flush=True)
        found[name], shown = _measure(name, asked)
        print(f"{shown}\n", flush=True)
    text = json.dumps(found, ensure_ascii=False, indent=2)
    if asked.json:
        asked.json.write_text(f"{text}\n")
    else:
        print(text)


def _measure(name: str, asked: argparse.Namespace) -> tuple[Any, str]:
    match name:
        case "ingest":
            result = ingest.measure(asked.messages)
            return result, ingest.show(result)
        case "screens":
            result = screens.measure(asked.conversations, with_peer=asked.peer)
            return result, screens.show(result)
        case "memory":
            result = memory.measure(asked.conversations)
            return result, memory.show(result)
        case "learned":
            result = learned.measure(all_rows=asked.all_rows)
            return result, learned.show(result)
        case _:
            module = ASKED_WITH_NOTHING[name]
            result = module.measure()
            return result, module.show(result)


def _read(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("what", nargs="*", choices=NAMES, help="all when none is named")
    parser.add_argument("--conversations", type=int, default=20_000, metavar="N")
    parser.add_argument("--messages", type=int, default=1_000, metavar="N", help="of the backlog and of each posting")
    parser.add_argument("--all-rows", action="store_true", help="learned: every row of the sets; takes long")
    parser.add_argument("--peer", action="store_true", help="django-helpdesk beside it, in its own environment")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the JSON there instead of printing it")
    return parser.parse_args(words)


def _machine() -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "load_before": [round(each, 2) for each in os.getloadavg()],
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
    }


if __name__ == "__main__":
    main()
