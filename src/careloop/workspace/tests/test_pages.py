"""What holds for every page: no inline code, both languages, known icons, the person's own colours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from careloop.accounts.models import Presence, User
from careloop.conversations.models import Conversation
from careloop.workspace.tests.conftest import HTMX

WORKSPACE = Path(__file__).parent.parent
TEMPLATES = [*WORKSPACE.glob("templates/**/*.html")]
ICON_NAMES = WORKSPACE.parents[2] / "frontend" / "icons" / "names.mjs"
ICON_USED = re.compile(r'{% icon "([a-z0-9-]+)"')
INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)


@pytest.mark.offline
@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_inline_code_or_style(template: Path) -> None:
    assert not INLINE.search(template.read_text(encoding="utf-8"))


@pytest.mark.offline
@pytest.mark.skipif(not ICON_NAMES.exists(), reason="the front end's sources are not in the wheel")
def test_every_icon_used_is_in_the_sprite() -> None:
    known = set(re.findall(r'"([a-z0-9-]+)"', ICON_NAMES.read_text(encoding="utf-8")))
    every = WORKSPACE.parent.glob("*/templates/**/*.html")
    used = {name for template in every for name in ICON_USED.findall(template.read_text(encoding="utf-8"))}
    assert used <= known


@pytest.mark.parametrize("address", ["/desk/mine/", "/customers/", "/search/?q=退款", "/calls/new/"])
def test_a_page_is_in_the_persons_language(as_lin: Client, as_chen: Client, address: str) -> None:
    assert '<html lang="zh-hans"' in as_lin.get(address).content.decode()
    assert '<html lang="en"' in as_chen.get(address).content.decode()


def test_the_policy_allows_only_our_own_code(as_lin: Client) -> None:
    policy = as_lin.get("/desk/mine/")["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy


def test_the_theme_is_kept_with_the_person_and_the_next_page_comes_in_it(as_lin: Client, lin: User) -> None:
    answer = as_lin.post(reverse("workspace:theme"), {"theme": "dark", "next": "/customers/"})
    lin.refresh_from_db()
    assert (answer["Location"], lin.theme) == ("/customers/", "dark")
    assert 'data-theme="dark"' in as_lin.get("/desk/mine/").content.decode()


def test_the_language_may_be_chosen_before_signing_in(client: Client, db: None) -> None:
    client.post(reverse("workspace:language"), {"language": "zh-hans"})
    assert '<html lang="zh-hans"' in client.get(reverse("account_login")).content.decode()


def test_the_language_of_who_is_signed_in_is_kept(as_lin: Client, lin: User) -> None:
    as_lin.post(reverse("workspace:language"), {"language": "en"})
    lin.refresh_from_db()
    assert lin.language == "en"


@pytest.mark.parametrize(("name", "field"), [("theme", "theme"), ("language", "language"), ("presence", "state")])
def test_a_choice_that_is_none_is_refused(as_lin: Client, name: str, field: str) -> None:
    assert as_lin.post(reverse(f"workspace:{name}"), {field: "magic"}).status_code == 400
    assert as_lin.get(reverse(f"workspace:{name}")).status_code == 405


def test_presence_is_said_and_shown(as_lin: Client, lin: User) -> None:
    as_lin.post(reverse("workspace:presence"), {"state": "online"})
    assert Presence.objects.get(user=lin, until=None).state == "online"
    assert "presence--online" in as_lin.get("/desk/mine/").content.decode()


def test_one_is_not_sent_to_a_foreign_address(as_lin: Client) -> None:
    answer = as_lin.post(reverse("workspace:theme"), {"theme": "dark", "next": "https://evil.example/"})
    assert answer["Location"] == "/"


def test_what_is_not_there_says_so_in_the_persons_language(as_lin: Client) -> None:
    assert (
        "找不到" in as_lin.get("/desk/nowhere/").content.decode() or "404" in as_lin.get("/nowhere/").content.decode()
    )


def test_a_refusal_is_a_page_for_people_and_a_notice_for_htmx(as_lin: Client) -> None:
    page = as_lin.post(reverse("workspace:theme"), {"theme": "magic"})
    part = as_lin.post(reverse("workspace:theme"), {"theme": "magic"}, headers=HTMX)
    assert "<html" in page.content.decode()
    assert 'data-error="unknown_theme"' in part.content.decode()


def test_search_finds_numbers_customers_and_words_only_of_ones_own(
    as_lin: Client, as_bob: Client, complaint: Conversation
) -> None:
    for query in (complaint.reference, "王雨晴"):
        assert "王雨晴" in as_lin.get("/search/", {"q": query}, headers=HTMX).content.decode()
        assert "popmenu__item" not in as_bob.get("/search/", {"q": query}, headers=HTMX).content.decode()
    assert as_lin.get("/search/", {"q": "退款", "after": "x"}).status_code == 400


def test_a_customers_page_is_for_those_who_serve_them(as_lin: Client, as_bob: Client, complaint: Conversation) -> None:
    address = reverse("workspace:customer", args=[complaint.customer_id])
    html = as_lin.get(address).content.decode()
    assert "yuqing.wang@example.com" in html
    assert complaint.subject in html
    assert as_bob.get(address).status_code == 404
    assert as_lin.get(reverse("workspace:customer", args=[99999])).status_code == 404
    assert "王雨晴" not in as_bob.get("/customers/?q=王").content.decode()
