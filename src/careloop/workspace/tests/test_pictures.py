"""Pictures that a mail points to elsewhere: not loaded until somebody asks, and then by the server alone."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from django.test import Client

from careloop.channels.email.parsing.html import sanitise
from careloop.common.fetching import Fetched, Limits, NotFetched
from careloop.conversations.models import Conversation, Message
from careloop.conversations.services.posting import Content, File, add_customer_message
from careloop.files.services import store
from careloop.workspace import pictures
from careloop.workspace.original import MOST_PICTURES
from careloop.workspace.tests.conftest import HTMX
from careloop.workspace.tests.test_reading import PNG

MAIL = (
    '<p>Sale</p><img src="https://shop.example/a.png?u=1&amp;v=2" alt="Hero"><img src="//shop.example/b.png">'
    '<img src="https://shop.example/a.png?u=1&amp;v=2"><img src="cid:pic"><img src="/relative.png">'
)
ADDRESS = "https://shop.example/a.png?u=1&v=2"


class Web:
    """What lies where, and what was asked for."""

    def __init__(self) -> None:
        self.holds: dict[str, bytes] = {ADDRESS: PNG, "https://shop.example/b.png": PNG}
        self.asked: list[str] = []

    def fetch(self, address: str, limits: Limits, **_given: Any) -> Fetched:
        self.asked.append(address)
        if address not in self.holds:
            raise NotFetched("refused")
        return Fetched(self.holds[address], "image/png")


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Web:
    web = Web()
    monkeypatch.setattr(pictures, "fetch", web.fetch)
    return web


def mail(conversation: Conversation, html: str = MAIL) -> Message:
    content = Content(text="Sale", html=sanitise(html), files=[File(store(PNG), "pic.png", content_id="pic")])
    return add_customer_message(conversation, content, customer=conversation.customer)


def original(client: Client, message: Message, query: str = "") -> Any:
    number = message.conversation.number
    return client.get(f"/conversations/{number}/messages/{message.pk}/original/{query}", headers=HTMX)


def test_nothing_is_asked_of_a_stranger_until_somebody_asks(as_lin: Client, complaint: Conversation, web: Web) -> None:
    html = original(as_lin, mail(complaint)).content.decode()
    assert "shop.example" not in html
    assert "2 images from elsewhere" in html or "2 张" in html
    assert "?images=1" in html
    assert len(re.findall(r'<img[^>]* src="', html)) == 1
    assert web.asked == []


def test_a_click_shows_each_picture_where_it_belongs(as_lin: Client, complaint: Conversation, web: Web) -> None:
    html = original(as_lin, mail(complaint), "?images=1").content.decode()
    shown = f'src="data:image/png;base64,{base64.b64encode(PNG).decode()}"'
    assert html.count(shown) == 3
    assert f'{shown} alt="Hero"' in html or f'alt="Hero" {shown}' in html
    assert sorted(web.asked) == [ADDRESS, "https://shop.example/b.png"]
    assert "shop.example" not in html


def test_what_is_no_picture_or_not_there_stays_away(as_lin: Client, complaint: Conversation, web: Web) -> None:
    web.holds = {ADDRESS: b"<svg xmlns='http://www.w3.org/2000/svg'><script>x()</script></svg>"}
    html = original(as_lin, mail(complaint), "?images=1").content.decode()
    assert "data:" not in html
    assert "svg" not in html.replace("icons.svg", "").replace('<svg class="icon', "").replace("</svg>", "")
    assert "2" in html


def test_a_mail_stored_unclean_asks_nobody_either(as_lin: Client, complaint: Conversation, web: Web) -> None:
    message = mail(complaint)
    Message.objects.filter(pk=message.pk).update(
        html='<img src="http://t.example/1.gif" data-remote-src="javascript:x()"><a href="data:text/html,x">x</a>'
        '<p title=\'<img data-remote-src="http://t.example/2.gif">\'>data-remote-src="http://t.example/3.gif"</p>'
    )
    message.refresh_from_db()
    html = original(as_lin, message).content.decode()
    assert 'src="http' not in html.replace('data-remote-src="http://t.example/3.gif"', "")
    assert 'href="data:' not in html
    original(as_lin, message, "?images=1")
    assert web.asked == ["http://t.example/1.gif"]


def test_a_picture_written_into_the_mail_needs_no_asking(as_lin: Client, complaint: Conversation, web: Web) -> None:
    inline = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    html = original(as_lin, mail(complaint, f'<img src="{inline}"><img src="data:image/svg+xml,x">')).content.decode()
    assert html.count("data:") == 1
    assert "images=1" not in html


def test_a_mail_of_a_thousand_pictures_asks_for_some(as_lin: Client, complaint: Conversation, web: Web) -> None:
    many = "".join(f'<img src="http://t.example/{place}.png">' for place in range(1000))
    original(as_lin, mail(complaint, many), "?images=1")
    assert len(web.asked) == MOST_PICTURES


def test_all_together_fit_into_one_answer(
    as_lin: Client, complaint: Conversation, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "LARGEST_TOGETHER", len(PNG) + 50)
    html = original(as_lin, mail(complaint), "?images=1").content.decode()
    assert html.count("data:image/png") == 2  # the first of them, in both its places


def test_slow_senders_cannot_hold_the_desk(
    as_lin: Client, complaint: Conversation, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = mail(complaint)
    taken = [pictures._free.acquire(blocking=False) for _ in range(pictures.MAILS_AT_ONCE)]
    try:
        assert original(as_lin, message, "?images=1").status_code == 429
    finally:
        for _ in filter(None, taken):
            pictures._free.release()
    assert original(as_lin, message, "?images=1").status_code == 200


def test_an_operator_may_forbid_it(as_lin: Client, complaint: Conversation, web: Web, settings: Any) -> None:
    settings.CARELOOP_REMOTE_IMAGES = False
    message = mail(complaint)
    assert "images=1" not in original(as_lin, message).content.decode()
    assert "data:" not in original(as_lin, message, "?images=1").content.decode()
    assert web.asked == []


def test_only_who_may_read_the_mail_may_ask(
    client: Client, as_bob: Client, as_lin: Client, complaint: Conversation, web: Web
) -> None:
    message = mail(complaint)
    assert original(as_bob, message, "?images=1").status_code == 404
    assert original(client, message, "?images=1").status_code == 401
    assert as_lin.post(f"/conversations/{complaint.number}/messages/{message.pk}/original/").status_code == 405
    message.pk = 999_999
    assert original(as_lin, message, "?images=1").status_code == 404
    assert web.asked == []
