"""Find a saved reply and fill it in for this customer, in the customer's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override

from careloop.replies.models import SavedReply

if TYPE_CHECKING:
    from careloop.accounts.models import User
    from careloop.conversations.models import Conversation

SHOWN = 12


def find_saved(user: User, query: str = "") -> QuerySet[SavedReply]:
    """The replies this person may use; ``query`` looks into names, titles and texts of both languages."""
    rows = SavedReply.objects.filter(Q(team=None) | Q(team__in=user.team_ids), is_active=True)
    words = query.strip()
    if words:
        rows = rows.filter(
            Q(code__icontains=words)
            | Q(title__icontains=words)
            | Q(title_zh__icontains=words)
            | Q(text__icontains=words)
            | Q(text_zh__icontains=words)
        )
    return rows[:SHOWN]


def values_for(conversation: Conversation, *, by: User) -> dict[str, str]:
    """What stands for each variable: name, agent, team, number, latest order, today. One query (the order)."""
    chinese = conversation.language.startswith("zh")
    order = conversation.customer.orders.order_by("-placed_at").values_list("number", flat=True).first()
    with override("zh-hans" if chinese else "en"):
        today = date_format(timezone.localdate(), "n月j日" if chinese else "F j")
        return {
            "customer": conversation.customer.name or ("您" if chinese else "there"),
            "agent": by.display_name,
            "team": str(conversation.team or ""),
            "number": conversation.reference,
            "order": order or "",
            "today": today,
        }


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values in; what has no value, or is no variable, stays in its braces, so that a person sees it."""
    for name, value in values.items():
        text = text.replace("{" + name + "}", value) if value else text
    return text
