"""Every real odd mail through the whole road: kept, then in a conversation, recognised as a machine's, or set aside."""

from __future__ import annotations

from collections import Counter

import pytest

from careloop.channels.email.fingerprint import external_id
from careloop.channels.email.parsing.files import mails_in
from careloop.channels.email.tests.real_files import needs_real_mail, real_files
from careloop.common.jobs.running import run_pending_jobs
from careloop.common.models import Event
from careloop.conversations.models import Inbox, Message
from careloop.intake.models import RawMessage
from careloop.intake.services.keeping import keep

pytestmark = [pytest.mark.django_db, needs_real_mail]


def test_every_real_mail_finds_its_place(email_inbox: Inbox) -> None:
    for path in real_files():
        for raw in mails_in(path.read_bytes()):
            keep(email_inbox, external_id(raw), raw, adapter="email", meta={"door": "imap"})
    run_pending_jobs()
    states = Counter(RawMessage.objects.values_list("state", flat=True))
    assert set(states) <= {"accepted", "automatic", "bounce", "quarantined"}
    assert states["accepted"] >= 60
    assert not RawMessage.objects.exclude(state="accepted").filter(reason="").exists()
    assert not RawMessage.objects.filter(state="accepted", message=None).exists()
    assert not Event.objects.filter(name="lifecycle.step_failed").exists()
    assert not Message.objects.filter(kind="customer", text="").exists()


def test_the_same_files_again_change_nothing(email_inbox: Inbox) -> None:
    files = real_files("python_stdlib")
    for _ in range(2):
        for path in files:
            raw = path.read_bytes()
            keep(email_inbox, external_id(raw), raw, adapter="email")
        run_pending_jobs()
    assert RawMessage.objects.count() <= len(files)
