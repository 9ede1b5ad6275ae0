"""The reply checks for the rooms above: one call, the gravest first, and what each check is called."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext

from careloop.common.text import fold
from careloop.quality.engine import Context, Finding, check_by_id, check_reply
from careloop.quality.engine.sentences import split_sentences

# Longer drafts are letters with attachments pasted in; what matters stands at the front.
LONGEST_CHECKED = 20_000


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Put `wording` in place of the characters [start, end)."""

    start: int
    end: int
    wording: str


@dataclass(frozen=True, slots=True)
class Said:
    """What a check is called and what it asks for, in the reader's language."""

    name: str
    description: str


def check(text: str, *, language: str, kind: str = "", context: Context | None = None) -> list[Finding]:
    """What a careful colleague would point at in this draft, gravest first. Reads nothing, changes nothing.

    `language` is any tag of a conversation ("zh", "zh-hans", "en-GB", "fr"): the checks know Chinese and English,
    and read everything that is not Chinese as English.
    """
    if not text.strip():
        return []
    known = "zh" if language.lower().startswith("zh") else "en"
    return list(_found(text[:LONGEST_CHECKED], known, kind, context))


# What somebody sends was checked, word for word, while they wrote it.
@lru_cache(maxsize=256)
def _found(text: str, language: str, kind: str, context: Context | None) -> tuple[Finding, ...]:
    found = check_reply(text, language=language, kind=kind, context=context)
    return tuple(sorted(found, key=lambda each: (-each.level.gravity, each.start)))


def suggestion(finding: Finding, text: str) -> Suggestion:
    """How to take the better wording over with one click: a whole sentence takes the place of a whole sentence.

    What is missing is put where the finding points, with a blank after it where the language needs one.
    """
    if finding.start == finding.end:
        follows = text[finding.end : finding.end + 1]
        return Suggestion(finding.start, finding.end, finding.better + (" " if _needs_blank(finding, follows) else ""))
    sentences = split_sentences(fold(text))
    touched = [each for each in sentences if each.start < finding.end and finding.start < each.end]
    start = min([finding.start, *(each.start for each in touched)])
    end = max([finding.end, *(each.end for each in touched)])
    return Suggestion(start, end, finding.better)


def _needs_blank(finding: Finding, follows: str) -> bool:
    return finding.better.isascii() and bool(follows) and not follows.isspace()


def said(check_id: str) -> Said:
    """The name and description of a check for the person in front of the screen. KeyError when there is none."""
    found = check_by_id(check_id)
    return Said(gettext(found.name), gettext(found.description))
