"""The reply checks as the composer shows them: worst first, each with its sentence and a better wording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from careloop.conversations.models import Conversation
from careloop.quality.engine import Finding
from careloop.quality.services import said, suggestion
from careloop.replies.services.sending import check


@dataclass(frozen=True, slots=True)
class Remark:
    level: str
    name: str
    asks_for: str
    quote: str
    better: str
    start: int
    end: int

    @property
    def can_replace(self) -> bool:
        """Whether the better wording can take the place of what was marked, or be put where it is missing."""
        return bool(self.better)


def remarks_on(conversation: Conversation, text: str) -> list[Remark]:
    """What a careful colleague would point at, gravest first."""
    return [_remark(each, text) for each in check(conversation, text)]


def as_context(remarks: Sequence[Remark]) -> dict[str, Any]:
    return {"findings": remarks, "is_blocked": any(remark.level == "block" for remark in remarks)}


def _remark(finding: Finding, text: str) -> Remark:
    asked = said(finding.check)
    put = suggestion(finding, text)
    return Remark(
        level=finding.level.value,
        name=asked.name,
        asks_for=asked.description,
        quote=text[finding.start : finding.end][:60],
        better=put.wording,
        start=put.start,
        end=put.end,
    )
