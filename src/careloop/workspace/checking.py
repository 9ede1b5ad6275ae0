"""The reply checks as the composer shows them: worst first, each with its sentence and a better wording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from careloop.conversations.models import Conversation, Message
from careloop.conversations.models.conversation import Kind
from careloop.quality.engine import Context, Finding, check_by_id, check_reply

LONGEST_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Remark:
    level: str
    message: str
    quote: str
    better: str
    start: int
    end: int

    @property
    def can_replace(self) -> bool:
        """Whether the better wording can take the place of what was marked, or be put where it is missing."""
        return bool(self.better)


def findings_for(conversation: Conversation, text: str) -> list[Remark]:
    """What a careful colleague would point at, gravest first."""
    if not text.strip():
        return []
    text = text[:LONGEST_TEXT]
    language = "zh" if conversation.language.startswith("zh") else "en"
    kind = "complaint" if conversation.kind == Kind.COMPLAINT else ""
    context = Context(customer_text=_last_words(conversation))
    found = check_reply(text, language=language, kind=kind, context=context)
    return [_remark(each, text) for each in sorted(found, key=lambda each: (-each.level.gravity, each.start))]


def as_context(remarks: Sequence[Remark]) -> dict[str, Any]:
    return {"findings": remarks, "is_blocked": any(remark.level == "block" for remark in remarks)}


def _last_words(conversation: Conversation) -> str:
    """What the customer wrote last: some advice is wrong only in answer to certain words."""
    rows = Message.objects.filter(conversation=conversation, kind=Message.Kind.CUSTOMER)
    return rows.order_by("-id").values_list("text", flat=True).first() or ""


def _remark(finding: Finding, text: str) -> Remark:
    return Remark(
        level=finding.level.value,
        message=_sentence(finding.check),
        quote=text[finding.start : finding.end][:60],
        better=finding.better,
        start=finding.start,
        end=finding.end,
    )


def _sentence(check: str) -> str:
    """The check's name and what it asks for; the engine marks both for translation in its own room."""
    found = check_by_id(check)
    return f"{gettext(found.name)}: {gettext(found.description)}"
