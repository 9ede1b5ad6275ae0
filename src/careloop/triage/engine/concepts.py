"""Words that mean much the same to a reader of complaints: parts of the body, fire, money, strangers, the press.

A few thousand sentences cannot teach every word. They can teach that a part of the body together with a wound is an
injury; which words are parts of the body is written down (`data/concepts.yaml`, our own lists in both languages).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from careloop.triage.engine.reading import read_rules

CONCEPTS = Path(__file__).parent / "data" / "concepts.yaml"
TOKEN = re.compile(r"[\u4e00-\u9fff]|[a-z]+(?:'[a-z]+)?|\d+|[?!，。,.；;：:\n]")
LONGEST = 3  # tokens: of longer words the beginning is looked for

_LISTED = re.compile(r'"([^"]+)"|(\S+)')
_ENDS_LIKE_STOP = re.compile(r"[^aeiou][aeiou][bdgklmnprt]$")


@dataclass(frozen=True, slots=True)
class Concepts:
    """Which concepts a run of tokens stands for, and what two of them together are called."""

    of: Mapping[str, tuple[int, ...]]  # by the tokens of a word, joined by blanks
    names: tuple[str, ...]
    pairs: tuple[tuple[str, ...], ...]  # the name of a pair, by the numbers of both, the smaller first

    @classmethod
    def read(cls, path: Path = CONCEPTS) -> Concepts:
        raw = read_rules(path.read_text(encoding="utf-8"))
        of: dict[str, dict[int, None]] = defaultdict(dict)
        for number, words in enumerate(raw.values()):
            for language in ("zh", "en"):
                for word in _listed(str(words[language])):
                    for form in _forms(word):
                        of[" ".join(TOKEN.findall(form)[:LONGEST])][number] = None
        names = tuple(f"#{name}" for name in raw)
        pairs = tuple(tuple(f"{one}{other}" for other in names) for one in names)
        return cls({word: tuple(numbers) for word, numbers in of.items() if word}, names, pairs)


@cache
def concepts() -> Concepts:
    """The packaged lists, read once."""
    return Concepts.read()


def _listed(words: str) -> Iterator[str]:
    for several, one in _LISTED.findall(words):
        yield (several or one.replace("-", " ")).lower()


def _forms(word: str) -> set[str]:
    """The word and, of an English one, its usual endings; forms that do not exist do no harm."""
    if not (word.isascii() and word.isalpha()) or len(word) <= LONGEST - 1:
        return {word}
    forms = {word, *(word + end for end in ("s", "es", "ed", "ing"))}
    if word.endswith("e"):
        forms |= {word + "d", word[:-1] + "ing"}
    if word.endswith("y"):
        forms |= {word[:-1] + "ies", word[:-1] + "ied"}
    if _ENDS_LIKE_STOP.search(word):
        forms |= {word + word[-1] + "ed", word + word[-1] + "ing"}
    return forms
