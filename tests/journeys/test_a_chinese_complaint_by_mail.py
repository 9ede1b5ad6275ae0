"""王雨晴 complains by mail through a real relay; she is acknowledged, answered, asked, and is in the weekly report."""

from __future__ import annotations

import json
import re
import smtplib
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from playwright.sync_api import Browser

from careloop.channels.email.tests.mails import customer_mail
from careloop.cli.tests.desk import Desk, eventually
from tests.journeys.company import facts, open_and_answer, rate, resolve, served, sign_in, weekly_report
from tests.servers.dovecot import PASSWORD, Dovecot, running_dovecot
from tests.servers.postfix import running_postfix

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.mailserver]

CUSTOMER, DESK = "yuqing.wang@example.com", "care@hemu.example"
WORDS = "我购买的面霜出现了质量问题，无法正常使用，已经联系过一次客服还没有解决，很失望。"
REPLY = (
    "王女士您好，收到有问题的面霜，换作是我也会很失望，真的非常抱歉。我今天已经为您安排补发一瓶新的，"
    "由我跟进到您签收为止，最晚周五前给您答复，并随件附上一份旅行装，聊表歉意。"
)


def inbox(imap_port: int, smtp_port: int) -> str:
    server = {"host": "127.0.0.1", "security": "none"}
    settings = {"imap": {**server, "port": imap_port}, "smtp": {**server, "port": smtp_port}, "plus_addressing": True}
    return f"""
from careloop.accounts.models import Team
from careloop.channels.secrets import keep_secrets
from careloop.conversations.models import Inbox
made = Inbox.objects.create(kind="email", name="客服邮箱", slug="mail", address="{DESK}", language="zh",
    team=Team.objects.get(), settings=json.loads({json.dumps(json.dumps(settings))}))
keep_secrets(made, password="{PASSWORD}")
"""


def mails(dovecot: Dovecot) -> list[EmailMessage]:
    """Everything in the customer's mailbox."""
    folder = dovecot.folder / "mail" / CUSTOMER.partition("@")[0]
    found = sorted((*folder.glob("new/*"), *folder.glob("cur/*")), key=lambda path: path.stat().st_mtime_ns)
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in found]


def words(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return body.get_content() if body is not None else ""


def test_from_the_mail_to_the_weekly_report(desk: Desk, browser: Browser) -> None:
    with running_dovecot() as dovecot:
        routes = {"example.com": dovecot.lmtp_port, "hemu.example": dovecot.lmtp_port}
        with running_postfix(routes) as relay:
            served(desk, inbox(dovecot.imap_port, relay.port))
            with smtplib.SMTP("127.0.0.1", relay.port) as smtp:
                smtp.sendmail(CUSTOMER, [DESK], customer_mail(text=WORDS, sender=CUSTOMER))
            assert eventually(lambda: len(mails(dovecot)) == 1, 60), desk.log("serve")[-3000:]
            acknowledgement = mails(dovecot)[0]
            assert acknowledgement["Auto-Submitted"] == "auto-replied"
            assert "收到" in words(acknowledgement)

            number = int(facts(desk)["reference"].removeprefix("CL-"))
            agent = sign_in(browser, desk, "lin@hemu.example")
            open_and_answer(agent, desk, number, REPLY)
            assert eventually(lambda: len(mails(dovecot)) == 2, 60), desk.log("serve")[-3000:]
            answer = mails(dovecot)[1]
            assert "补发一瓶新的" in words(answer)
            assert answer["In-Reply-To"]

            resolve(agent, desk, number)
            assert eventually(lambda: len(mails(dovecot)) == 3, 60), desk.log("serve")[-3000:]
            link = re.search(r"http://\S+/s/[\w-]+/?", words(mails(dovecot)[2]))
            assert link
            rate(browser.new_page(), link.group(), (5, 5, 5))

    assert eventually(lambda: facts(desk)["scores"] and facts(desk)["follow_ups"]), facts(desk)
    found = facts(desk)
    assert (found["kind"], found["language"], found["natures"]) == ("complaint", "zh", ["quality"])
    year, week, _ = datetime.now(UTC).astimezone().isocalendar()
    report = weekly_report(desk, f"{year}-W{week:02d}")
    assert report["problems"][0]["nature"] == "quality"
    assert report["case"]["reference"] == found["reference"]
