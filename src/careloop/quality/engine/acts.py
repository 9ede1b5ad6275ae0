"""What the clauses of a reply do: name the feeling, apologise, explain, act, ask for papers, investigate, prevent.

The words are data (`data/acts.yaml`). An act is found after its exceptions are blanked, so that a plea for
understanding is not taken for understanding, nor "sorry if" for an apology.
"""

from functools import cache

from careloop.common.text import count_han
from careloop.quality.engine.expressions import Expression, compile_any, read_data
from careloop.quality.engine.opening import after_greeting
from careloop.quality.engine.reply import Reply
from careloop.quality.engine.second_opinion import suspects
from careloop.quality.engine.sentences import Span


def find_acts(name: str, reply: Reply) -> list[Span]:
    """Every place where this act is done, in the order of the text; worked out once a reply."""
    if ("act", name) not in reply.memory:
        reply.memory["act", name] = _with_second_opinion(name, _found(name, reply), reply)
    found: list[Span] = reply.memory["act", name]
    return found


def _with_second_opinion(name: str, found: list[Span], reply: Reply) -> list[Span]:
    """Feeling is put in so many ways that sentences the model takes for it count as well."""
    if name != "empathy":
        return found
    felt = [span for span in suspects(name, reply) if not any(span.start <= each.start < span.end for each in found)]
    return sorted([*found, *felt])


def _found(name: str, reply: Reply) -> list[Span]:
    exceptions, expression = _expressions(name, reply.language)
    words = reply.words
    for hit in exceptions.finditer(words, reply.pieces) if exceptions else ():
        words = f"{words[: hit.start()]}{' ' * len(hit.group())}{words[hit.end() :]}"
    return [Span(*hit.span()) for hit in expression.finditer(words, reply.pieces) if hit.group().strip()]


def first_act(name: str, reply: Reply) -> Span | None:
    """The first place where this act is done."""
    return next(iter(find_acts(name, reply)), None)


def statements(reply: Reply) -> list[Span]:
    """Sentences about our side of the matter: long enough, neither feeling nor apology, not to or about the customer.

    "Your parcel came in pieces." restates the trouble and is none; "The network team found a worn modem." is one.
    """
    learned = suspects("business", reply)
    return [span for span in reply.sentences if _is_statement(reply, span) or _is_business(span, learned, reply)]


def _is_business(span: Span, learned: list[Span], reply: Reply) -> bool:
    return span in learned and not _is_warm(span, reply)


def _is_warm(span: Span, reply: Reply) -> bool:
    return any(span.start <= act.start < span.end for name in ("empathy", "apology") for act in find_acts(name, reply))


def _is_statement(reply: Reply, span: Span) -> bool:
    words = reply.words[max(span.start, after_greeting(reply)) : span.end]
    limits = read_data("acts")[reply.language]["statement"]
    length = count_han(words) if reply.language == "zh" else len(words.split())
    if length <= limits["longest_remark"] or compile_any(limits["not"], reply.language).search(words):
        return False
    return not _is_warm(span, reply)


@cache
def _expressions(name: str, language: str) -> tuple[Expression | None, Expression]:
    rows = read_data("acts")[language][name]
    exceptions = compile_any(rows["except"], language) if rows["except"] else None
    return exceptions, compile_any(rows["any"], language)
