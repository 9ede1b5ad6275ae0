"""What a text speaks of, whichever words it uses: 断货, 无货 and "sold out" are one idea (`data/ideas.yaml`).

Imports no Django. The mark of an idea looks like no word of a text (`ǂstock`), so that it can stand among them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from careloop.common.text.fold import fold
from careloop.search.tokenizer import runs
from careloop.search.weighing import MARK, stem

IDEAS = Path(__file__).parent / "data" / "ideas.yaml"


@dataclass(frozen=True, slots=True)
class _Lists:
    """Marks by Chinese words and, by their first stem, of English runs of stems."""

    chinese: re.Pattern[str]
    of_chinese: Mapping[str, Sequence[str]]
    english: Mapping[str, Sequence[tuple[tuple[str, ...], str]]]


def ideas_in(text: str) -> Iterator[tuple[str, str]]:
    """(mark, the words that speak of it), as often as they do; the Chinese ones first."""
    lists = _lists()
    folded = fold(text)
    for word in lists.chinese.findall(folded):
        yield from ((mark, word) for mark in lists.of_chinese[word])
    words = [run for is_han, run in runs(folded) if not is_han]
    stems = [stem(each) for each in words]
    for place, first in enumerate(stems):
        for run, mark in lists.english.get(first, ()):
            if tuple(stems[place : place + len(run)]) == run:
                yield mark, " ".join(words[place : place + len(run)])


@cache
def _lists() -> _Lists:
    chinese: defaultdict[str, list[str]] = defaultdict(list)
    english: defaultdict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
    for name, words in yaml.safe_load(IDEAS.read_text("utf-8")).items():
        mark = MARK + name.replace("_", "")
        for word in words["zh"]:
            chinese[fold(str(word))].append(mark)
        for phrase in words["en"]:
            stems = tuple(stem(run) for _is_han, run in runs(str(phrase)))
            english[stems[0]].append((stems, mark))
    longest_first = sorted(chinese, key=lambda each: -len(each))
    return _Lists(re.compile("|".join(map(re.escape, longest_first))), dict(chinese), dict(english))
