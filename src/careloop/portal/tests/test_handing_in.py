"""A customer hands in a matter without an account (mission 7, 83)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from careloop.common.jobs.running import run_pending_jobs
from careloop.conversations.links import portal_token
from careloop.conversations.models import Conversation, Message
from careloop.customers.models import Customer, Identity
from careloop.files.models import Blob
from careloop.intake.models import RawMessage
from careloop.lifecycle import inbound
from careloop.portal.tests.factories import COMPLAINT, PNG, form_key, hand_in, photo

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("portal_inbox")
class TestTheForm:
    def test_it_follows_the_browsers_language(self, client: Client) -> None:
        assert "How can we help?" in client.get("/portal/", headers={"Accept-Language": "en-GB"}).text
        page = client.get("/portal/", headers={"Accept-Language": "zh-CN,zh;q=0.9"})
        assert page.headers["Content-Language"] == "zh-hans"

    def test_a_matter_is_kept_and_in_its_thread_at_once(self, client: Client) -> None:
        answer = hand_in(client)
        conversation = Conversation.objects.get()
        assert (conversation.kind, conversation.language, conversation.channel) == ("complaint", "zh", "portal")
        assert conversation.subject == "我买的面霜用了两天就过敏了"
        assert conversation.customer.name == "王雨晴"
        page = client.get(answer.headers["Location"])
        assert conversation.reference in page.text
        assert f"/p/{portal_token(conversation)}" in page.text

    def test_nothing_of_the_form_is_lost_to_the_reader(self, client: Client) -> None:
        hand_in(client, phone="13812345678")
        message = Message.objects.get(kind="customer")
        assert message.text.startswith(COMPLAINT["text"])
        for word in ("希望的处理方式：希望全额退款", "订单号：HM20261103", "联系电话：13812345678"):
            assert word in message.text
        assert message.channel_data["order_number"] == "HM20261103"

    def test_the_words_decide_the_language_whatever_the_screen_says(self, client: Client) -> None:
        hand_in(client, text="The cream gave me a rash, please refund me.", remedy="", key=form_key(client))
        assert Conversation.objects.get().language == "en"

    def test_photos_hang_on_the_message(self, client: Client) -> None:
        hand_in(client, attachments=[photo(), photo("说明.txt", "用了两天".encode(), "text/plain")])
        names = [each.name for each in Message.objects.get(kind="customer").attachments.order_by("pk")]
        assert names == ["脸颊.png", "说明.txt"]

    def test_the_same_form_twice_is_one_message(self, client: Client) -> None:
        key = form_key(client)
        first, second = hand_in(client, key=key), hand_in(client, key=key)
        assert (first.status_code, second.status_code) == (302, 302)
        assert (Conversation.objects.count(), Message.objects.filter(kind="customer").count()) == (1, 1)

    def test_a_form_changed_and_sent_again_adds_to_its_own_thread(self, client: Client) -> None:
        key = form_key(client)
        hand_in(client, key=key)
        hand_in(client, key=key, text="补充一下，是玫瑰面霜。")
        assert (Conversation.objects.count(), Message.objects.filter(kind="customer").count()) == (1, 2)

    def test_the_job_that_stands_by_does_nothing_twice(self, client: Client) -> None:
        from datetime import timedelta

        from django.utils import timezone

        hand_in(client)
        run_pending_jobs(now=timezone.now() + timedelta(minutes=5))
        assert Message.objects.filter(kind="customer").count() == 1

    def test_the_first_word_from_us_has_number_and_link(self, client: Client, settings: Any) -> None:
        hand_in(client)
        run_pending_jobs()
        conversation = Conversation.objects.get()
        said = Message.objects.get(kind="automatic")
        assert conversation.reference in said.text
        assert f"{settings.CARELOOP_PUBLIC_URL}/p/{portal_token(conversation)}" in said.text
        assert said.text.startswith("王雨晴，您好！")
        assert said.delivery.state == "sent"  # it stands on the page

    def test_when_carrying_fails_the_message_is_safe_and_comes_later(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from datetime import timedelta

        from django.utils import timezone

        def broken(raw_id: int) -> None:
            raise RuntimeError("the disk is full")

        with monkeypatch.context() as patch:
            patch.setattr(inbound, "receive", broken)
            answer = hand_in(client)
        page = client.get(f"{answer.headers['Location']}?lang=en")
        assert page.status_code == 200
        assert "It is safe with us" in page.text
        assert RawMessage.objects.get().state == "kept"
        run_pending_jobs(now=timezone.now() + timedelta(minutes=1))
        assert Conversation.objects.get().reference in client.get(answer.headers["Location"]).text

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ({"kind": "gossip"}, "Please choose one."),
            ({"text": "  "}, "Please tell us in a few words what happened."),
            ({"text": "x" * 10_001}, "at most 10000 characters"),
            ({"email": "", "phone": ""}, "Please give an e-mail address or a phone number"),
            ({"email": "not an address"}, "Enter a valid email address."),
            ({"email": "", "phone": "call me"}, "This does not look like a phone number."),
            ({"form_key": "made up"}, "This page had become too old."),
            ({"homepage": "https://spam.example"}, "Please leave the field"),
            ({"text": "a\x00b"}, "Null characters are not allowed."),
        ],
    )
    def test_bad_input_is_explained_what_was_typed_stays_and_nothing_is_kept(
        self, client: Client, change: dict[str, str], sentence: str
    ) -> None:
        client.get("/portal/?lang=en")
        page = client.post("/portal/", {**COMPLAINT, "form_key": form_key(client), **change})
        assert page.status_code == 400
        assert sentence in page.text
        assert COMPLAINT["order_number"] in page.text
        assert not RawMessage.objects.exists()

    @pytest.mark.parametrize(
        ("name", "data", "claimed", "sentence"),
        [
            ("run.exe", b"MZ" + b"\x00" * 200, "image/png", "is not a photo"),
            ("page.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "image/svg+xml", "is not a photo"),
            ("page.html", b"<!doctype html><script>alert(1)</script>", "text/html", "is not a photo"),
            ("nothing.png", b"", "image/png", "empty"),
            ("huge.png", PNG + b"\x00" * 2000, "image/png", "is larger than 1 KB"),
        ],
    )
    def test_a_file_that_cannot_be_taken_is_explained_and_nothing_is_stored(
        self, client: Client, settings: Any, name: str, data: bytes, claimed: str, sentence: str
    ) -> None:
        settings.CARELOOP_LARGEST_UPLOAD = 1024
        client.get("/portal/?lang=en")
        page = hand_in(client, attachments=[photo(), photo(name, data, claimed)])
        assert page.status_code == 400
        assert sentence in page.text
        assert not Blob.objects.exists()
        assert not RawMessage.objects.exists()

    def test_too_many_files_are_refused(self, client: Client) -> None:
        page = hand_in(client, attachments=[photo(f"{number}.png") for number in range(7)])
        assert page.status_code == 400
        assert not Blob.objects.exists()

    def test_a_request_too_large_is_refused_before_it_is_read(self, client: Client, settings: Any) -> None:
        settings.CARELOOP_LARGEST_UPLOAD = 1024
        page = hand_in(client, attachments=[photo(data=PNG + b"\x00" * 1_200_000)])
        assert page.status_code == 413
        assert not RawMessage.objects.exists()

    def test_one_address_may_hand_in_only_so_much_an_hour(self, client: Client, settings: Any) -> None:
        settings.CARELOOP_PORTAL_PER_HOUR = 2
        codes = [hand_in(client, text=f"第 {number} 次来信，请回复。").status_code for number in range(3)]
        assert codes == [302, 302, 429]
        assert RawMessage.objects.count() == 2

    def test_a_forged_form_is_refused(self) -> None:
        strict = Client(enforce_csrf_checks=True)
        assert hand_in(strict).status_code == 403
        assert not RawMessage.objects.exists()

    def test_no_cache_keeps_the_form(self, client: Client) -> None:
        assert "no-store" in client.get("/portal/").headers["Cache-Control"]


def test_a_strangers_number_does_not_open_somebodys_record(client: Client, portal_inbox: Any, mei: Customer) -> None:
    Identity.objects.create(customer=mei, kind="phone", value="+8613812345678")
    hand_in(client, email="stranger@example.com", phone="13812345678", name="Stranger")
    stranger = Conversation.objects.get().customer
    assert stranger != mei
    assert not mei.identities.filter(value="stranger@example.com").exists()


def test_a_newcomer_is_known_by_address_and_number(client: Client, portal_inbox: Any) -> None:
    hand_in(client, phone="13812345678")
    assert set(Identity.objects.values_list("kind", flat=True)) == {"email", "phone"}


def test_a_closed_portal_says_so_kindly(client: Client, db: None) -> None:
    page = client.get("/portal/")
    assert page.status_code == 404
    assert "这个链接打不开了" in page.text


def test_a_forged_receipt_shows_nothing(client: Client, portal_inbox: Any) -> None:
    assert client.get("/portal/received/1:forged/").status_code == 404


def test_each_portal_inbox_has_its_own_form(client: Client, portal_inbox: Any) -> None:
    assert client.get(f"/portal/{portal_inbox.slug}/").status_code == 200
    assert client.get("/portal/elsewhere/").status_code == 404
