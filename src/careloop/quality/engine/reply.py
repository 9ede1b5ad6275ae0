"""A draft made ready for the checks: folded, with the customer's own words blanked, cut into sentences."""

from dataclasses import dataclass, field
from typing import Any

from careloop.common.text import fold
from careloop.quality.engine.context import Context
from careloop.quality.engine.necessary import pieces
from careloop.quality.engine.quotes import blank_quotes
from careloop.quality.engine.sentences import Span, split_clauses, split_sentences

LANGUAGES = ("zh", "en")
_STRAIGHT_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'"})


@dataclass(frozen=True, slots=True)
class Reply:
    """`text` as written; `words` the same length, folded and without what the customer said.

    `memory` holds what several checks ask for, worked out once a reply.
    """

    text: str
    words: str
    language: str
    kind: str
    context: Context
    sentences: tuple[Span, ...]
    clauses: tuple[Span, ...]
    memory: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def read(cls, text: str, *, language: str, kind: str, context: Context) -> "Reply":
        """Raises ValueError for a language the checks do not know."""
        if language not in LANGUAGES:
            raise ValueError(f"The language {language!r} is not one of {', '.join(LANGUAGES)}.")
        # In Chinese ‘ and ’ only quote; in English ’ is the apostrophe of don’t.
        folded = fold(text) if language == "zh" else fold(text).translate(_STRAIGHT_APOSTROPHES)
        words = blank_quotes(folded, language)
        sentences = split_sentences(words)
        clauses = tuple(clause for sentence in sentences for clause in split_clauses(words, sentence))
        return cls(text, words, language, kind, context, sentences, clauses)

    @property
    def is_complaint(self) -> bool:
        """Whether the reply answers a complaint."""
        return self.kind == "complaint"

    @property
    def pieces(self) -> frozenset[str]:
        """The short runs of characters in the words, by which most expressions are ruled out at once."""
        if "pieces" not in self.memory:
            self.memory["pieces"] = pieces(self.words)
        known: frozenset[str] = self.memory["pieces"]
        return known

    def sentence_around(self, offset: int) -> Span:
        """The sentence that holds this place; an empty span at the place when it lies between sentences."""
        return next((span for span in self.sentences if span.start <= offset < span.end), Span(offset, offset))

    def clause_around(self, offset: int) -> Span:
        """The clause that holds this place; an empty span at the place when it lies between clauses."""
        return next((span for span in self.clauses if span.start <= offset < span.end), Span(offset, offset))

    def slice(self, span: Span) -> str:
        """The folded words of this span."""
        return self.words[span.start : span.end]
