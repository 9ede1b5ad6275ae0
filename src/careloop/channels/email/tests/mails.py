"""Mails for tests, and handing them in through the intake as a door does."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from django.utils import timezone

from careloop.channels.email.fingerprint import external_id
from careloop.common.jobs.running import run_pending_jobs
from careloop.conversations.models import Inbox
from careloop.intake.models import RawMessage
from careloop.intake.services.keeping import keep


def customer_mail(
    *,
    sender: str = "王雨晴 <yuqing.wang@example.com>",
    to: str = "care@hemu.example",
    subject: str = "退款还没到",
    text: str = "退款 12 天还没有到账，请处理。",
    message_id: str = "<one@example.com>",
    in_reply_to: str = "",
    references: str = "",
    extra: str = "",
) -> bytes:
    """A mail as a customer's program writes it, dated now."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = sender, to, subject, message_id
    mail["Date"] = timezone.now()
    for name, value in (("In-Reply-To", in_reply_to), ("References", references), extra.partition(": ")[::2]):
        if value:
            mail[name] = value
    mail.set_content(text)
    return mail.as_bytes()


def hand_in(inbox: Inbox, raw: bytes, **meta: Any) -> RawMessage:
    """Keep a mail as the doors do, and do the work that follows."""
    row = keep(inbox, external_id(raw), raw, adapter="email", meta={"door": "smtp", **meta})
    run_pending_jobs()
    return RawMessage.objects.select_related("message__conversation__customer").get(pk=row.pk)
