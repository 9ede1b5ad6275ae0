"""The private page of a matter: stage, clock, next step, words and files (mission 18)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from careloop.common.jobs.running import run_pending_jobs
from careloop.conversations.models import Attachment, Conversation, Message
from careloop.conversations.services.describing import set_next_due
from careloop.conversations.services.holding import assign
from careloop.conversations.services.posting import Content, File, add_customer_message, post_note, post_reply
from careloop.conversations.services.resolution import resolve
from careloop.conversations.services.starting import start
from careloop.files import services as files
from careloop.portal.tests.factories import PNG, case_address, hand_in, photo, write_more
from careloop.portal.tracking import progress_of
from careloop.surveys.models import Survey
from careloop.surveys.services.answering import answer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def matter(client: Client, portal_inbox: Any) -> Conversation:
    """Mei's matter, as she handed it in."""
    hand_in(client)
    client.cookies.clear()
    return Conversation.objects.get()


def stage(conversation: Conversation) -> str:
    conversation.refresh_from_db()
    return next(each.name for each in reversed(progress_of(conversation).stages) if each.look != "ahead")


def test_the_stages_are_reached_one_after_the_other(matter: Conversation, lin: Any, care_team: Any) -> None:
    assert stage(matter) == "acknowledged"
    assign(matter, user=lin, team=care_team, by=None)
    assert stage(matter) == "working"
    post_reply(matter, by=lin, text="您好，马上为您退款。")
    assert stage(matter) == "answered"
    resolve(matter, by=lin, solved=None, satisfied=None, outcome="refunded", cause="product")
    assert stage(matter) == "resolved"
    run_pending_jobs()
    answer(Survey.objects.get(), solved=True, scores=(5, 5, 5))
    assert stage(matter) == "confirmed"


def test_an_agents_word_that_the_customer_is_content_confirms_too(matter: Conversation, lin: Any) -> None:
    resolve(matter, by=lin, solved=True, satisfied=True, outcome="refunded", cause="product")
    assert stage(matter) == "confirmed"


def test_it_says_by_when_we_answer_in_the_customers_language_and_zone(client: Client, matter: Conversation) -> None:
    due = timezone.now() + timedelta(hours=3)
    set_next_due(matter.pk, due)
    matter.customer.timezone = "Asia/Tokyo"
    matter.customer.save()
    page = client.get(case_address(matter), headers={"Accept-Language": "en"})
    local = timezone.localtime(due, timezone=ZoneInfo("Asia/Tokyo"))
    assert f"{local:%H:%M}" in page.text
    assert "UTC+09:00" in page.text
    assert page.headers["Content-Language"] == "zh-hans"


def test_a_broken_promise_is_owned(client: Client, matter: Conversation) -> None:
    set_next_due(matter.pk, timezone.now() - timedelta(hours=1))
    page = client.get(f"{case_address(matter)}?lang=en")
    assert "We are later than we promised" in page.text


def test_notes_calls_and_the_systems_lines_stay_inside(client: Client, matter: Conversation, lin: Any) -> None:
    post_note(matter, by=lin, text="内部备注：客户情绪激动")
    Message.objects.create(conversation=matter, kind="phone", text="通话记录：客户要求赔偿", created_at=timezone.now())
    Message.objects.create(conversation=matter, kind="system", text="系统行", created_at=timezone.now())
    page = client.get(f"{case_address(matter)}?lang=en").text
    assert "内部备注" not in page
    assert "通话记录" not in page
    assert "系统行" not in page
    assert "We spoke on the phone" in page


def test_a_reply_is_shown_with_its_author_and_without_its_markup(
    client: Client, matter: Conversation, lin: Any
) -> None:
    post_reply(matter, by=lin, text="<script>alert(1)</script> 见 https://example.com/help")
    page = client.get(case_address(matter)).text
    assert "林晓" in page
    assert "<script>alert(1)" not in page
    assert 'rel="nofollow"' in page


def test_the_changing_part_can_be_fetched_alone(client: Client, matter: Conversation) -> None:
    part = client.get(f"{case_address(matter)}/progress")
    assert part.status_code == 200
    assert "<html" not in part.text
    assert 'class="stages"' in part.text


def test_the_page_names_the_customers_own_stream(client: Client, matter: Conversation, settings: Any) -> None:
    token = case_address(matter).removeprefix("/p/")
    assert f'data-stream="{settings.CARELOOP_STREAM_URL}/tracker/{token}"' in client.get(case_address(matter)).text


def test_more_words_join_the_thread(client: Client, matter: Conversation) -> None:
    assert write_more(client, matter, "补充：照片在这里", attachments=[photo()]).status_code == 302
    said = list(Message.objects.filter(kind="customer").order_by("pk"))
    assert (len(said), said[1].text, said[1].customer) == (2, "补充：照片在这里", matter.customer)
    assert said[1].attachments.count() == 1
    assert "补充：照片在这里" in client.get(case_address(matter)).text


def test_words_on_a_resolved_matter_open_it_again(client: Client, matter: Conversation, lin: Any) -> None:
    resolve(matter, by=lin, solved=True, satisfied=None, outcome="refunded", cause="product")
    write_more(client, matter, "退款没有到账，请再查一下。")
    matter.refresh_from_db()
    assert matter.state == "open"
    assert stage(matter) == "working"


def test_the_holder_of_a_link_need_not_have_an_address(client: Client, portal_inbox: Any, mei: Any) -> None:
    mei.identities.all().delete()
    matter = start(inbox=portal_inbox, customer=mei, language="zh")
    write_more(client, matter, "你好")
    write_more(client, matter, "还在吗")
    assert set(Message.objects.values_list("customer", flat=True)) == {mei.pk}
    assert Conversation.objects.count() == 1


@pytest.mark.parametrize("change", [{"text": " "}, {"form_key": "forged"}, {"homepage": "x"}, {"text": "长" * 10_001}])
def test_bad_words_are_explained_and_nothing_is_added(
    client: Client, matter: Conversation, change: dict[str, str]
) -> None:
    page = write_more(client, matter, "你好", **change)
    assert page.status_code == 400
    assert "notice--error" in page.text
    assert Message.objects.filter(kind="customer").count() == 1


def test_too_many_words_within_an_hour_are_refused(client: Client, matter: Conversation, settings: Any) -> None:
    settings.CARELOOP_PORTAL_PER_HOUR = 2
    codes = [write_more(client, matter, f"第{number}句").status_code for number in range(2)]
    assert codes == [302, 429]


def test_a_resolved_matter_can_be_rated_from_its_page(client: Client, matter: Conversation, lin: Any) -> None:
    resolve(matter, by=lin, solved=None, satisfied=None, outcome="refunded", cause="product")
    run_pending_jobs()
    page = client.get(case_address(matter)).text
    survey = Survey.objects.get()
    assert f'href="/s/{survey.token}"' in page
    answer(survey, solved=True, scores=(4, 4, 4))
    assert f"/s/{survey.token}" not in client.get(case_address(matter)).text.split("talkback")[0]


def tampered(token: str) -> list[str]:
    row, version, signature = token.split(".")
    return [
        "nothing", f"{int(row) + 1}.{version}.{signature}", f"{row}.{int(version) + 1}.{signature}",
        f"{row}.{version}.{signature[:-2]}AA", f"{row}.{version}.", "9" * 30 + ".1.x", "١.1.x",
    ]  # fmt: skip


def test_wrong_and_forged_links_open_nothing(client: Client, matter: Conversation) -> None:
    for token in tampered(case_address(matter).removeprefix("/p/")):
        for rest in ("", "/progress", "/files/1"):
            page = client.get(f"/p/{token}{rest}")
            assert page.status_code == 404
            assert "这个链接打不开了" in page.text
            assert "This link does not open" in page.text
        assert client.post(f"/p/{token}/messages", {"text": "x"}).status_code == 404


def test_a_replaced_link_no_longer_opens(client: Client, matter: Conversation) -> None:
    old = case_address(matter)
    matter.link_version += 1
    matter.save()
    assert client.get(old).status_code == 404
    assert client.get(case_address(matter)).status_code == 200


def test_the_link_of_a_merged_matter_leads_to_where_it_went(
    client: Client, matter: Conversation, portal_inbox: Any
) -> None:
    kept = start(inbox=portal_inbox, customer=matter.customer, language="zh")
    matter.merged_into = kept
    matter.save()
    assert client.get(case_address(matter)).headers["Location"] == case_address(kept)


def test_nobody_else_keeps_the_page(client: Client, matter: Conversation) -> None:
    page = client.get(case_address(matter))
    assert "no-store" in page.headers["Cache-Control"]
    assert "noindex" in page.headers["X-Robots-Tag"]


def test_a_forged_form_is_refused(matter: Conversation) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert write_more(strict, matter, "你好").status_code == 403
    assert Message.objects.filter(kind="customer").count() == 1


def attached(conversation: Conversation, data: bytes, name: str, kind: str = "customer") -> Attachment:
    content = Content(text="附件", files=[File(files.store(data), name)])
    message = add_customer_message(conversation, content, customer=conversation.customer)
    Message.objects.filter(pk=message.pk).update(kind=kind)
    return message.attachments.get()


def test_a_picture_is_shown_and_anything_else_only_handed_over(client: Client, matter: Conversation) -> None:
    picture, page = attached(matter, PNG, "a.png"), attached(matter, b"<script>alert(1)</script>", "b.html")
    shown = client.get(f"{case_address(matter)}/files/{picture.pk}")
    assert (shown.status_code, shown.content, shown.headers["Content-Type"]) == (200, PNG, "image/png")
    assert shown.headers["Content-Disposition"].startswith("inline")
    handed = client.get(f"{case_address(matter)}/files/{page.pk}")
    assert handed.headers["Content-Type"] == "application/octet-stream"
    assert handed.headers["Content-Disposition"].startswith("attachment")
    for answered in (shown, handed):
        assert "sandbox" in answered.headers["Content-Security-Policy"]
        assert answered.headers["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answered.headers["Cache-Control"]


@pytest.mark.parametrize("kind", ["note", "system", "phone"])
def test_a_file_of_an_internal_message_is_not_there(client: Client, matter: Conversation, kind: str) -> None:
    hidden = attached(matter, PNG, "internal.png", kind)
    assert client.get(f"{case_address(matter)}/files/{hidden.pk}").status_code == 404


def test_a_file_of_another_matter_is_not_there(
    client: Client, matter: Conversation, portal_inbox: Any, james: Any
) -> None:
    other = start(inbox=portal_inbox, customer=james, language="en")
    theirs = attached(other, PNG, "theirs.png")
    assert client.get(f"{case_address(matter)}/files/{theirs.pk}").status_code == 404
    assert client.get(f"{case_address(matter)}/files/{10**19}").status_code == 404


def test_a_long_thread_is_read_in_pages(client: Client, matter: Conversation) -> None:
    for number in range(60):
        add_customer_message(matter, Content(text=f"第 {number} 句"), customer=matter.customer)
    first = client.get(case_address(matter)).text
    assert "第 59 句" in first
    assert "第 5 句" not in first
    earlier = first.split("?before=")[1].split('"')[0]
    assert "第 5 句" in client.get(f"{case_address(matter)}?before={earlier}").text


def test_the_page_asks_the_database_a_fixed_number_of_times(
    client: Client, matter: Conversation, lin: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        attached(matter, PNG + bytes([number]), f"{number}.png")
        post_reply(matter, by=lin, text=f"第 {number} 次回复")
    with django_assert_max_num_queries(10):
        client.get(case_address(matter))


def test_a_player_may_seek_in_a_file(client: Client, matter: Conversation) -> None:
    film = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 8
    url = f"{case_address(matter)}/files/{attached(matter, film, 'film.mp4').pk}"
    part = client.get(url, headers={"Range": "bytes=10-29"})
    assert (part.status_code, part.content, part.headers["Content-Type"]) == (206, film[10:30], "video/mp4")
    assert "no-store" in part.headers["Cache-Control"]
