"""Who says a line, about which order: customers chosen so that nobody is everywhere, orders that add up.

A VIP is who spent more than 1000 yuan in twelve months, so ordinary customers stay below and VIPs pass it.
Imports neither Django nor us.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from careloop.demo.content import Client, Person, Product, Thread, clients, products
from careloop.demo.rhythm import ZONE
from careloop.demo.wording import day

VIP_SPEND = 1000
ORDINARY_LIMIT = 940
EXTRA_BELOW = 150
REFUNDED = "refunded"
TWO_ORDERED = {"zh": (1,), "en": (0,)}
APART = timedelta(days=5)
AGE_DAYS = {"paid": (0, 1), "shipped": (4, 7), "delivered": (5, 12), "old": (36, 48), "returned": (14, 20)}
SMALL = ("lip", "hand", "mask", "body", "cleanser", "clay", "sun")
WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "courier": {"zh": ("云程快运", "青鸟速递", "通衢快递"), "en": ("Swiftline", "Bluebird Post", "Northway")},
    "hub": {"zh": ("金华", "武汉", "郑州", "嘉兴"), "en": ("Liège", "Incheon", "Frankfurt", "Dubai")},
}  # fmt: skip


@dataclass(frozen=True)
class Order:
    number: str
    client: str
    placed_at: datetime
    lines: tuple[tuple[str, int], ...]
    status: str

    @property
    def total(self) -> int:
        return sum(products()[key].price * count for key, count in self.lines)

    @property
    def kept(self) -> int:
        """What was spent in the end: money that went back does not count."""
        return 0 if self.status == REFUNDED else self.total


class Casting:
    """Remembers who has spoken and what was bought, and gives out parts evenly."""

    def __init__(self, rng: Random, now: datetime) -> None:
        self.rng, self.now = rng, now
        self.orders: list[Order] = []
        self._numbers: set[str] = set()
        self._spent: dict[str, int] = defaultdict(int)
        self._spoke: dict[str, list[datetime]] = defaultdict(list)

    def client_for(self, thread: Thread, variant: int, door: str, start: datetime) -> Client:
        """The thread's own customer, or one of those who fit and have been quiet."""
        if thread.who:
            return clients()[thread.who[variant % len(thread.who)]]
        fitting = [client for client in clients().values() if _fits(client, thread, variant, door)]
        if thread.order != "none":
            need = self._price(thread, variant)
            fitting = [each for each in fitting if self._can_spend(each, need)] or fitting
        quiet = [each for each in fitting if all(abs(start - at) > APART for at in self._spoke[each.key])]
        return min(quiet or fitting, key=lambda each: (len(self._spoke[each.key]), self.rng.random()))

    def remember(self, client: Client, start: datetime) -> None:
        self._spoke[client.key].append(start)

    def order_for(self, thread: Thread, variant: int, client: Client, start: datetime) -> Order | None:
        """The order the conversation is about; none before a sale and none for shops, whose orders live elsewhere."""
        if thread.order == "none":
            return None
        ages = AGE_DAYS[thread.order]
        placed = start - timedelta(days=self.rng.uniform(*ages), hours=self.rng.uniform(1, 5))
        main = self.product(thread, variant)
        lines = [(main.key, _pieces(thread, variant))]
        extra = self.rng.choice(SMALL)
        if extra != main.key and (client.vip or self._spent[client.key] < EXTRA_BELOW):
            lines.append((extra, 1))
        return self._place(client, placed, tuple(lines), self._status(thread, start))

    def add_earlier_orders(self) -> None:
        """What was bought in the year before: a little by many, more by VIPs until they pass the line."""
        for client in clients().values():
            if client.shop:
                continue
            while client.vip and self._spent[client.key] <= VIP_SPEND + 150:
                self._earlier(client, ("repair", "rich", "essence"))
            if self._can_spend(client, 320) and self.rng.random() < 0.55:
                self._earlier(client, SMALL)
        self.orders.sort(key=lambda order: order.placed_at)

    def product(self, thread: Thread, variant: int) -> Product:
        """The product a thread's variant is about."""
        if thread.product == "any":
            return products()[SMALL[(len(thread.key) + variant) % len(SMALL)]]
        return products()[thread.product[variant % len(thread.product)]]

    def slots(
        self, thread: Thread, variant: int, client: Client, order: Order | None, start: datetime, agent: Person
    ) -> dict[str, str]:
        """Everything a line of this conversation may name."""
        lang, rng, product = thread.lang, self.rng, self.product(thread, variant)
        second = products()[thread.product2[variant % len(thread.product2)]] if thread.product2 else product
        bought = order.placed_at if order else start - timedelta(days=6)
        local = start.astimezone(ZONE)
        named = {"order": order.number} if order else {}
        return named | {
            "name": client.address, "agent": agent.name[lang], "city": client.city,
            "product": product.short[lang], "product2": second.short[lang], "usage": product.use[lang],
            "price": str(product.price), "total": str(order.total if order else product.price),
            "ordered": day(bought.astimezone(ZONE), lang),
            "soon": day(local + timedelta(days=2), lang), "later": day(local + timedelta(days=5), lang),
            "yesterday": day(local - timedelta(days=1), lang), "days": str(rng.randint(4, 7)),
            "courier": rng.choice(WORDS["courier"][lang]), "hub": rng.choice(WORDS["hub"][lang]),
            "tracking": f"YC{rng.randrange(10**10, 10**11)}", "coupon": str(rng.choice((20, 30))),
            "medical": str(rng.randint(86, 320)), "phone4": f"{rng.randrange(1000, 10000)}",
        }  # fmt: skip

    def _earlier(self, client: Client, keys: tuple[str, ...]) -> None:
        placed = self.now - timedelta(days=self.rng.uniform(100, 320), hours=self.rng.uniform(0, 12))
        self._place(client, placed, ((self.rng.choice(keys), 1),), "delivered")

    def _place(self, client: Client, placed: datetime, lines: tuple[tuple[str, int], ...], status: str) -> Order:
        order = Order(self._number(placed), client.key, placed.replace(microsecond=0), lines, status)
        self.orders.append(order)
        self._spent[client.key] += order.kept
        return order

    def _number(self, placed: datetime) -> str:
        """An order number nobody has yet: the day and four digits."""
        while True:
            number = f"HM{placed.astimezone(ZONE):%y%m%d}{self.rng.randrange(1000, 10000)}"
            if number not in self._numbers:
                self._numbers.add(number)
                return number

    def _status(self, thread: Thread, start: datetime) -> str:
        """Where the order is today: what was on its way weeks ago has arrived."""
        if thread.order in ("returned",):
            return REFUNDED
        is_recent = self.now - start < timedelta(days=6)
        return thread.order if is_recent and thread.order in ("paid", "shipped") else "delivered"

    def _price(self, thread: Thread, variant: int) -> int:
        return self.product(thread, variant).price * _pieces(thread, variant)

    def _can_spend(self, client: Client, amount: int) -> bool:
        return client.vip or self._spent[client.key] + amount <= ORDINARY_LIMIT


def _pieces(thread: Thread, variant: int) -> int:
    """One of each, except where the customer says that two were ordered."""
    return 2 if thread.key.endswith(("missing-item", "en-missing")) and variant in TWO_ORDERED[thread.lang] else 1


def _fits(client: Client, thread: Thread, variant: int, door: str) -> bool:
    if client.lang != thread.lang or bool(client.shop) != thread.is_wholesale:
        return False
    sex = thread.sex[variant % len(thread.sex)] if thread.sex else "any"
    if sex not in ("any", client.sex):
        return False
    return _reachable(client, door)


def _reachable(client: Client, door: str) -> bool:
    if door in ("email", "wholesale"):
        return bool(client.email)
    if door == "phone":
        return bool(client.phone)
    if door == "wechat":
        return bool(client.wechat)
    return door != "portal" or bool(client.email or client.phone)
