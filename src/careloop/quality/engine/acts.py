"""What the clauses of a reply do: name the feeling, apologise, explain, act, ask for papers, investigate, prevent.

The words are data (`data/acts.yaml`). An act is found after its exceptions are blanked, so that a plea for
understanding is not taken for understanding, nor "sorry if" for an apology.
"""

import re
from functools import cache

from careloop.common.text import count_han
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


def statements(reply: Reply) -> list[Span]:
    """Sentences about our side of the matter: long enough, neither feeling nor apology, not to or about the customer.

    "Your parcel came in pieces." restates the trouble and is none; "The network team found a worn modem." is one.
    """
    return [span for span in reply.sentences if _is_statement(reply, span)]


def _is_statement(reply: Reply, span: Span) -> bool:
    words = reply.slice(span)
    limits = read_data("acts")[reply.language]["statement"]
    length = count_han(words) if reply.language == "zh" else len(words.split())
    if length <= limits["longest_remark"] or compile_any(limits["not"], reply.language).search(words):
        return False
    return not any(
        span.start <= act.start < span.end for name in ("empathy", "apology") for act in find_acts(name, reply)
    )


@cache
def _expressions(name: str, language: str) -> tuple[re.Pattern[str] | None, re.Pattern[str]]:
    rows = read_data("acts")[language][name]
    exceptions = compile_any(rows["except"], language) if rows["except"] else None
    return exceptions, compile_any(rows["any"], language)


def _blank(hit: re.Match[str]) -> str:
    return " " * len(hit.group())
