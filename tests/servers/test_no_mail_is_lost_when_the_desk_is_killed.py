"""kill -9 at random moments while mail comes in: what got a 250 is there, and everything is there exactly once.

The sender behaves as a mail server does: what was not answered with 250 is sent again.
"""

from __future__ import annotations

import random
import smtplib
import threading
import time

import pytest

from careloop.channels.email.tests.mails import customer_mail
from careloop.cli.tests.conftest import desk, large_desk
from careloop.cli.tests.desk import Desk, children_of, eventually, kill
from tests.servers.ports import free_port

__all__ = ["desk", "large_desk"]

pytestmark = [pytest.mark.slow, pytest.mark.mailserver]
MAILS = 200
SENDERS = 4
KILLS = 4

MAKE_INBOX = """
from careloop.accounts.models import Team
from careloop.conversations.models import Inbox
team = Team.objects.order_by("id").first()
Inbox.objects.create(kind="email", name="Care", slug="mail", address="care@hemu.example", team=team)
"""
COUNTS = """
from careloop.conversations.models import Message
from careloop.intake.models import RawMessage
texts = [text.strip() for text in Message.objects.filter(kind="customer").values_list("text", flat=True)]
print(json.dumps({"texts": sorted(texts), "kept": RawMessage.objects.filter(state="kept").count()}))
"""


class Sender:
    """Delivers its mails by LMTP, each until the desk says 250."""

    def __init__(self, port: int, numbers: range) -> None:
        self.tries = 0
        self._port, self._numbers = port, numbers
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        for number in self._numbers:
            raw = customer_mail(
                sender=f"c{number}@example.com", text=f"mail {number}", message_id=f"<{number}@example.com>"
            )
            while not self._sent(raw):
                time.sleep(0.1)

    def _sent(self, raw: bytes) -> bool:
        self.tries += 1
        try:
            with smtplib.LMTP("127.0.0.1", self._port, timeout=10) as lmtp:
                lmtp.sendmail("x@example.com", ["care@hemu.example"], raw)
        except (OSError, smtplib.SMTPException):
            return False
        return True


@pytest.fixture(params=["sqlite", "postgresql"])
def served(request: pytest.FixtureRequest) -> Desk:
    chosen: Desk = request.getfixturevalue("desk" if request.param == "sqlite" else "large_desk")
    chosen.environment["CARELOOP_LMTP_LISTEN"] = f"127.0.0.1:{free_port()}"
    assert chosen.run("migrate").returncode == 0
    chosen.python(MAKE_INBOX)
    chosen.start("serve")
    assert eventually(lambda: "Careloop is ready" in chosen.log("serve"))
    return chosen


def test_every_mail_is_there_exactly_once(served: Desk) -> None:
    port = int(served.environment["CARELOOP_LMTP_LISTEN"].rpartition(":")[2])
    senders = [Sender(port, range(first, MAILS, SENDERS)) for first in range(SENDERS)]
    for _ in range(KILLS):
        time.sleep(random.uniform(0.3, 2.0))
        _kill_one(served)
    assert all(sender.wait(180) for sender in senders), served.log("serve")[-3000:]
    assert eventually(lambda: served.python(COUNTS)["kept"] == 0, 120), served.log("serve")[-3000:]
    assert served.python(COUNTS)["texts"] == sorted(f"mail {number}" for number in range(MAILS))


def _kill_one(served: Desk) -> None:
    """One of the processes that take in or work on mail."""
    words = ("web", "doors", "worker")
    victims = [child for word in words for child in children_of(served.processes[0], word)]
    if victims:
        kill(random.choice(victims))
