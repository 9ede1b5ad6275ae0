"""Reply checks without Django, database or network: text in, findings out.

`check_reply` reads a draft in Chinese or English and returns what a careful colleague would point at. Each
check is one small class listed in `checks.CHECKS`; what it looks for is data (`quality/data/*.yaml`), both languages
side by side. Offsets always point into the text that was given.
"""

from careloop.quality.engine.checks import CHECKS, check_by_id
from careloop.quality.engine.context import Context
from careloop.quality.engine.finding import Finding, Level
from careloop.quality.engine.reply import LANGUAGES, Reply

__all__ = ["CHECKS", "LANGUAGES", "Context", "Finding", "Level", "check_by_id", "check_reply"]


def check_reply(text: str, *, language: str, kind: str = "", context: Context | None = None) -> list[Finding]:
    """The findings for this draft, in the order of the text, the gravest first at one place.

    `kind` is "complaint" when the conversation is one; the checks on empathy and apology speak only then.
    Raises ValueError for a language other than zh and en.
    """
    reply = Reply.read(text, language=language, kind=kind, context=context or Context())
    if not reply.sentences:
        return []
    findings = [finding for check in CHECKS for finding in check.findings(reply)]
    return sorted(_without_echoes(findings), key=lambda each: (each.start, -each.level.gravity, each.end))


def _without_echoes(findings: list[Finding]) -> list[Finding]:
    """Drops what a check that yields to another says about words the other has already marked."""
    yielding = {check.id: check.yields_to for check in CHECKS}
    return [
        each
        for each in findings
        if not any(each.overlaps(other) for other in findings if other.check in yielding[each.check])
    ]
