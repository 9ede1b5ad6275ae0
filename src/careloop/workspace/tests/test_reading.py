"""Reading a conversation: its messages, how a mail looked, and what came with it."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from careloop.accounts.models import User
from careloop.conversations.models import Attachment, Conversation, Delivery, Message
from careloop.conversations.services.posting import Content, File, add_customer_message, post_note, post_reply
from careloop.files.services import store
from careloop.workspace import thread
from careloop.workspace.tests.conftest import HTMX

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c6360606000000004"
    "0001f61738550000000049454e44ae426082"
)
NASTY = (
    '<p onclick="x()">Hello <b>there</b><script>alert(1)</script><style>p{}</style>'
    '<img src="cid:pic"><img src="https://tracker.example/1.gif"><a href="javascript:x()">go</a>'
    '<form action="/x"><input></form><iframe src="/"></iframe>'
)


def page(client: Client, conversation: Conversation) -> str:
    return client.get(f"/conversations/{conversation.number}/").content.decode()


def test_the_page_shows_customer_reply_and_note_each_in_its_kind(
    as_lin: Client, lin: User, complaint: Conversation
) -> None:
    post_note(complaint, by=lin, text="只有同事看得到")
    post_reply(complaint, by=lin, text="您好，正在核实")
    html = page(as_lin, complaint)
    for kind, words in (("customer", "退款到现在还没有到账"), ("note", "只有同事看得到"), ("reply", "您好，正在核实")):
        assert re.search(rf"msg--{kind}.*?{words}", html, re.DOTALL)


def test_what_a_customer_writes_is_never_markup(as_lin: Client, complaint: Conversation) -> None:
    text = "<script>alert(1)</script> https://example.com/?a=1&b=2"
    add_customer_message(complaint, Content(text=text), customer=complaint.customer)
    html = page(as_lin, complaint)
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html
    assert 'href="https://example.com/?a=1&amp;b=2"' in html


def test_a_failed_delivery_says_why_beside_the_message(as_lin: Client, lin: User, complaint: Conversation) -> None:
    message = post_reply(complaint, by=lin, text="您好")
    Delivery.objects.filter(message=message).update(state="failed", last_error="550 mailbox unknown")
    assert "550 mailbox unknown" in page(as_lin, complaint)


def test_quoted_text_is_folded(as_lin: Client, complaint: Conversation) -> None:
    content = Content(text="好的", quoted="> 您好，请问……")
    add_customer_message(complaint, content, customer=complaint.customer)
    assert re.search(r"<details class=\"quoted\">.*您好，请问", page(as_lin, complaint), re.DOTALL)


def test_long_conversations_come_in_parts(as_lin: Client, lin: User, complaint: Conversation) -> None:
    for place in range(thread.NEWEST_SHOWN + 5):
        post_note(complaint, by=lin, text=f"note {place}.")
    newest = thread.part_of(complaint)
    assert len(newest.lines) == thread.NEWEST_SHOWN
    assert newest.earlier == newest.lines[0].pk
    rest = as_lin.get(f"/conversations/{complaint.number}/thread/?before={newest.earlier}", headers=HTMX)
    assert rest.content.decode().count("<article") == 6


def test_a_mails_own_look_is_harmless(as_lin: Client, complaint: Conversation) -> None:
    files = [File(store(PNG), "pic.png", content_id="pic", is_inline=True)]
    content = Content(text="Hello", html=NASTY, files=files)
    message = add_customer_message(complaint, content, customer=complaint.customer)
    html = as_lin.get(f"/conversations/{complaint.number}/messages/{message.pk}/original/").content.decode()
    for bad in ("script", "style", "onclick", "tracker", "javascript:", "form", "iframe"):
        assert bad not in html
    assert f"/conversations/{complaint.number}/files/" in html
    assert "<b>there</b>" in html


@pytest.fixture
def with_files(complaint: Conversation) -> list[Attachment]:
    files = [File(store(PNG), "图片 1.png"), File(store(b"<html><script>x</script>", "text/html"), "page.html")]
    message = add_customer_message(complaint, Content(text="看附件", files=files), customer=complaint.customer)
    return list(message.attachments.order_by("id"))


def test_a_picture_is_shown_and_runs_nothing(
    as_lin: Client, complaint: Conversation, with_files: list[Attachment]
) -> None:
    answer = as_lin.get(f"/conversations/{complaint.number}/files/{with_files[0].pk}/x.png")
    assert (answer.content, answer["Content-Type"]) == (PNG, "image/png")
    assert answer["Content-Disposition"].startswith("inline")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_web_page_is_only_handed_over(as_lin: Client, complaint: Conversation, with_files: list[Attachment]) -> None:
    answer = as_lin.get(f"/conversations/{complaint.number}/files/{with_files[1].pk}/page.html")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_file_is_as_private_as_its_conversation(
    client: Client, as_bob: Client, as_lin: Client, complaint: Conversation, with_files: list[Attachment]
) -> None:
    address = f"/conversations/{complaint.number}/files/{with_files[0].pk}/x.png"
    assert client.get(address).status_code == 302
    assert as_bob.get(address).status_code == 404
    assert as_lin.get(f"/conversations/{complaint.number}/files/99999/x.png").status_code == 404


def test_another_teams_mail_has_no_look_either(as_bob: Client, complaint: Conversation) -> None:
    message = complaint.messages.get()
    assert as_bob.get(f"/conversations/{complaint.number}/messages/{message.pk}/original/").status_code == 404


def test_htmx_gets_the_part_and_a_browser_the_page(as_lin: Client, complaint: Conversation) -> None:
    part = as_lin.get(f"/desk/open/{complaint.number}/", headers=HTMX)
    whole = as_lin.get(f"/desk/open/{complaint.number}/")
    assert "<html" not in part.content.decode()
    assert "<html" in whole.content.decode()
    assert "HX-Request" in part["Vary"]


def test_a_system_line_is_a_line(as_lin: Client, complaint: Conversation) -> None:
    Message.objects.create(conversation=complaint, kind="system", text="优先级已提高", created_at=timezone.now())
    assert re.search(r'class="line" id="message-\d+">优先级已提高', page(as_lin, complaint))


def test_a_failed_delivery_is_put_back_in_line_once(as_lin: Client, lin: User, complaint: Conversation) -> None:
    message = post_reply(complaint, by=lin, text="您好")
    address = f"/conversations/{complaint.number}/messages/{message.pk}/delivery/"
    assert as_lin.post(address, headers=HTMX).status_code == 409
    Delivery.objects.filter(message=message).update(state="failed", last_error="550")
    assert as_lin.post(address, headers=HTMX).status_code == 200
    assert Delivery.objects.get(message=message).state == "pending"


def test_another_team_sends_nothing_again(as_bob: Client, lin: User, complaint: Conversation) -> None:
    message = post_reply(complaint, by=lin, text="您好")
    address = f"/conversations/{complaint.number}/messages/{message.pk}/delivery/"
    assert as_bob.post(address, headers=HTMX).status_code == 404


def test_a_player_may_seek_in_a_film(as_lin: Client, complaint: Conversation) -> None:
    film = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 8
    content = Content(text="影片", files=[File(store(film), "film.mp4")])
    row = add_customer_message(complaint, content, customer=complaint.customer).attachments.get()
    url = f"/conversations/{complaint.number}/files/{row.pk}/film.mp4"
    answer = as_lin.get(url, headers={"Range": "bytes=10-29"})
    assert (answer.status_code, answer.content) == (206, film[10:30])
    assert as_lin.get(url, headers={"Range": "bytes=999999-"}).status_code == 416
