"""The review queue, the taxonomy and the models in Chromium: with single keys, and with nothing but forms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client

from careloop.accounts.models import User
from careloop.conversations.models import Conversation, Inbox
from careloop.customers.models import Customer
from careloop.triage import overview
from careloop.triage.loading import load_shipped_taxonomy
from careloop.triage.models import Prediction, ReviewAnswer, ReviewItem, TaxonomyLabel, TrainingRun, WeekOfAnswers
from careloop.triage.services.promoting import champion_standing
from careloop.triage.tests.factories import version_of
from careloop.triage.tests.review_helpers import doubtful, head

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Open = Callable[..., "Page"]


@pytest.fixture
def open_as(browser: Browser, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """A page of the desk as this person sees it; whatever its script throws fails the test."""
    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    problems: list[str] = []

    def opened(user: User, address: str, *, script: bool = True) -> Page:
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
        context = browser.new_context(java_script_enabled=script, viewport={"width": 1280, "height": 860})
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(live_server.url + address)
        return page

    yield opened
    assert problems == []


@pytest.fixture
def queue(email_inbox: Inbox, mei: Customer) -> list[Conversation]:
    """Three doubtful conversations, the worthiest first."""
    made = [
        doubtful(email_inbox, mei, "漏电了吗", severity=head("severe", "minor")),
        doubtful(email_inbox, mei, "卡上那笔怎么没了", nature=head("refund", "price")),
        doubtful(email_inbox, mei, "发票抬头写错了能改吗", nature=head("order", "price")),
    ]
    for place, conversation in enumerate(made):
        ReviewItem.objects.filter(conversation=conversation).update(worth=900 - place)
    return made


def said(conversation: Conversation, about: str) -> tuple[str, str]:
    row = Prediction.objects.current().get(conversation=conversation, head=about)
    return row.label, row.source


def shows(page: Page, words: str) -> None:
    page.wait_for_selector(f".thread >> text={words}")


def test_a_queue_is_worked_off_without_a_mouse(open_as: Open, queue: list[Conversation], lin: User) -> None:
    page = open_as(lin, "/triage/review/")
    shows(page, "漏电了吗")
    key = page.get_attribute("button.answer[value=moderate]", "data-key") or ""
    page.keyboard.press(key)
    shows(page, "卡上那笔怎么没了")
    assert said(queue[0], "severity") == ("moderate", "human")

    page.keyboard.press("Enter")
    shows(page, "发票抬头写错了能改吗")
    assert said(queue[1], "nature") == ("refund", "human")

    page.keyboard.press("u")
    shows(page, "卡上那笔怎么没了")
    assert said(queue[1], "nature") == ("refund", "rules")

    page.keyboard.press("s")
    shows(page, "发票抬头写错了能改吗")
    page.keyboard.press("Enter")
    shows(page, "卡上那笔怎么没了")
    page.keyboard.press("Enter")
    page.wait_for_selector(".empty")
    kinds = list(ReviewAnswer.objects.filter(withdrawn_at=None).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["corrected", "skipped", "confirmed", "confirmed"]
    assert "3 / 3" in page.inner_text("#review-progress")


def test_keys_lead_to_another_guess_and_to_the_conversation(
    open_as: Open, queue: list[Conversation], lin: User
) -> None:
    page = open_as(lin, "/triage/review/")
    shows(page, "漏电了吗")
    before = page.inner_text(".ask__head")
    page.keyboard.press("j")
    page.wait_for_function("before => document.querySelector('.ask__head').innerText !== before", arg=before)
    page.keyboard.press("k")
    page.wait_for_function("before => document.querySelector('.ask__head').innerText === before", arg=before)
    page.keyboard.press("o")
    page.wait_for_url(f"**/{queue[0].number}/")


def test_a_label_is_added_merged_and_parted_again_by_forms_alone(open_as: Open, chen: User) -> None:
    load_shipped_taxonomy()
    page = open_as(chen, "/triage/taxonomy/", script=False)
    page.select_option("[name=parent]", "quality")
    for name, text in {"key": "scratched", "name": "Scratched", "name_zh": "划痕", "terms_zh": "划痕 = 5"}.items():
        page.fill(f".taxonomy__work [name={name}]", text)
    page.click(".taxonomy__work form button.btn-primary")
    page.wait_for_selector("code >> text=scratched")
    page.select_option("[name=into]", "damaged")
    page.click("form[action$='/merger/'] button")
    label = TaxonomyLabel.objects.get(key="scratched")
    assert label.merged_into is not None
    page.goto(f"{page.url.split('?')[0]}?label=scratched")
    page.click("form[action$='/restoration/'] button")
    label.refresh_from_db()
    assert (label.merged_into, label.retired_at) == (None, None)


def test_a_head_shows_its_picture_and_is_promoted_and_trained_by_hand(open_as: Open, admin: User) -> None:
    version_of()
    for back in range(9):
        week = overview.last_monday() - timedelta(weeks=back)
        WeekOfAnswers.objects.create(series="nature", week=week, counts={"quality": 60}, unsure=9, corrected=back)
    page = open_as(admin, "/triage/models/nature/")
    page.wait_for_selector(".chart canvas, .chart svg")
    page.click("form[action$='/champion/'] button.btn-primary")
    page.wait_for_selector("[role=status], .toast")
    standing = champion_standing("nature")
    assert standing is not None
    assert standing.version.version == "nature-1"
    page.keyboard.press("t")
    page.wait_for_selector("#training")
    assert TrainingRun.objects.get().asked_by == admin
