"""What the data files say, as plain objects. Imports neither Django nor us.

``data/company.yaml`` the people and inboxes, ``products.yaml``, ``customers.yaml``, ``threads/*.yaml`` the
hand-written conversations, ``strangers.yaml`` mail that quotes somebody else's number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML without libyaml: the same, slower
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

PHONE_OPENINGS = ("【来电", "【未接", "[Call")
"""A record of a call begins like this; everything else was written by the customer."""


@dataclass(frozen=True)
class Person:
    key: str
    email: str
    name: dict[str, str]
    role: str
    language: str
    languages: list[str]
    skills: list[str]
    teams: list[str]
    capacity: int
    shift: list[list[str]]
    leads: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Product:
    key: str
    sku: str
    price: int
    run_out_days: int
    zh: str
    en: str
    short: dict[str, str]
    use: dict[str, str]


@dataclass(frozen=True)
class Client:
    """A customer of the company; ``shop`` names the business of a wholesale buyer."""

    key: str
    lang: str
    name: str
    sex: str
    city: str
    email: str = ""
    phone: str = ""
    wechat: str = ""
    shop: str = ""
    notes: str = ""
    vip: bool = False

    @property
    def address(self) -> str:
        """How an agent addresses them."""
        if self.lang == "en":
            return self.name.split()[0]
        return self.name[0] + ("先生" if self.sex == "m" else "女士")


@dataclass(frozen=True)
class Thread:
    """One hand-written conversation with its variants; each opening is used at most once."""

    key: str
    lang: str
    truth: dict[str, Any]
    doors: list[str]
    open: list[str]
    talk: list[dict[str, str | list[str]]]
    close: dict[str, str]
    product: list[str] | str = "any"
    product2: list[str] = field(default_factory=list)
    order: str = "none"
    who: list[str] = field(default_factory=list)
    sex: list[str] = field(default_factory=list)
    agent: str = ""
    subject: list[str] = field(default_factory=list)
    survey: list[tuple[int, int, int, str]] = field(default_factory=list)
    thanks: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    followup: str = ""
    recover: str = ""
    urgent: bool = False
    slow: bool = False
    weak: bool = False
    reopen: bool = False

    def is_call(self, variant: int) -> bool:
        return self.open[variant].startswith(PHONE_OPENINGS)

    @property
    def is_wholesale(self) -> bool:
        return self.doors == ["wholesale"]

    @property
    def crisis(self) -> list[str]:
        return list(self.truth.get("crisis", []))


@dataclass(frozen=True)
class Stranger:
    lang: str
    name: str
    email: str
    subject: str
    text: str


@cache
def company() -> dict[str, Any]:
    return dict(_read("company.yaml"))


@cache
def people() -> dict[str, Person]:
    return {entry["key"]: Person(**entry) for entry in company()["people"]}


@cache
def products() -> dict[str, Product]:
    return {entry["key"]: Product(**entry) for entry in _read("products.yaml")}


@cache
def clients() -> dict[str, Client]:
    return {entry["key"]: Client(**entry) for entry in _read("customers.yaml")}


@cache
def threads() -> list[Thread]:
    """Every thread, in the order of the files; the language is the first part of the key."""
    folder = files("careloop.demo").joinpath("data", "threads")
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".yaml"))
    entries = [entry for name in names for entry in _read(f"threads/{name}")]
    return [Thread(lang=entry["key"][:2], **entry) for entry in entries]


@cache
def strangers() -> list[Stranger]:
    return [Stranger(**entry) for entry in _read("strangers.yaml")]


def _read(name: str) -> Any:
    path = files("careloop.demo").joinpath("data", *name.split("/"))
    return yaml.load(path.read_text("utf-8"), Loader=Loader)
