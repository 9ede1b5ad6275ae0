"""What the desk knows of a customer, read for the panel and for the customer's own page.

A colleague sees the customers their conversations are with; an administrator sees all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Avg, Count, Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import ngettext

from careloop.common.db.prepared import prepared
from careloop.common.errors import InvalidInput
from careloop.conversations.models import Conversation
from careloop.conversations.models.conversation import Kind
from careloop.customers.models import Customer, Identity, Order
from careloop.surveys.models import SurveyAnswer

if TYPE_CHECKING:
    from careloop.accounts.models import User

PAGE_ROWS = 40
LATEST = 5
# More than anybody writes in 90 days; what the panel counts is among them.
LOOKED_BACK = 100
RECENT = timedelta(days=90)
# Behind every character that an address may have, in SQLite's order of bytes.
LAST = "\U0010ffff"
READ_OF_OTHERS = ("subject", "state", "kind", "created_at", "resolved_at")


@dataclass(frozen=True)
class Page:
    rows: list[Customer]
    after: str


def visible_to(user: User, query: str = "") -> QuerySet[Customer]:
    """Whom this person may see. What matches is asked first: it costs next to nothing beside whose they are."""
    rows = Customer.objects.filter(merged_into=None)
    if query:
        rows = rows.filter(_matches(query))
    if user.is_administrator:
        return rows
    return rows.filter(Exists(Conversation.objects.visible_to(user).filter(customer=OuterRef("pk"))))


def page_of(user: User, query: str, *, after: str = "") -> Page:
    """Newest customers first, or those whose name, address or order matches."""
    rows = visible_to(user, query).select_related("company")
    if after:
        if not after.isdecimal():
            raise InvalidInput("bad_cursor", "This page of the list cannot be found.")
        rows = rows.filter(pk__lt=int(after))
    found = list(rows.prefetch_related("identities").order_by("-pk")[: PAGE_ROWS + 1])
    shown = found[:PAGE_ROWS]
    return Page(shown, str(shown[-1].pk) if len(found) > PAGE_ROWS else "")


def _matches(query: str) -> Q:
    """Names by any part, addresses by their beginning, order numbers whole: the last two asked once, not a customer."""
    orders = Order.objects.filter(number=query)
    return (
        Q(name__icontains=query)
        | Q(pk__in=_with_address(query.lower()).values("customer"))
        | Q(pk__in=orders.values("customer"))
    )


def _with_address(beginning: str) -> QuerySet[Identity]:
    found = Identity.objects.filter(value__startswith=beginning)
    if connection.vendor != "sqlite":
        return found
    # No index of SQLite answers a LIKE with an escape, but each answers a range.
    return found.filter(kind__in=Identity.Kind.values, value__gte=beginning, value__lt=beginning + LAST)


def panel(user: User, conversation: Conversation) -> dict[str, Any]:
    """The customer beside the thread, in four queries at most."""
    customer = conversation.customer
    others = _others(customer.pk, *user.sight)
    return {
        "customer": customer,
        "identities": _identities(customer.pk),
        "orders": _latest_orders(customer.pk),
        "history": [row for row in others if row.pk != conversation.pk][:LATEST],
        # Whoever had nothing resolved was never asked.
        "satisfaction": satisfaction_of(customer) if any(row.resolved_at for row in others) else {"n": 0},
        "recent": _recent(others),
    }


@prepared
def _others(customer: int, is_administrator: bool, teams: tuple[int, ...]) -> QuerySet[Conversation]:
    theirs = Conversation.objects.in_sight(is_administrator, teams).filter(customer=customer)
    return theirs.only(*READ_OF_OTHERS).order_by("-created_at")[:LOOKED_BACK]


@prepared
def _identities(customer: int) -> QuerySet[Identity]:
    return Identity.objects.filter(customer=customer).order_by("id")


@prepared
def _latest_orders(customer: int) -> QuerySet[Order]:
    return Order.objects.filter(customer=customer).order_by("-placed_at")[:LATEST]


def _recent(conversations: Iterable[Conversation]) -> str:
    """How often this customer came to us lately, and how often to complain."""
    since = timezone.now() - RECENT
    recent = [row for row in conversations if row.created_at >= since]
    complaints = sum(row.kind == Kind.COMPLAINT for row in recent)
    words = [ngettext("%(n)s conversation", "%(n)s conversations", len(recent)) % {"n": len(recent)}]
    if complaints:
        words.append(ngettext("%(n)s complaint", "%(n)s complaints", complaints) % {"n": complaints})
    return " · ".join(words)


def satisfaction_of(customer: Customer) -> dict[str, Any]:
    """The mean of all overall marks this customer gave, and of how many."""
    answers = SurveyAnswer.objects.filter(survey__conversation__customer=customer)
    return answers.aggregate(mean=Avg("c3_overall"), n=Count("pk"))


def portrait(user: User, customer: Customer) -> dict[str, Any]:
    """Everything of the customer's own page."""
    theirs = Conversation.objects.visible_to(user).filter(customer=customer)
    return {
        "identities": list(customer.identities.order_by("id")),
        "orders": list(customer.orders.order_by("-placed_at")[:50]),
        "conversations": list(theirs.select_related("assignee", "inbox").order_by("-created_at")[:100]),
        "facts": theirs.aggregate(
            conversations=Count("pk"), complaints=Count("pk", filter=Q(kind=Kind.COMPLAINT)), latest=Max("created_at")
        ),
        "satisfaction": satisfaction_of(customer),
        "consents": list(customer.consents.order_by("-granted_at")[:20]),
    }
