"""`python -m bench.flat`: does everything the desk is asked take the same time with a hundred times the conversations?

python -m bench.flat                                 # 5,000 and 500,000 on SQLite; five minutes to fill
python -m bench.flat --database postgresql --large 100000
python -m bench.flat --plans "largest: complaints"   # the statements and plans of these questions as well
"""

from __future__ import annotations

import argparse
from typing import Any

from bench import desks
from bench.figures import table

SMALL, LARGE = 5_000, 500_000
# Below this a ratio says more about caches than about growth.
WORTH_A_LOOK = 5.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.flat", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--small", type=int, default=SMALL)
    parser.add_argument("--large", type=int, default=LARGE)
    parser.add_argument("--only", default="", help="questions whose name holds this")
    parser.add_argument("--plans", default="", help="show statements and plans of questions whose name holds this")
    asked = parser.parse_args()
    found = {count: _measured(asked, count) for count in (asked.small, asked.large)}
    print(show(found[asked.small], found[asked.large]))


def show(small: dict[str, Any], large: dict[str, Any]) -> str:
    """What takes long at all, the worst ratio first."""
    rows = [
        {"question": name, "small ms": small[name]["ms"], "large ms": each["ms"]}
        | {"ratio": round(each["ms"] / max(small[name]["ms"], 0.01), 1)}
        for name, each in large.items()
        if each["ms"] >= WORTH_A_LOOK
    ]
    rows.sort(key=lambda row: -row["ratio"])
    longest = max((each["ms"] for each in large.values()), default=0.0)
    head = f"{len(large)} questions, {len(large) - len(rows)} below {WORTH_A_LOOK} ms, the longest {longest:.0f} ms"
    return f"{head}\n{table(rows)}"


def _measured(asked: argparse.Namespace, count: int) -> dict[str, Any]:
    with desks.new_desk(asked.database, is_bare=True) as desk:
        desks.inside(desk, f"bench.wide.fill({count})", module="bench.wide")
        if asked.plans:
            print(desks.inside(desk, f"bench.asking.plans({asked.plans!r})", module="bench.asking"))
        found: dict[str, Any] = desks.inside(desk, f"bench.asking.measure({asked.only!r})", module="bench.asking")
        return found


if __name__ == "__main__":
    main()
