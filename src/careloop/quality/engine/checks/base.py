"""The contract of a check: an id, a name, a description and one method."""

from abc import ABC, abstractmethod
from typing import ClassVar

from careloop.quality.engine.finding import Finding
from careloop.quality.engine.lexicon import matches
from careloop.quality.engine.reply import Reply


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
