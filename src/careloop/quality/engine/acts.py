"""What the clauses of a reply do: name the feeling, apologise, explain, act, ask for papers, investigate, prevent.

The words are data (`data/acts.yaml`). An act is found after its exceptions are blanked, so that a plea for
understanding is not taken for understanding, nor "sorry if" for an apology.
"""

import re
from functools import cache

from careloop.quality.engine.expressions import compile_any, read_data
from careloop.quality.engine.reply import Reply
from careloop.quality.engine.sentences import Span


def find_acts(name: str, reply: Reply) -> list[Span]:
    """Every place where this act is done, in the order of the text."""
    exceptions, expression = _expressions(name, reply.language)
    words = exceptions.sub(_blank, reply.words) if exceptions else reply.words
    return [Span(*hit.span()) for hit in expression.finditer(words) if hit.group().strip()]


def first_act(name: str, reply: Reply) -> Span | None:
    """The first place where this act is done."""
    return next(iter(find_acts(name, reply)), None)


@cache
def _expressions(name: str, language: str) -> tuple[re.Pattern[str] | None, re.Pattern[str]]:
    rows = read_data("acts")[language][name]
    exceptions = compile_any(rows["except"], language) if rows["except"] else None
    return exceptions, compile_any(rows["any"], language)


def _blank(hit: re.Match[str]) -> str:
    return " " * len(hit.group())
