"""Builds the mail that goes out: its ids, its place in the thread, text with an HTML alternative, attachments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from careloop import __version__

MOST_REFERENCES = 20
QUOTED_LINES = 40
_REPLY_PREFIX = re.compile(r"^\s*(?:re|回复|答复|回覆|aw|sv)\s*[:：]", re.I)


@dataclass(frozen=True)
class OutgoingFile:
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Answered:
    """The customer's mail that is answered; ids without angle brackets."""

    message_id: str
    references: Sequence[str]
    in_reply_to: str
    text: str
    said_by: str
    said_at: datetime


@dataclass(frozen=True)
class Outgoing:
    """One mail, complete. ``envelope_from`` is where a bounce goes."""

    sender_name: str
    sender: str
    recipient: str
    reply_to: str
    envelope_from: str
    message_id: str
    subject: str
    reference: str
    text: str
    html: str
    language: str
    sent_at: datetime
    answered: Answered | None = None
    is_automatic: bool = False
    files: Sequence[OutgoingFile] = ()


def composed(outgoing: Outgoing) -> EmailMessage:
    """The mail as bytes can be made of it. The same input gives the same Message-ID, so a repeat is seen as one."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(outgoing.sender_name, addr_spec=outgoing.sender)
    mail["To"] = Address(addr_spec=outgoing.recipient)
    if outgoing.reply_to != outgoing.sender:
        mail["Reply-To"] = Address(outgoing.sender_name, addr_spec=outgoing.reply_to)
    mail["Subject"] = subject_of(outgoing)
    mail["Date"] = format_datetime(outgoing.sent_at)
    mail["Message-ID"] = f"<{outgoing.message_id}>"
    mail["X-Mailer"] = f"Careloop {__version__}"
    _thread(mail, outgoing.answered)
    _mark_automatic(mail, outgoing)
    _fill(mail, outgoing)
    return mail


def subject_of(outgoing: Outgoing) -> str:
    """``Re: subject [CL-1042]``: the number finds the thread when a mail program drops all ids."""
    plain = " ".join(outgoing.subject.split()) or outgoing.reference
    prefixed = plain if _REPLY_PREFIX.match(plain) or not outgoing.answered else f"Re: {plain}"
    tag = f"[{outgoing.reference}]"
    return prefixed if tag in prefixed else f"{prefixed} {tag}"


def references_of(answered: Answered) -> list[str]:
    """RFC 5322 3.6.4: the parent's References, or its In-Reply-To, then the parent; the first and the newest stay."""
    before = list(answered.references) or ([answered.in_reply_to] if answered.in_reply_to else [])
    chain = [each for each in dict.fromkeys((*before, answered.message_id)) if each]
    return chain if len(chain) <= MOST_REFERENCES else [chain[0], *chain[-(MOST_REFERENCES - 1) :]]


def _thread(mail: EmailMessage, answered: Answered | None) -> None:
    if answered is None or not answered.message_id:
        return
    mail["In-Reply-To"] = f"<{answered.message_id}>"
    mail["References"] = " ".join(f"<{each}>" for each in references_of(answered))


def _mark_automatic(mail: EmailMessage, outgoing: Outgoing) -> None:
    """RFC 3834 5: others' machines must be able to tell that a machine wrote this."""
    if outgoing.is_automatic:
        mail["Auto-Submitted"] = "auto-replied" if outgoing.answered else "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"


def _fill(mail: EmailMessage, outgoing: Outgoing) -> None:
    quoted = "" if outgoing.is_automatic or outgoing.answered is None else _quoted(outgoing.answered, outgoing.language)
    mail.set_content(f"{outgoing.text}\n{quoted}", charset="utf-8", cte="base64" if not _is_ascii(outgoing) else None)
    html = outgoing.html or f"<p>{_as_html(outgoing.text)}</p>"
    after = f"<blockquote type='cite'><p>{_as_html(quoted)}</p></blockquote>" if quoted else ""
    mail.add_alternative(_page(html + after, outgoing.language), subtype="html", charset="utf-8")
    for file in outgoing.files:
        main, _, sub = file.content_type.partition("/")
        mail.add_attachment(
            file.content, maintype=main or "application", subtype=sub or "octet-stream", filename=file.name
        )


def _is_ascii(outgoing: Outgoing) -> bool:
    return outgoing.text.isascii() and (outgoing.answered is None or outgoing.answered.text.isascii())


def _quoted(answered: Answered, language: str) -> str:
    """What is answered, under the line mail programs write, at most QUOTED_LINES lines."""
    lines = answered.text.strip().split("\n")
    shown = [f"> {line}" for line in lines[:QUOTED_LINES]] + (["> …"] if len(lines) > QUOTED_LINES else [])
    moment = answered.said_at
    head = (
        f"在 {moment:%Y-%m-%d %H:%M}，{answered.said_by} 写道："
        if language.startswith("zh")
        else f"On {moment:%Y-%m-%d %H:%M}, {answered.said_by} wrote:"
    )
    return "\n".join(("", head, *shown, ""))


def _as_html(text: str) -> str:
    return escape(text.strip()).replace("\n\n", "</p><p>").replace("\n", "<br>")


def _page(body: str, language: str) -> str:
    lang = "zh-Hans" if language.startswith("zh") else "en"
    return f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"></head><body>{body}</body></html>'
