"""Find out who is speaking, or meet them for the first time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, connection

from careloop.common.db.rows import fetch, insert, update
from careloop.common.events import record
from careloop.common.transaction import attempt
from careloop.customers import events
from careloop.customers.models import Customer, Identity
from careloop.customers.naming import index_name
from careloop.customers.normalising import normalise

Name = tuple[str, str]
Names = dict[Name, bool]

WHOSE = """
    SELECT identity.kind, identity.value, COALESCE(customer.merged_into_id, customer.id)
    FROM customers_identity AS identity JOIN customers_customer AS customer ON customer.id = identity.customer_id"""


@dataclass(frozen=True)
class Claim:
    """``kind`` and ``value`` as a channel gave them; ``is_verified`` when the channel vouches for it."""

    kind: str
    value: str
    is_verified: bool = False


def find(claims: Sequence[Claim]) -> Customer | None:
    """The customer the first known claim points to; merged customers lead to the one that stayed."""
    return _first(_known(_names(claims)))


def identify(claims: Sequence[Claim], *, name: str = "", language: str = "en") -> Customer:
    """The known customer, or a new one with these identities.

    Records ``customer.created`` or ``customer.identity_added``. Two doors meeting the same stranger at the
    same moment end with one customer: the unique constraint decides and the slower one reads again.
    The caller holds the transaction.
    """
    names = _names(claims)
    known = _known(names)
    customer = _first(known)
    if customer is None:
        try:
            return _meet(name, language, names)
        except IntegrityError:  # Somebody else met them between our look and our insert.
            known = _known(names)
            customer = _first(known)
            if customer is None:
                raise
    for each, is_verified in names.items():
        if each not in known:
            _attach(customer, *each, is_verified=is_verified)
    if name and not customer.name:
        customer.name = name[:200]
        update(customer, "name")
        index_name(customer)
    return customer


def mark_undeliverable(address: str) -> None:
    """Remember that mail to this address fails for good. Records ``customer.identity_undeliverable``."""
    for identity in Identity.objects.filter(kind="email", value=normalise("email", address), is_undeliverable=False):
        identity.is_undeliverable = True
        identity.save(update_fields=["is_undeliverable"])
        record(events.IDENTITY_UNDELIVERABLE, subject="identity", subject_id=identity.pk)


def _names(claims: Sequence[Claim]) -> Names:
    """The claims as they are stored, in their order: kind and value, and whether the channel vouches for it."""
    named: Names = {}
    for claim in claims:
        value = normalise(claim.kind, claim.value)[:254]
        if value:
            named.setdefault((claim.kind, value), claim.is_verified)
    return named


def _known(names: Names) -> dict[Name, int]:
    """Whose these names are, of those that somebody has, in the order of the claims; one question for all."""
    if not names:
        return {}
    either = " OR ".join(["(identity.kind = %s AND identity.value = %s)"] * len(names))
    with connection.cursor() as cursor:
        cursor.execute(f"{WHOSE} WHERE {either}", [part for name in names for part in name])
        found = {(kind, value): customer for kind, value, customer in cursor.fetchall()}
    return {name: found[name] for name in names if name in found}


def _first(known: dict[Name, int]) -> Customer | None:
    return fetch(Customer, next(iter(known.values()))) if known else None


def _meet(name: str, language: str, names: Names) -> Customer:
    """A new customer with these names, told as one event; raises IntegrityError when one of them is taken by now."""
    customer = Customer(name=name[:200], language=language)
    with attempt():
        insert([customer])
        insert([
            Identity(customer=customer, kind=kind, value=value, is_verified=is_verified)
            for (kind, value), is_verified in names.items()
        ])  # fmt: skip
        index_name(customer)
    kinds = [kind for kind, _ in names]
    record(events.CUSTOMER_CREATED, subject="customer", subject_id=customer.pk, data={"identities": kinds})
    return customer


def _attach(customer: Customer, kind: str, value: str, *, is_verified: bool) -> None:
    """Give a known customer one more name, unless somebody else has just been given it."""
    try:
        with attempt():
            insert([Identity(customer=customer, kind=kind, value=value, is_verified=is_verified)])
    except IntegrityError:
        return
    record(events.IDENTITY_ADDED, subject="customer", subject_id=customer.pk, data={"kind": kind})
