"""Find a saved reply and fill it in for this customer, in the customer's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Case, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override

from careloop.customers.models import Product
from careloop.replies.blanks import known_blanks, open_blank, open_blanks
from careloop.replies.models import SavedReply

if TYPE_CHECKING:
    from datetime import datetime

    from careloop.accounts.models import User
    from careloop.conversations.models import Conversation
    from careloop.customers.models import Customer

SHOWN = 12
_BLANK = re.compile(r"\{([a-z_]+)\}")
_TITLES = ("mr", "mrs", "ms", "miss", "dr", "prof")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A saved reply for one conversation; ``missing`` lists the blanks the writer has to fill."""

    text: str
    missing: list[str]


def find_saved(user: User, query: str = "", *, kind: str = "") -> QuerySet[SavedReply]:
    """The replies this person may use; ``query`` looks into names, titles and texts of both languages.

    In a complaint (``kind``) those for complaints come first.
    """
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
    if kind == "complaint":
        fitting = Case(When(situation__startswith="complaints.", then=Value(0)), default=Value(1))
        rows = rows.order_by(fitting, "position", "code")
    return rows[:SHOWN]


def render(saved: SavedReply, conversation: Conversation, *, by: User, language: str = "") -> Rendered:
    """The text for this customer, in ``language`` or that of the conversation. Two queries at most."""
    tongue = language or conversation.language
    text = fill(saved.text_in(tongue), values_for(conversation, by=by, language=tongue))
    return Rendered(text, open_blanks(text))


def values_for(conversation: Conversation, *, by: User, language: str = "") -> dict[str, str]:
    """What stands for each blank: what the desk knows, and for the rest an open blank with its label.

    Two queries at most: the latest order, and the name of its first product.
    """
    tongue = language or conversation.language
    known = _known(conversation, by, is_chinese=tongue.startswith("zh"))
    return {name: known.get(name) or open_blank(name, tongue) for name in known_blanks()}


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values in; what has no value, or is no blank of ours, stays in its braces, so that a person sees it."""
    return _BLANK.sub(lambda blank: values.get(blank.group(1)) or blank.group(), text)


def _known(conversation: Conversation, by: User, *, is_chinese: bool) -> dict[str, str]:
    customer = conversation.customer
    order = customer.orders.order_by("-placed_at").only("number", "lines").first()
    return {
        "customer_name": _name(customer, is_chinese=is_chinese),
        "honorific": customer.profile.get("honorific") or _name(customer, is_chinese=is_chinese),
        "agent_name": by.display_name,
        "team_name": str(conversation.team or ""),
        "number": conversation.reference,
        "order_number": order.number if order else "",
        "product": _product_name(order.lines if order else [], is_chinese=is_chinese),
        "promise_date": _promised(conversation.next_due_at, is_chinese=is_chinese),
        "today": _day(timezone.now(), is_chinese=is_chinese),
    }


def _name(customer: Customer, *, is_chinese: bool) -> str:
    """The whole name in Chinese; in English the first name, unless a title goes before it."""
    words = customer.name.split()
    if not words:
        return "朋友" if is_chinese else "there"
    if is_chinese or not customer.name.isascii() or words[0].rstrip(".").lower() in _TITLES:
        return customer.name
    return words[0]


def _product_name(lines: list[dict[str, str]], *, is_chinese: bool) -> str:
    sku = lines[0].get("sku") if lines else None
    product = Product.objects.filter(sku=sku).only("name", "name_zh").first() if sku else None
    if product is None:
        return ""
    return product.name_zh or product.name if is_chinese else product.name


def _promised(due: datetime | None, *, is_chinese: bool) -> str:
    """The moment our own clock gives us; nothing when it is past, because nobody may promise yesterday."""
    if due is None or due <= timezone.now():
        return ""
    return f"{_day(due, is_chinese=is_chinese)} {timezone.localtime(due):%H:%M}"


def _day(moment: datetime, *, is_chinese: bool) -> str:
    with override("zh-hans" if is_chinese else "en"):
        return date_format(timezone.localtime(moment), "n月j日" if is_chinese else "j F")
