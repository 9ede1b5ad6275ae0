"""The reply checks for the rooms above: one call, the gravest first, and what each check is called."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from careloop.quality.engine import Context, Finding, check_by_id, check_reply

# Longer drafts are letters with attachments pasted in; what matters stands at the front.
LONGEST_CHECKED = 20_000


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
    found = check_reply(text[:LONGEST_CHECKED], language=known, kind=kind, context=context)
    return sorted(found, key=lambda each: (-each.level.gravity, each.start))


def said(check_id: str) -> Said:
    """The name and description of a check for the person in front of the screen. KeyError when there is none."""
    found = check_by_id(check_id)
    return Said(gettext(found.name), gettext(found.description))
