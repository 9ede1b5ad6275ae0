"""Whether a reply says anything about this one case: a number, a day, an hour, what the writer did or will do."""

from functools import cache

from careloop.quality.engine.expressions import Expression, compile_any, read_data
from careloop.quality.engine.reply import Reply


def has_fact(reply: Reply) -> bool:
    """True when at least one concrete detail of `data/facts.yaml` stands in the reply."""
    return _expression(reply.language).search(reply.words) is not None


@cache
def _expression(language: str) -> Expression:
    return compile_any(read_data("facts")[language], language)
