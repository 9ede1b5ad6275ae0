"""What the desk knows of a customer, read for the panel and for the customer's own page.

A colleague sees the customers their conversations are with; an administrator sees all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Avg, Count, Exists, Max, OuterRef, Q, QuerySet, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import ngettext

from careloop.common.db.prepared import prepared
from careloop.common.errors import InvalidInput
from careloop.conversations import lanes
from careloop.conversations.models import Conversation
from careloop.conversations.models.conversation import Kind
from careloop.customers.models import Customer, Identity, Order
from careloop.search import names
from careloop.surveys.models import SurveyAnswer
from careloop.workspace.outlooks import expectation_of

if TYPE_CHECKING:
    from careloop.accounts.models import User

PAGE_ROWS = 40
READ_AT_ONCE = 200
FEW = 1_000
NO_BOUND = 2**62
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


def visible_to(user: User) -> QuerySet[Customer]:
    """Whom this person may see."""
    rows = Customer.objects.filter(merged_into=None)
    if user.is_administrator:
        return rows
    return rows.filter(Exists(Conversation.objects.visible_to(user).filter(customer=OuterRef("pk"))))


def page_of(user: User, query: str, *, after: str = "") -> Page:
    """Newest customers first, or those whose name, address or order matches. Neither grows with the customers."""
    if after and not after.isdecimal():
        raise InvalidInput("bad_cursor", "This page of the list cannot be found.")
    before = min(int(after), NO_BOUND) if after else NO_BOUND
    found = list(_found(user, query, before) if query else _newest(user, before))
    shown = found[:PAGE_ROWS]
    prefetch_related_objects(shown, "identities")
    return Page(shown, str(shown[-1].pk) if len(found) > PAGE_ROWS else "")


def _newest(user: User, before: int) -> QuerySet[Customer]:
    """The first of each team's customers, merged; an administrator's are everybody."""
    rows = visible_to(user).select_related("company").filter(pk__lt=before)
    if not user.is_administrator:
        rows = rows.filter(pk__in=lanes.customers_of(user, before=before, limit=PAGE_ROWS + 1))
    return rows.order_by("-pk")[: PAGE_ROWS + 1]


def _found(user: User, query: str, before: int) -> list[Customer]:
    """Names by any part, addresses by their beginning, order numbers whole; newest customers first.

    The index of names does not know who may see whom: of somebody who sees few, the few are looked through; others
    see enough that a page is full after a few reads.
    """
    others = {pk for pk in _by_address_or_order(query) if pk < before}
    few = None if user.is_administrator else _few_seen(user)
    if few is not None:
        by_name = {pk for pk, name in few if pk < before and names.matches(query, name)}
        return _rows(user, by_name | others)[: PAGE_ROWS + 1]
    found: dict[int, Customer] = {}
    while True:
        hits = names.find(query, before=before, limit=READ_AT_ONCE)
        is_end = len(hits) < READ_AT_ONCE
        reached = 0 if is_end else hits[-1]
        due = {pk for pk in others if pk >= reached}
        others -= due
        found |= {row.pk: row for row in _rows(user, {*hits, *due})}
        if is_end or len(found) > PAGE_ROWS:
            return list(found.values())[: PAGE_ROWS + 1]
        before = reached


def _rows(user: User, numbers: Iterable[int]) -> list[Customer]:
    rows = visible_to(user).select_related("company").filter(pk__in=list(numbers))
    return list(rows.order_by("-pk")[: PAGE_ROWS + 1])


def _few_seen(user: User) -> list[tuple[int, str]] | None:
    """Numbers and names of all this person sees; None when they are more than anybody would look through."""
    if lanes.knows_more_than(user, FEW):
        return None
    theirs = lanes.customers_of(user, before=NO_BOUND, limit=FEW)
    return list(Customer.objects.filter(pk__in=theirs, merged_into=None).values_list("pk", "name"))


def _by_address_or_order(query: str) -> set[int]:
    """Addresses by their beginning (no more than anybody would look through), order numbers whole."""
    addressed = _with_address(query.lower()).order_by("kind", "value").values_list("customer", flat=True)[:FEW]
    return {*addressed, *Order.objects.filter(number=query).values_list("customer", flat=True)}


def _with_address(beginning: str) -> QuerySet[Identity]:
    found = Identity.objects.filter(value__startswith=beginning)
    if connection.vendor != "sqlite":
        return found
    # No index of SQLite answers a LIKE with an escape, but each answers a range.
    return found.filter(kind__in=Identity.Kind.values, value__gte=beginning, value__lt=beginning + LAST)


def panel(user: User, conversation: Conversation) -> dict[str, Any]:
    """The customer beside the thread, in five queries at most."""
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
        "expectation": expectation_of(user, customer.pk),
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
        "expectation": expectation_of(user, customer.pk),
    }
