"""Rude, curt, or a form letter: words, and three signs of structure."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from careloop.common.text import count_han, fold
from careloop.quality.engine.checks.base import LearnedCheck, _
from careloop.quality.engine.expressions import read_data
from careloop.quality.engine.facts import has_fact
from careloop.quality.engine.finding import Finding, Level
from careloop.quality.engine.reply import Reply
from careloop.quality.engine.sentences import Span

_SAME = 0.8
_NOT_LETTERS = re.compile(r"[\W_]+")


class CurtOrRobotic(LearnedCheck):
    id = "curt_or_robotic"
    name = _("Curt or robotic")
    description = _("Too short for a complaint, rude, or a form letter that could go to anybody.")
    lexicon = "curt_or_robotic"

    def findings(self, reply: Reply) -> list[Finding]:
        """The words found; without any, the whole reply when it is too short or a form letter."""
        return super().findings(reply) or list(self._structural(reply))[:1]

    def _structural(self, reply: Reply) -> Iterator[Finding]:
        whole = Span(reply.sentences[0].start, reply.sentences[-1].end)
        texts = read_data(self.lexicon)[reply.language]
        if reply.is_complaint and _is_short(reply):
            yield Finding(self.id, Level.WARN, whole.start, whole.end, texts["short_better"])
        if _is_form_letter(reply):
            yield Finding(self.id, Level.WARN, whole.start, whole.end, texts["better"])


def _is_short(reply: Reply) -> bool:
    """Fewer than 12 Chinese characters or 6 English words (domain.md §4.3 L3)."""
    least: int = read_data("curt_or_robotic")["short"][reply.language]
    length = count_han(reply.words) if reply.language == "zh" else len(re.findall(r"[\w']+", reply.words))
    return length < least


def _is_form_letter(reply: Reply) -> bool:
    """At least 80 % the same as a stored form letter, without any fact of the case."""
    if has_fact(reply):
        return False
    letters = _letters(reply.words)
    return any(_alike(letters, _letters(fold(each))) for each in read_data("templates")[reply.language])


def _alike(one: str, other: str) -> bool:
    match = SequenceMatcher(None, one, other, autojunk=False)
    return match.real_quick_ratio() >= _SAME and match.quick_ratio() >= _SAME and match.ratio() >= _SAME


def _letters(words: str) -> str:
    return _NOT_LETTERS.sub(" ", words).strip()
