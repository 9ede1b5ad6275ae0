"""Find out who is speaking, or meet them for the first time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from careloop.common.events import record
from careloop.customers import events
from careloop.customers.models import Customer, Identity
from careloop.customers.normalising import normalise


@dataclass(frozen=True)
class Claim:
    """``kind`` and ``value`` as a channel gave them; ``is_verified`` when the channel vouches for it."""

    kind: str
    value: str
    is_verified: bool = False


def find(claims: Sequence[Claim]) -> Customer | None:
    """The customer the first known claim points to; merged customers lead to the one that stayed."""
    for claim in claims:
        identity = (
            Identity.objects.select_related("customer", "customer__merged_into")
            .filter(kind=claim.kind, value=normalise(claim.kind, claim.value)[:254])
            .first()
        )
        if identity is not None:
            return identity.customer.merged_into or identity.customer
    return None


def identify(claims: Sequence[Claim], *, name: str = "", language: str = "en") -> Customer:
    """The known customer, or a new one with these identities.

    Records ``customer.created`` or ``customer.identity_added``. Two doors meeting the same stranger at the
    same moment end with one customer: the unique constraint decides and the slower one reads again.
    The caller holds the transaction.
    """
    known = find(claims)
    customer = known or _meet(name, language)
    for claim in claims:
        customer = _attach(customer, claim, is_looked_up=known is None)
    if name and not customer.name:
        customer.name = name[:200]
        customer.save(update_fields=["name"])
    return customer


def mark_undeliverable(address: str) -> None:
    """Remember that mail to this address fails for good. Records ``customer.identity_undeliverable``."""
    for identity in Identity.objects.filter(kind="email", value=normalise("email", address), is_undeliverable=False):
        identity.is_undeliverable = True
        identity.save(update_fields=["is_undeliverable"])
        record(events.IDENTITY_UNDELIVERABLE, subject="identity", subject_id=identity.pk)


def _meet(name: str, language: str) -> Customer:
    customer = Customer.objects.create(name=name[:200], language=language)
    record(events.CUSTOMER_CREATED, subject="customer", subject_id=customer.pk)
    return customer


def _attach(customer: Customer, claim: Claim, *, is_looked_up: bool) -> Customer:
    """Give the customer this identity; ``is_looked_up`` when nobody had it a moment ago."""
    value = normalise(claim.kind, claim.value)[:254]
    if not value:
        return customer
    if not is_looked_up and Identity.objects.filter(kind=claim.kind, value=value).exists():
        return customer
    try:
        with transaction.atomic():
            Identity.objects.create(customer=customer, kind=claim.kind, value=value, is_verified=claim.is_verified)
    except IntegrityError:
        return Identity.objects.select_related("customer").get(kind=claim.kind, value=value).customer
    record(events.IDENTITY_ADDED, subject="customer", subject_id=customer.pk, data={"kind": claim.kind})
    return customer
