"""What must stand in a text for a regular expression to match at all, so that most need not be tried.

`necessary` reads the parse tree of an expression and returns sets of short pieces: of each set at least one piece
must occur in any text the expression matches. `pieces` lists the pieces of a text. Letters in the expressions are
folded like the texts.
"""

import re
from collections.abc import Sequence
from typing import Any

LONGEST = 3
_MOST = 48
_CLEAREST = 2

Need = frozenset[str]
Parsed = tuple[set[str] | None, list[Need]]


def pieces(words: str) -> frozenset[str]:
    """Every run of one to three characters."""
    runs = [words[start : start + size] for size in range(1, LONGEST + 1) for start in range(len(words))]
    return frozenset(runs)


def necessary(pattern: str) -> tuple[Need, ...]:
    """The few sets that say most about where this expression can match; none when nothing is necessary."""
    exact, needs = _sequence(re._parser.parse(pattern))  # type: ignore[attr-defined]
    if exact is not None:
        needs = [*needs, *_as_need(exact)]
    return tuple(sorted(set(needs), key=_chance)[:_CLEAREST])


def _chance(need: Need) -> float:
    return sum(0.1 ** len(piece) for piece in need)


def _as_need(words: set[str]) -> list[Need]:
    """One set of pieces, unless a word is empty: an empty word is everywhere."""
    if not words or "" in words:
        return []
    return [min((_cut(words, end) for end in (False, True)), key=_chance)]


def _cut(words: set[str], end: bool) -> Need:
    return frozenset(word[-LONGEST:] if end else word[:LONGEST] for word in words)


def _sequence(items: Sequence[tuple[Any, Any]]) -> Parsed:
    """The words a sequence spells out when there are few; otherwise only what it needs."""
    is_exact = True
    spelled: set[str] = {""}
    needs: list[Need] = []
    for operation, detail in items:
        exact, inner = _one(str(operation), detail)
        needs += inner
        if exact is not None and len(exact) * len(spelled) <= _MOST:
            spelled = {left + right for left in spelled for right in exact}
            continue
        is_exact = False
        needs += _as_need(spelled)
        needs += _as_need(exact or set())
        spelled = {""}
    if is_exact:
        return spelled, needs
    return None, [*needs, *_as_need(spelled)]


def _one(operation: str, detail: Any) -> Parsed:
    match operation:
        case "LITERAL":
            return (None, []) if chr(detail).isspace() else ({chr(detail)}, [])
        case "IN":
            return _characters(detail), []
        case "SUBPATTERN":
            return _sequence(detail[3])
        case "BRANCH":
            return _branches([_sequence(branch) for branch in detail[1]])
        case "MAX_REPEAT" | "MIN_REPEAT":
            return _repeated(*detail)
        case "ASSERT" | "ASSERT_NOT" | "AT":
            return {""}, []
        case _:
            return None, []


def _characters(members: Sequence[tuple[Any, Any]]) -> set[str] | None:
    if any(str(kind) != "LITERAL" or chr(value).isspace() for kind, value in members):
        return None
    return {chr(value) for _, value in members}


def _branches(parsed: list[Parsed]) -> Parsed:
    spelled = [words for words, _ in parsed if words is not None]
    exact = set().union(*spelled)
    if len(spelled) == len(parsed) and len(exact) <= _MOST:
        return exact, []
    clearest = [min([*needs, *_as_need(words or set())], key=_chance, default=None) for words, needs in parsed]
    if None in clearest:
        return None, []
    return None, [frozenset().union(*(each for each in clearest if each))]


def _repeated(least: int, most: Any, inner: Any) -> Parsed:
    exact, needs = _sequence(inner)
    if least == 0:
        return (exact | {""}, []) if exact is not None and most == 1 else (None, [])
    if least == 1 and most == 1:
        return exact, needs
    return None, [*needs, *_as_need(exact or set())]
