"""Take the README's pictures from a running demo desk: `scripts/take_screenshots.py ADDRESS E-MAIL PASSWORD`.

Needs Debian's Chromium. The pictures go to docs/images/.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
WRITES = {"en": re.compile(r"^[^\u4e00-\u9fff]+$"), "zh": re.compile(r"[\u4e00-\u9fff]{6}")}
URGENT = re.compile("urgent|紧急")
SIZE = {"width": 1440, "height": 900}


def main(address: str, email: str, password: str) -> None:
    program = shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        english = _signed_in(browser, address, email, password, "light", "en")
        _conversation(english, address, "en")
        english.screenshot(path=IMAGES / "desk-en.png")
        english.goto(f"{address}/reports/weekly/")
        english.wait_for_timeout(600)
        english.screenshot(path=IMAGES / "report-en.png")
        chinese = _signed_in(browser, address, email, password, "dark", "zh-hans")
        _conversation(chinese, address, "zh")
        chinese.screenshot(path=IMAGES / "desk-zh-dark.png")
        _portal(browser, address)
        browser.close()


def _signed_in(browser: Browser, address: str, email: str, password: str, scheme: str, language: str) -> Page:
    page = browser.new_context(viewport=SIZE, color_scheme=scheme).new_page()  # type: ignore[arg-type]
    page.goto(f"{address}/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/desk/**")
    page.evaluate("chosen => document.querySelector(`button[name=language][value='${chosen}']`).click()", language)
    page.wait_for_timeout(1500)
    return page


def _conversation(page: Page, address: str, language: str) -> None:
    """The complaint with the most to see: urgent if there is one, of a customer who writes in that language."""
    page.goto(f"{address}/desk/complaints/")
    page.wait_for_timeout(800)
    rows = page.locator("#rows a.row").filter(has_text=WRITES[language])
    urgent = rows.filter(has_text=URGENT)
    (urgent if urgent.count() else rows).first.click()
    page.wait_for_timeout(1500)


def _portal(browser: Browser, address: str) -> None:
    page = browser.new_context(viewport={"width": 1000, "height": 900}, locale="zh-CN").new_page()
    page.goto(f"{address}/portal/")
    page.locator("input[name=kind][value=complaint]").check(force=True)
    page.fill("textarea[name=text]", "上周买的修护面霜，打开时发现膏体已经结块，闻起来也有点酸。")
    page.fill("input[name=name]", "何雨桐")
    page.fill("input[name=email]", "yutong.he@example.com")
    page.locator("form button.btn-primary").click()
    page.wait_for_load_state()
    private = page.locator("a[href*='/p/']").first.get_attribute("href") or ""
    page.goto(private if private.startswith("http") else address + private)
    page.wait_for_timeout(800)
    page.screenshot(path=IMAGES / "portal-zh.png")


if __name__ == "__main__":
    main(*sys.argv[1:4])
