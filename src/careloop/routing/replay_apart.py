"""The replay as a process of its own: `python -m careloop.routing.replay_apart`. No database, no framework.

Reads one JSON object and writes JSON lines: the share that is done, at the end the result. Started by
`services.simulating`, so that the desk goes on beside it.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from careloop.routing.comparing import compare
from careloop.routing.replaying import Rule, Turn, replay

EVENTS_A_TURN = 4


def main() -> None:
    """Read the turns and both rules, write how far it is, at the end what came of it."""
    given: dict[str, Any] = json.load(sys.stdin)
    turns = [Turn(**each) for each in given["turns"]]
    steps = max(1, 2 * EVENTS_A_TURN * len(turns))
    handled = 0

    def tell(more: int) -> None:
        nonlocal handled
        handled += more
        _say({"done": min(0.99, handled / steps)})

    served = [replay(turns, Rule(**given[name]), given["end"], tell) for name in ("current", "proposed")]
    result = compare(turns, *served, end=given["end"])
    _say({"result": asdict(result)})


def _say(word: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(word) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
