"""The portal in Chromium: as a plain form without script, and refreshing itself with it (mission 18)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from careloop.conversations.models import Conversation, Message
from careloop.conversations.services.posting import post_reply
from careloop.portal.tests.factories import COMPLAINT, PNG

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium fonts-noto-cjk"),
]


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


def fill_in(page: Page, photo: Path) -> None:
    page.check(f'input[value="{COMPLAINT["kind"]}"]', force=True)
    for name in ("text", "remedy", "order_number", "name", "email"):
        page.fill(f"[name={name}]", COMPLAINT[name])
    photo.write_bytes(PNG)
    page.set_input_files("[name=attachments]", str(photo))
    page.click("form.paper button.btn-primary")
    page.wait_for_url("**/received/**")


def test_without_script_a_matter_is_handed_in_followed_and_added_to(
    browser: Browser, live_server: Any, portal_inbox: Any, tmp_path: Path
) -> None:
    page = browser.new_context(java_script_enabled=False, locale="zh-CN").new_page()
    page.goto(f"{live_server.url}/portal/")
    fill_in(page, tmp_path / "脸颊.png")
    conversation = Conversation.objects.get()
    assert page.inner_text(".ticket__number") == conversation.reference
    page.click(".ticket .btn-primary")
    assert COMPLAINT["text"][:10] in page.inner_text(".talkback")
    page.fill("#write textarea", "补充：今天已经好一些了")
    page.click("#write .btn-primary")
    page.wait_for_selector(".said >> text=今天已经好一些了")
    assert Message.objects.filter(kind="customer").count() == 2


def test_the_page_shows_an_answer_by_itself_and_keeps_what_is_being_typed(
    browser: Browser, live_server: Any, portal_inbox: Any, lin: Any, tmp_path: Path
) -> None:
    page = browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844}).new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{live_server.url}/portal/")
    fill_in(page, tmp_path / "脸颊.png")
    page.click(".ticket .btn-primary")
    page.fill("#write textarea", "半句话")
    post_reply(Conversation.objects.get(), by=lin, text="您好，退款已经办理。")
    page.evaluate("document.body.dispatchEvent(new CustomEvent('live-thread'))")
    page.wait_for_selector(".said--reply >> text=退款已经办理")
    assert page.input_value("#write textarea") == "半句话"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert problems == []
