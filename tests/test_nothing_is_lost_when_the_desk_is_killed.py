"""kill -9 of every process at random moments while 500 messages come in: each is there exactly once.

The senders behave as mail servers and API clients do: what was not answered with a 250 or a 2xx is sent again,
with the same Message-ID or idempotency key.
"""

from __future__ import annotations

import random
import smtplib
import threading
import time
from collections.abc import Callable
from functools import cache

import psutil
import pytest
import requests

from careloop.channels.email.tests.mails import customer_mail
from careloop.cli.tests.desk import Desk, children_of, eventually, kill
from tests.servers.ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.mailserver]
MESSAGES = 500
SENDERS = 4
KILLS = 8
PARTS = ("web", "doors", "worker", "stream")

MAKE_DOORS = """
from careloop.accounts.models import Team, User
from careloop.accounts.services import tokens
from careloop.conversations.models import Inbox
team = Team.objects.order_by("id").first()
Inbox.objects.create(kind="email", name="Care", slug="mail", address="care@hemu.example", team=team)
user = User.objects.create_user("api@hemu.example", None, display_name="API", role="admin")
print(json.dumps(tokens.issue(user, name="sender", scopes=["messages:write"])))
"""
COUNTS = """
from careloop.conversations.models import Message
from careloop.intake.models import RawMessage
from careloop.triage.models import Prediction
texts = [text.strip() for text in Message.objects.filter(kind="customer").values_list("text", flat=True)]
done = RawMessage.objects.filter(state="accepted", understood_at__isnull=False)
natures = Prediction.objects.filter(head="nature")
kept = RawMessage.objects.count() - done.count()
print(json.dumps({"texts": sorted(texts), "kept": kept, "natures": natures.count()}))
"""

Send = Callable[[int], bool]


class Sender:
    """Delivers its messages one after the other, each until the desk says that it has it."""

    def __init__(self, send: Send, numbers: range) -> None:
        self._send, self._numbers = send, numbers
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        for number in self._numbers:
            while not self._send(number):
                time.sleep(0.1)


@cache
def mail(number: int) -> bytes:
    """Made once: a mail server sends the very same bytes again, their date included."""
    return customer_mail(
        sender=f"c{number}@example.com", text=f"message {number}", message_id=f"<{number}@example.com>"
    )


def by_mail(port: int) -> Send:
    def send(number: int) -> bool:
        try:
            with smtplib.LMTP("127.0.0.1", port, timeout=10) as lmtp:
                lmtp.sendmail("x@example.com", ["care@hemu.example"], mail(number))
        except (OSError, smtplib.SMTPException):
            return False
        return True

    return send


def by_api(port: int, token: str) -> Send:
    def send(number: int) -> bool:
        body = {"inbox": "api", "sender": {"id": f"c{number}"}, "text": f"message {number}"}
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"k{number}"}
        try:
            answer = requests.post(f"http://127.0.0.1:{port}/api/v1/messages", json=body, headers=headers, timeout=10)
        except requests.RequestException:
            return False
        return answer.ok

    return send


@pytest.fixture(params=["sqlite", "postgresql"])
def served(request: pytest.FixtureRequest) -> Desk:
    chosen: Desk = request.getfixturevalue("desk" if request.param == "sqlite" else "large_desk")
    chosen.environment["CARELOOP_LMTP_LISTEN"] = f"127.0.0.1:{free_port()}"
    assert chosen.run("migrate").returncode == 0
    return chosen


def test_every_message_is_there_exactly_once(served: Desk) -> None:
    token = served.python(MAKE_DOORS)
    start(served)
    lmtp = by_mail(int(served.environment["CARELOOP_LMTP_LISTEN"].rpartition(":")[2]))
    doors = [lmtp, by_api(served.port, token)] * (SENDERS // 2)
    senders = [Sender(door, range(first, MESSAGES, SENDERS)) for first, door in enumerate(doors)]
    for kill_number in range(KILLS):
        time.sleep(random.uniform(0.3, 2.0))
        kill_everything(served) if kill_number == KILLS // 2 else kill_one(served)
    assert all(sender.wait(240) for sender in senders), served.log("serve")[-3000:]
    assert eventually(lambda: served.python(COUNTS)["kept"] == 0, 180), served.log("serve")[-3000:]
    counts = served.python(COUNTS)
    assert counts["texts"] == sorted(f"message {number}" for number in range(MESSAGES))
    assert counts["natures"] == MESSAGES


def start(served: Desk) -> None:
    before = served.log("serve").count("Careloop is ready") if served.processes else 0
    served.start("serve")
    assert eventually(lambda: served.log("serve").count("Careloop is ready") > before), served.log("serve")[-3000:]


def kill_one(served: Desk) -> None:
    """One part; the supervisor brings it back."""
    victims = [child for word in PARTS for child in children_of(served.processes[-1], word)]
    if victims:
        kill(random.choice(victims))


def kill_everything(served: Desk) -> None:
    """The supervisor itself: its parts die with it, and an operator starts the desk again."""
    parts = psutil.Process(served.processes[-1].pid).children(recursive=True)
    served.processes[-1].kill()
    served.processes[-1].wait()
    _, alive = psutil.wait_procs(parts, timeout=30)
    assert not alive
    start(served)
