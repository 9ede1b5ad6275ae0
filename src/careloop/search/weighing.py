"""How much a word tells of what a text is about, beside how rare it is. Asks no database.

A small collection cannot know that 了一 or "last" say nothing: in eighty articles they are rare. So pairs with a
character of grammar in them, and words that stand in every kind of text, weigh less from the start. The larger the
collection, the more its own counts are trusted.
"""

from __future__ import annotations

_ENDINGS = (("ies", "y", 5), ("ing", "", 6), ("ed", "", 5), ("es", "e", 5), ("s", "", 4))
_GRAMMAR = frozenset(
    "的了是在我你您他她它们这那么吗呢吧啊哦呀嘛就都也还又很太最真要会能可想有没不得着过把被给让跟和与或但而为因所以从"
    "到对向比如果再才只已上下来去说看问请怎多少几每一二两三四五些样点谁哪啥次个天日周月年号件时候时里后前间出起当做用"
    "其该此另各自己本什使"
)
_ENGLISH = """
day week month year hour minute number give put send sent new old only three two one four five first last next run
mind stop look right left full bit though everything nothing something anything someone anybody thing way place call
phone write work need use using used make made take took keep kept find found try tried help start end open point
small big great good bad best better little long short same different own early late soon few each both line part once
again never always often else enough yet already sure maybe name box hand our ours feel felt seem let today tomorrow
yesterday monday tuesday wednesday thursday friday saturday sunday buy bought hear heard happy read
"""
ONE_OF_GRAMMAR, BOTH_OF_GRAMMAR, EVERYWHERE = 0.5, 0.1, 0.4
# "12" and "3" count something; 12315 is a name.
SHORT_NUMBER, LONGEST_SHORT_NUMBER = 0.2, 2
# The mark of an idea (`ideas.py`) begins with a letter that stands in no text, so that it goes into any index as a
# word.
MARK = "ǂ"
# To speak of the same matter says more than to share a word where texts are few, and less where they are many.
IDEA, IDEA_AMONG_MANY = 1.5, 0.75
# A collection of so many texts knows by itself what tells.
MANY_TEXTS = 2_000


def stem(token: str) -> str:
    """An English word without its commonest endings; everything else as it is."""
    if not token.isascii():
        return token
    for ending, instead, least in _ENDINGS:
        if token.endswith(ending) and len(token) >= least and not token.endswith("ss"):
            return token[: -len(ending)] + instead
    return token


_EVERYWHERE = frozenset(stem(each) for each in _ENGLISH.split())


def telling(token: str, texts: int = 0) -> float:
    """What of a word's rarity counts in a collection of so many texts: 1 for most, more for an idea."""
    known = min(1.0, texts / MANY_TEXTS)
    if token.startswith(MARK):
        return IDEA + (IDEA_AMONG_MANY - IDEA) * known
    alone = _telling_alone(token)
    return alone + (1 - alone) * known


def _telling_alone(token: str) -> float:
    if token.isdecimal():
        return SHORT_NUMBER if len(token) <= LONGEST_SHORT_NUMBER else 1.0
    if token.isascii():
        return EVERYWHERE if token in _EVERYWHERE else 1.0
    of_grammar = sum(each in _GRAMMAR for each in token)
    if of_grammar == len(token):
        return BOTH_OF_GRAMMAR
    return ONE_OF_GRAMMAR if of_grammar and len(token) == 2 else 1.0
