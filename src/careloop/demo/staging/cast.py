"""Make the people, teams, inboxes, products, customers and orders that the plan talks about."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.contrib.auth.hashers import PBKDF2PasswordHasher, get_hasher, make_password

from careloop.accounts.models import Team, TeamMember, User
from careloop.common.transaction import writes
from careloop.conversations.models import Inbox
from careloop.customers import models as goods
from careloop.customers.models import Company, Consent, Customer, Identity, ValueTier
from careloop.customers.normalising import normalise
from careloop.demo.casting import VIP_SPEND, Order
from careloop.demo.content import Client, Person, clients, company, people, products

PASSWORD_BYTES = 9
ITERATIONS_FOR_RANDOM_PASSWORDS = 20_000
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class SignIn:
    """What a person of the cast needs to sign in; the password exists nowhere else in the clear."""

    name: str
    role: str
    email: str
    password: str


@dataclass(frozen=True)
class Cast:
    """Everybody and every inbox by the short names of the data files."""

    people: dict[str, User]
    inboxes: dict[str, Inbox]
    customers: dict[str, Customer]


def known_cast() -> Cast:
    """The cast as an earlier load left it."""
    by_email = {user.email: user for user in User.objects.filter(email__in=[each.email for each in people().values()])}
    slugs = {entry["slug"]: entry["key"] for entry in company()["inboxes"]}
    found = Inbox.objects.filter(slug__in=slugs)
    identities = Identity.objects.filter(kind="external").select_related("customer")
    by_name = {identity.value: identity.customer for identity in identities}
    return Cast(
        people={key: by_email[person.email] for key, person in people().items()},
        inboxes={slugs[inbox.slug]: inbox for inbox in found},
        customers={key: by_name[external_id(client)] for key, client in clients().items()},
    )


@writes
def make_people() -> list[SignIn]:
    """Teams, people with random passwords, memberships, inboxes. Returns the sign-ins, for the only time."""
    teams = {entry["slug"]: _team(entry) for entry in company()["teams"]}
    sign_ins = [_person(person, teams) for person in people().values()]
    for entry in company()["inboxes"]:
        fields = {field: entry[field] for field in ("kind", "name", "address", "language")}
        fields["settings"] = entry.get("settings", {})
        Inbox.objects.get_or_create(slug=entry["slug"], defaults={**fields, "team": teams[entry["team"]]})
    return sign_ins


@writes
def make_customers(orders: Sequence[Order], now: datetime) -> None:
    """Products, sixty customers with their identities and consents, and everything they ordered."""
    for product in products().values():
        goods.Product.objects.get_or_create(
            sku=product.sku,
            defaults={
                "name": product.en, "name_zh": product.zh, "price": product.price,
                "run_out_days": product.run_out_days, "details": {"use": product.use, "short": product.short},
            },
        )  # fmt: skip
    made = {client.key: _customer(client, now) for client in clients().values()}
    goods.Order.objects.bulk_create([_order(order, made[order.client]) for order in orders])
    _rank(made, orders, now)


def names_of_customers() -> set[tuple[str, str]]:
    """Every kind and value by which a customer of the demo is known."""
    return {name for client in clients().values() for name in _names(client)}


def external_id(client: Client) -> str:
    """The name the mini program and the social pages know a customer by."""
    return normalise("external", f"hemu-{client.wechat or client.key}")


def _names(client: Client) -> list[tuple[str, str]]:
    given = {"email": client.email, "phone": client.phone, "wechat": client.wechat, "external": external_id(client)}
    return [(kind, normalise(kind, value)) for kind, value in given.items() if value]


def _team(entry: dict[str, str]) -> Team:
    is_default = bool(entry.get("is_default")) and not Team.objects.filter(is_default=True).exists()
    team, _ = Team.objects.get_or_create(
        slug=entry["slug"], defaults={"name": entry["name"], "name_zh": entry["name_zh"], "is_default": is_default}
    )
    return team


def _person(person: Person, teams: dict[str, Team]) -> SignIn:
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    name = person.name["zh" if person.language == "zh-hans" else "en"]
    user = User.objects.create_user(
        person.email, None, display_name=name, role=person.role, language=person.language,
        languages=person.languages, skills=person.skills, capacity=person.capacity,
    )  # fmt: skip
    user.password = _hashed(password)
    user.save(update_fields=["password"])
    for slug in person.teams:
        TeamMember.objects.create(team=teams[slug], user=user)
    Team.objects.filter(slug__in=person.leads).update(lead=user)
    return SignIn(f"{person.name['zh']} {person.name['en']}", person.role, person.email, password)


def _hashed(password: str) -> str:
    """Hashing slowly guards passwords that people think up. These are random, 72 bits; six slow ones cost 6 s.

    Django hashes each one anew, slowly, when its person signs in for the first time.
    """
    hasher = get_hasher()
    if not isinstance(hasher, PBKDF2PasswordHasher):
        return make_password(password)
    return hasher.encode(password, hasher.salt(), ITERATIONS_FOR_RANDOM_PASSWORDS)


def _customer(client: Client, now: datetime) -> Customer:
    shop = Company.objects.create(name=client.shop) if client.shop else None
    customer = Customer.objects.create(
        name=client.name, language=client.lang, notes=client.notes, company=shop, profile={"city": client.city}
    )
    Identity.objects.bulk_create(
        Identity(customer=customer, kind=kind, value=value, is_verified=True) for kind, value in _names(client)
    )
    if client.email:
        Consent.objects.create(
            customer=customer, purpose="service", channel="email", text_version="2026-01", source="order",
            granted_at=now - timedelta(days=300),
        )  # fmt: skip
    return customer


def _order(order: Order, customer: Customer) -> goods.Order:
    lines = [
        {"sku": products()[key].sku, "quantity": count, "price": f"{products()[key].price}.00"}
        for key, count in order.lines
    ]
    return goods.Order(
        customer=customer, number=order.number, placed_at=order.placed_at, total=Decimal(order.total),
        status=order.status, lines=lines,
    )  # fmt: skip


def _rank(made: dict[str, Customer], orders: Sequence[Order], now: datetime) -> None:
    """Twelve months' spend: who stands where, and who is a VIP (more than 1000 yuan a year)."""
    spent: dict[str, int] = defaultdict(int)
    for order in orders:
        if now - order.placed_at < YEAR:
            spent[order.client] += order.kept
    ranked = sorted(made, key=lambda key: spent[key])
    for place, key in enumerate(ranked):
        made[key].spend_percentile = round(place / max(len(ranked) - 1, 1), 4)
        made[key].value_tier = ValueTier.VIP if spent[key] > VIP_SPEND else ValueTier.STANDARD
    Customer.objects.bulk_update(made.values(), ["spend_percentile", "value_tier"])
