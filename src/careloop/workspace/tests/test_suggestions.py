"""Suggested answers in the desk: asked for apart from the page, kept when used or put away."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from careloop.conversations.models import Conversation
from careloop.knowledge.loading import load_starter_articles
from careloop.replies.models import SuggestionChoice
from careloop.workspace.tests.conftest import HTMX

CHOICE = {"kind": "article", "target": "1", "place": "1", "choice": "used"}


def address(conversation: Conversation) -> str:
    return f"/conversations/{conversation.number}/suggestions/"


@pytest.fixture(autouse=True)
def _articles(db: None) -> None:
    load_starter_articles("retail_skincare", is_published=True)


def test_the_page_asks_for_them_afterwards(as_lin: Client, complaint: Conversation) -> None:
    page = as_lin.get(f"/conversations/{complaint.number}/").content.decode()
    assert f'hx-get="{address(complaint)}" hx-trigger="intersect once' in page
    assert "退款多久到账" not in page


def test_the_part_shows_text_and_reason(as_lin: Client, complaint: Conversation) -> None:
    part = as_lin.get(address(complaint), headers=HTMX).content.decode()
    assert "退款多久到账？没到怎么查？" in part
    assert 'data-suggested="我们收到退货后' in part
    assert "共同的词：" in part


def test_what_was_used_is_kept(as_lin: Client, lin: Any, complaint: Conversation) -> None:
    assert as_lin.post(address(complaint), CHOICE, headers=HTMX).status_code == 204
    kept = SuggestionChoice.objects.get()
    assert (kept.by, kept.kind, kept.target, kept.place, kept.choice) == (lin, "article", 1, 1, "used")


def test_what_was_put_away_is_gone_from_the_answer(as_lin: Client, complaint: Conversation) -> None:
    first = as_lin.get(address(complaint), headers=HTMX).content.decode()
    target = first.partition('data-target="')[2].partition('"')[0]
    away = {**CHOICE, "target": target, "choice": "dismissed"}
    answer = as_lin.post(address(complaint), away, headers=HTMX).content.decode()
    assert f'data-target="{target}"' in first
    assert f'data-target="{target}"' not in answer


@pytest.mark.parametrize(
    "wrong", [{"kind": "moon"}, {"target": "x"}, {"target": "9" * 30}, {"choice": ""}, {"place": ""}]
)
def test_what_is_no_suggestion_is_refused(as_lin: Client, complaint: Conversation, wrong: dict[str, str]) -> None:
    assert as_lin.post(address(complaint), {**CHOICE, **wrong}, headers=HTMX).status_code == 400
    assert not SuggestionChoice.objects.exists()


def test_another_team_and_strangers_get_nothing(as_bob: Client, complaint: Conversation) -> None:
    assert as_bob.get(address(complaint), headers=HTMX).status_code == 404
    assert Client().get(address(complaint), headers=HTMX).status_code == 401
    assert Client().get(address(complaint)).status_code == 302
