"""How a suggested answer looks: where it comes from, why it is there, how a customer liked it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Avg
from django.urls import reverse
from django.utils.translation import gettext as _

from careloop.replies.models import SuggestionChoice
from careloop.replies.services.suggesting import suggest
from careloop.replies.suggestions import Suggestion
from careloop.surveys.models import SurveyAnswer
from careloop.workspace.looks import since

if TYPE_CHECKING:
    from careloop.accounts.models import User
    from careloop.conversations.models import Conversation

Kind = SuggestionChoice.Kind
EXCERPT = 150
ICONS: dict[str, str] = {Kind.ARTICLE: "book-open", Kind.SAVED: "message-square-text", Kind.SOLVED: "history"}


@dataclass(frozen=True)
class Line:
    suggestion: Suggestion
    icon: str
    label: str
    url: str
    why: str

    @property
    def excerpt(self) -> str:
        text = " ".join(self.suggestion.text.split())
        return text if len(text) <= EXCERPT else f"{text[: EXCERPT - 1]}…"


def suggestions_for(conversation: Conversation, user: User) -> list[Line]:
    found = suggest(conversation, by=user)
    marks = _marks([each.target for each in found if each.kind == Kind.SOLVED])
    return [
        Line(each, ICONS[each.kind], str(Kind(each.kind).label), _url(each), _why(each, marks.get(each.target)))
        for each in found
    ]


def _why(suggestion: Suggestion, mark: float | None) -> str:
    """Solved 3d ago, rated 5.0/5 · shares: 退款, 到账."""
    parts = []
    if suggestion.solved_at is not None:
        parts.append(_("solved %(when)s") % {"when": since(suggestion.solved_at)})
    if mark is not None:
        parts.append(_("rated %(mark).1f/5") % {"mark": mark})
    elif suggestion.satisfied:
        parts.append(_("customer satisfied"))
    if suggestion.words:
        parts.append(_("shares: %(words)s") % {"words": " / ".join(suggestion.words)})
    return " · ".join(parts) or _("means something like it")


def _url(suggestion: Suggestion) -> str:
    if suggestion.kind == Kind.ARTICLE:
        return reverse("knowledge:article", args=[suggestion.target])
    if suggestion.kind == Kind.SOLVED:
        return reverse("workspace:conversation", args=[suggestion.number])
    return ""


def _marks(conversations: list[int]) -> dict[int, float]:
    """The overall mark that the customer of each gave."""
    rows = SurveyAnswer.objects.filter(survey__conversation__in=conversations)
    marked = rows.values("survey__conversation").annotate(mark=Avg("c3_overall"))
    return {row["survey__conversation"]: row["mark"] for row in marked}
