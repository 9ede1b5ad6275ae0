"""The customer's own words are not the agent's: they are blanked, with every offset kept.

Three things are blanked: lines that begin with ">", passages in quotation marks that the text ascribes to the
customer or to an earlier speaker (您说“…”, you wrote "…"), and passages the agent says will not be said
(我们绝不会说“…”, we will never tell you "…"). Quotation marks alone are no excuse: 我们的规定是“概不退换” stays.
"""

import re

from careloop.quality.engine.speech import speech

_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_QUOTED = re.compile(
    r"“[^”\n]{1,400}”|「[^」\n]{1,400}」|『[^』\n]{1,400}』|‘[^’\n]{1,400}’"
    r"|\"[^\"\n]{1,400}\"|(?<!\w)'[^'\n]{3,400}'(?!\w)"
)
_REFUSAL = re.compile(r"不|never|not|n't")
_LEAD_LENGTH = 48


def blank_quotes(words: str, language: str) -> str:
    """The text of the same length with the customer's words replaced by spaces. `words` is already folded."""
    words = _QUOTED_LINE.sub(lambda line: " " * len(line.group()), words)
    return _QUOTED.sub(lambda quote: _blank_if_foreign(quote, language), words)


def _blank_if_foreign(quote: re.Match[str], language: str) -> str:
    lead = quote.string[max(0, quote.start() - _LEAD_LENGTH) : quote.start()]
    lead = re.split(r"[。!?\n]|\.\s", lead)[-1]
    is_own = speech("own_speech", language).search(lead) and not _REFUSAL.search(lead)
    is_foreign = speech("ascribed", language).search(lead) or speech("commented", language).match(
        quote.string, quote.end()
    )
    if is_foreign and not is_own:
        return " " * len(quote.group())
    return quote.group()
