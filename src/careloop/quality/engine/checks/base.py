"""The contract of a check: an id, a name, a description and one method."""

from abc import ABC, abstractmethod
from typing import ClassVar

from careloop.quality.engine.expressions import read_data
from careloop.quality.engine.finding import Finding, Level
from careloop.quality.engine.lexicon import matches
from careloop.quality.engine.reply import Reply
from careloop.quality.engine.second_opinion import limit, score, suspects


def _(message: str) -> str:
    """Marks a sentence for translation; the screen that shows it translates it. The engine knows no Django."""
    return message


class Check(ABC):
    """`yields_to` names checks whose marks on the same words make this one fall silent."""

    id: ClassVar[str]
    name: ClassVar[str]
    description: ClassVar[str]
    yields_to: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def findings(self, reply: Reply) -> list[Finding]:
        """What this check says about the reply; an empty list when nothing."""


class LexiconCheck(Check):
    """A check that marks the words of its lexicon."""

    lexicon: ClassVar[str]

    def findings(self, reply: Reply) -> list[Finding]:
        return [
            Finding(self.id, found.entry.level, found.start, found.end, found.entry.better)
            for found in matches(self.lexicon, reply)
        ]


# Characters beside the words found from which the model has something to go by.
_ENOUGH = {"zh": 6, "en": 16}
_TAUGHT = ("blame_shifting", "over_promise", "curt_or_robotic")


class LearnedCheck(LexiconCheck):
    """A lexicon with a second opinion on each sentence, which may add a warning or take one back, never a block.

    A statutory final letter gives reasons and quotes rules, so only the words of the lexicon count there.
    """

    def findings(self, reply: Reply) -> list[Finding]:
        certain = super().findings(reply)
        if reply.context.final_response:
            return certain
        kept = [each for each in certain if each.level is Level.BLOCK or not self._is_nothing(each, reply)]
        better: str = read_data(self.lexicon)[reply.language]["better"]
        learned = [Finding(self.id, Level.WARN, *span, better) for span in suspects(self.id, reply)]
        return [*kept, *(each for each in learned if self._adds(each, certain, reply))]

    def _is_nothing(self, found: Finding, reply: Reply) -> bool:
        """A phrase that stands alone gives the model too little to contradict the lexicon."""
        sentence = reply.sentence_around(found.start)
        around = (sentence.end - sentence.start) - (found.end - found.start)
        return around >= _ENOUGH[reply.language] and score(self.id, reply, found.start) < limit("nothing")

    def _adds(self, learned: Finding, certain: list[Finding], reply: Reply) -> bool:
        """Not where our own lexicon spoke; where another did, only with a strong suspicion."""
        if any(learned.overlaps(each) for each in certain):
            return False
        others = (found for name in _TAUGHT if name != self.lexicon for found in matches(name, reply))
        is_taken = any(found.start < learned.end and learned.start < found.end for found in others)
        return not is_taken or score(self.id, reply, learned.start) >= limit("beside")
