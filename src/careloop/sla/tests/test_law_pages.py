"""The page of the laws and the legal deadlines of a conversation, through HTTP, in both languages."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from careloop.accounts.models import User
from careloop.conversations.models import Conversation, Inbox
from careloop.customers.models import Customer
from careloop.sla.models import Clock, RegimeInUse
from careloop.sla.services.by_law import start_law
from careloop.sla.services.panel import clock_lines
from careloop.sla.tests.factories import wrote

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("table")]


@pytest.fixture
def written(mei: Customer, email_inbox: Inbox) -> Conversation:
    return wrote(mei, email_inbox, timezone.now()).conversation


@pytest.fixture
def clock(written: Conversation, lin: User) -> Clock:
    return start_law(written, "cn_nfra", received_at=timezone.now(), by=lin)[0]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-hans", ["法定时限", "银行业保险业消费投诉", "15 天", "尚未核实", "英国金融行为监管局"]),
        ("en", ["Legal deadlines", "Chinese banking and insurance complaints", "15 days", "Uncertain", "8 weeks"]),
    ],
)
def test_an_administrator_reads_every_law_in_both_languages(
    client: Client, admin: User, language: str, said: list[str]
) -> None:
    admin.language = language
    admin.save()
    client.force_login(admin)
    page = client.get("/laws/").content.decode()
    assert [text for text in said if text not in page] == []


def test_switching_on_twice_is_refused_with_its_reason_and_off_is_a_click(
    client: Client, admin: User, email_inbox: Inbox
) -> None:
    client.force_login(admin)
    given = {"regime": "cn_nfra", "inbox": email_inbox.pk, "nature": "service"}
    assert client.post("/laws/", given).status_code == 302
    row = RegimeInUse.objects.get()
    assert (row.regime, row.inbox, row.nature, row.by) == ("cn_nfra", email_inbox, "service", admin)
    assert client.post("/laws/", given).status_code == 409
    assert client.post("/laws/", {"regime": "cn_moon"}).status_code == 400
    client.post(f"/laws/{row.pk}/off/")
    assert not RegimeInUse.objects.exists()


def test_only_administrators_see_the_laws(client: Client, lin: User) -> None:
    assert client.get("/laws/").status_code == 302
    client.force_login(lin)
    assert client.get("/laws/").status_code == 403
    assert client.post("/laws/1/off/").status_code == 403


def test_an_agent_starts_extends_and_withdraws_a_legal_deadline(
    client: Client, lin: User, written: Conversation
) -> None:
    client.force_login(lin)
    address = f"/conversations/{written.pk}/laws/"
    today = timezone.localdate().isoformat()
    assert client.post(f"{address}start/", {"law": "cn_nfra", "received": today}).status_code == 302
    clock = Clock.objects.get()
    page = client.get(address).content.decode()
    assert "cn_nfra" not in page.partition("timeline")[0].partition("<article")[2].partition("<select")[0]
    assert client.post(f"/clocks/{clock.pk}/extension/", {"key": "complex", "reason": ""}).status_code == 400
    assert client.post(f"/clocks/{clock.pk}/extension/", {"key": "complex", "reason": "需核实"}).status_code == 302
    assert "需核实" in client.get(address).content.decode()
    assert client.post(f"/clocks/{clock.pk}/pause/", {"reason": "送检"}).status_code == 400
    assert client.post(f"/clocks/{clock.pk}/resumption/").status_code == 409
    assert client.post(f"/clocks/{clock.pk}/withdrawal/", {"reason": "不是投诉"}).status_code == 302
    assert set(Clock.objects.values_list("state", flat=True)) == {"cancelled"}
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("given", [{"received": "soon"}, {"received": "2999-01-01"}, {"law": "x"}, {}])
def test_a_start_that_makes_no_sense_is_refused_on_the_page(
    client: Client, lin: User, written: Conversation, given: dict[str, str]
) -> None:
    client.force_login(lin)
    whole = {"law": "cn_nfra", **given} if given else {}
    answer = client.post(f"/conversations/{written.pk}/laws/start/", whole)
    assert (answer.status_code, 'role="alert"' in answer.content.decode()) == (400, True)
    assert not Clock.objects.exists()


def test_the_final_reply_is_called_sent_with_one_button(client: Client, lin: User, clock: Clock) -> None:
    client.force_login(lin)
    assert client.post(f"/clocks/{clock.pk}/final-reply/").status_code == 302
    clock.refresh_from_db()
    assert clock.state == "met"


def test_strangers_to_the_conversation_find_nothing(client: Client, bob: User, clock: Clock) -> None:
    addresses = [f"/clocks/{clock.pk}/{verb}/" for verb in ("extension", "pause", "resumption", "final-reply")]
    assert client.post(addresses[0]).status_code == 302
    client.force_login(bob)
    assert {client.post(address).status_code for address in addresses} == {404}
    assert client.get(f"/conversations/{clock.conversation_id}/laws/").status_code == 404
    assert client.post(f"/conversations/{clock.conversation_id}/laws/start/").status_code == 404
    clock.refresh_from_db()
    assert clock.state == "running"


def test_the_panel_names_the_law_beside_our_own_clocks(client: Client, lin: User, clock: Clock) -> None:
    line = next(line for line in clock_lines(clock.conversation) if line.clock == clock)
    assert (line.row, line.cite) == ("Chinese banking and insurance complaints", "银保监会令2020年第3号")
    client.force_login(lin)
    lin.language = "zh-hans"
    lin.save()
    page = client.get(f"/desk/open/{clock.conversation.number}/").content.decode()
    assert "法定最终答复" in page
    assert "银保监会令2020年第3号" in page
    assert f"/conversations/{clock.conversation_id}/laws/" in page
