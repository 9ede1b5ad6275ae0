"""Names, found by any part of them: every three letters or two Chinese characters that stand together are a token.

At each character of a name a token begins, the last ones of a run shorter, so that any part of a run is the beginning
of a token (a short part) or whole tokens side by side (a longer one, which cannot reach into the next run). What a
person asks for is taken apart into runs as a message is (`tokenizer`), and each must occur, in any order. Imports only
the tokenizer.
"""

from __future__ import annotations

from careloop.search.tokenizer import Term, runs

LETTERS, CHARACTERS = 3, 2


def parts(name: str) -> list[str]:
    """The tokens of a name, run by run."""
    return [token for is_han, run in runs(name) for token in _tokens(run, CHARACTERS if is_han else LETTERS)]


def asked(query: str) -> list[Term]:
    """What must stand in a name: each run as tokens side by side, or as the beginning of one."""
    return [_term(run, CHARACTERS if is_han else LETTERS) for is_han, run in runs(query)]


def matches(query: str, name: str) -> bool:
    """Whether the index would find this name, for a few that are in hand."""
    of_name = [run for _, run in runs(name)]
    wanted = [run for _, run in runs(query)]
    return bool(wanted) and all(any(part in run for run in of_name) for part in wanted)


def _tokens(run: str, size: int) -> list[str]:
    return [run[at : at + size] for at in range(len(run))]


def _term(run: str, size: int) -> Term:
    if len(run) < size:
        return Term((run,), is_prefix=True)
    return Term(tuple(run[at : at + size] for at in range(len(run) - size + 1)))
