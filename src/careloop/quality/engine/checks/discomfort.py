"""Advice to go on using a product that hurts."""

from functools import cache

from careloop.common.text import fold
from careloop.quality.engine.checks.base import LexiconCheck, _
from careloop.quality.engine.expressions import Expression, compile_any, read_data
from careloop.quality.engine.finding import Finding
from careloop.quality.engine.reply import Reply


class KeepUsingWithDiscomfort(LexiconCheck):
    id = "keep_using_with_discomfort"
    name = _("Tells a person with symptoms to go on")
    description = _("With any discomfort: stop use, see a doctor, keep the item. No tester invitation either.")
    lexicon = "keep_using"

    def findings(self, reply: Reply) -> list[Finding]:
        """Speaks only when the draft or the customer's last message names a discomfort."""
        said = f"{fold(reply.text)}\n{fold(reply.context.customer_text)}"
        return super().findings(reply) if _discomfort(reply.language).search(said) else []


@cache
def _discomfort(language: str) -> Expression:
    return compile_any(read_data("keep_using")[language]["discomfort"], language)
