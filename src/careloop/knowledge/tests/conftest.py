"""Articles as colleagues write them, and browsers signed in as people of the cast."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from careloop.knowledge.models import Article
from careloop.knowledge.services.writing import Wording, publish, write_article

if TYPE_CHECKING:
    from careloop.accounts.models import User

BUILT = {name: name for name in ("app.css", "app.js", "charts.js", "icons.svg", "mark.svg")}
REFUND = {
    "zh": Wording("退款多久到账", "我们收到退货后二十四小时内打款，信用卡要三到七个工作日。"),
    "en": Wording("Where is my refund", "We pay out within a day of receiving the return; cards take up to a week."),
}

Publish = Callable[..., Article]


@pytest.fixture(autouse=True)
def _names_of_built_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("careloop.workspace.assets._manifest", lambda: BUILT)


@pytest.fixture
def published(chen: User) -> Publish:
    """Make a published article that says this, by the lead."""

    def make(wordings: dict[str, Wording] = REFUND, **fields: str) -> Article:
        known: dict[str, Any] = {"section": "returns", "audience": "public", "keywords": "退钱, money back", **fields}
        return publish(write_article(wordings=wordings, by=chen, **known), by=chen)

    return make


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
