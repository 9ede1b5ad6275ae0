"""Read, search, write, publish, and what customers see: works, signed out, wrong role, missing, bad input."""

from __future__ import annotations

import pytest
from django.test import Client

from careloop.accounts.models import User
from careloop.knowledge.models import Article
from careloop.knowledge.tests.conftest import Publish, signed_in

FORM = {"section": "returns", "audience": "public", "keywords": "退钱", "title_zh": "怎么退", "body_zh": "联系我们。"}


def test_an_agent_writes_and_a_lead_publishes(lin: User, chen: User) -> None:
    agent, lead = signed_in(lin), signed_in(chen)
    assert agent.post("/knowledge/new/", FORM).status_code == 302
    article = Article.objects.get()
    assert "怎么退" in agent.get(f"/knowledge/{article.pk}/").content.decode()
    assert agent.post(f"/knowledge/{article.pk}/publication/").status_code == 403
    lead.post(f"/knowledge/{article.pk}/publication/")
    assert Client().get(f"/help/{article.pk}/").status_code == 200
    assert agent.post(f"/knowledge/{article.pk}/retirement/").status_code == 403
    lead.post(f"/knowledge/{article.pk}/retirement/")
    assert Client().get(f"/help/{article.pk}/").status_code == 404


def test_rewriting_begins_with_what_was_written_last(published: Publish, lin: User) -> None:
    article, client = published(), signed_in(lin)
    page = client.get(f"/knowledge/{article.pk}/text/").content.decode()
    assert "二十四小时内打款" in page
    seen = article.texts.order_by("-pk")[0].pk
    assert client.post(f"/knowledge/{article.pk}/text/", {**FORM, "seen": seen}).status_code == 302
    late = client.post(f"/knowledge/{article.pk}/text/", {**FORM, "title_zh": "另一个", "seen": seen})
    assert late.status_code == 409
    assert "另一个" in late.content.decode()


@pytest.mark.parametrize("wrong", [{"section": "moon"}, {"body_zh": ""}, {"title_zh": "", "body_zh": ""}])
def test_what_cannot_be_kept_comes_back_with_its_text(lin: User, wrong: dict[str, str]) -> None:
    answer = signed_in(lin).post("/knowledge/new/", {**FORM, **wrong, "keywords": "还在这里"})
    assert answer.status_code == 400
    assert "还在这里" in answer.content.decode()
    assert not Article.objects.exists()


def test_the_list_is_searched_filtered_and_paged(published: Publish, lin: User) -> None:
    published()
    client = signed_in(lin)
    assert "退款多久到账" in client.get("/knowledge/?q=退款", headers={"Accept-Language": "zh"}).content.decode()
    assert "退款多久到账" not in client.get("/knowledge/?section=orders").content.decode()
    assert client.get("/knowledge/?state=published&section=returns&after=").status_code == 200
    assert client.get("/knowledge/?q=" + "长" * 5000).status_code == 200
    assert client.get("/knowledge/?after=x").status_code == 400


@pytest.mark.parametrize("path", ["", "new/", "1/", "1/text/"])
def test_whoever_is_signed_out_is_sent_to_the_door(db: None, path: str) -> None:
    answer = Client().get(f"/knowledge/{path}")
    assert (answer.status_code, "/accounts/login/" in answer["Location"]) == (302, True)


@pytest.mark.parametrize("path", ["/knowledge/404/", "/knowledge/404/text/", f"/knowledge/{2**70}/"])
def test_what_is_not_there_is_not_found(lin: User, path: str) -> None:
    assert signed_in(lin).get(path).status_code == 404


def test_customers_see_what_is_public_and_published(published: Publish) -> None:
    public, internal = published(), published(audience="internal")
    index = Client().get("/help/").content.decode()
    assert "Where is my refund" in index
    assert index.count("Where is my refund") == 1
    assert Client().get(f"/help/{internal.pk}/").status_code == 404
    assert "Where is my refund" in Client().get("/help/?q=refund").content.decode()
    assert "Where is my refund" in Client().get(f"/help/{public.pk}/").content.decode()
    assert Client().get(f"/help/{2**70}/").status_code == 404


def test_a_customer_who_types_is_offered_articles(published: Publish) -> None:
    published()
    offered = Client().post("/help/offers/", {"text": "when do I get my refund"}).content.decode()
    assert "Where is my refund" in offered
    assert Client().post("/help/offers/", {"text": "re"}).content == b""
    assert Client().get("/help/offers/").status_code == 405


def test_markup_in_an_article_is_shown_as_text(lin: User) -> None:
    signed_in(lin).post("/knowledge/new/", {**FORM, "body_zh": "<script>alert(1)</script>"})
    page = signed_in(lin).get(f"/knowledge/{Article.objects.get().pk}/").content.decode()
    assert "<script>alert" not in page
