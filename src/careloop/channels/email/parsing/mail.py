"""One e-mail, from its bytes to what Careloop keeps of it. ``parse_mail`` is the only door; it never raises.

What becomes of a mail (``outcome``):

    message      a person wrote it, or may have
    automatic    a machine sent it: kept in the thread, starts no clock, gets no answer
    bounce       a delivery report about a mail of ours
    quarantined  nobody can act on it as it stands; the raw bytes stay and can be replayed
"""

import datetime as dt
import re
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import Message
from itertools import islice

from careloop.channels.email.parsing import headers
from careloop.channels.email.parsing.automatic import automatic_reason, no_answer_reason
from careloop.channels.email.parsing.bounces import DeliveryReport, delivery_report, read_receipt
from careloop.channels.email.parsing.headers import Address
from careloop.channels.email.parsing.html import html_to_text, sanitise
from careloop.channels.email.parsing.parts import AttachedFile, Bodies, collect, content_type
from careloop.channels.email.parsing.quotes import Split, split_reply

MAX_MAIL_BYTES = 50 * 1024 * 1024
MAX_TEXT_CHARACTERS = 500_000
TOKEN = re.compile(r"(?<![0-9a-z])c[0-9a-z]{1,13}-[a-z2-7]{16}(?![0-9a-z])")

_NUMBER = re.compile(r"\[\s*CL-(\d{1,12})\s*\]", re.I)
_FAMILIAR = (
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "received",
    "return-path",
    "mime-version",
    "content-type",
)
_RECIPIENT_FIELDS = (
    "to",
    "cc",
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-delivered-to",
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A mail as read. ``reason`` is a sentence and set unless the outcome is ``message``."""

    outcome: str
    reason: str = ""
    sender: Address | None = None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    subject: str = ""
    date: dt.datetime | None = None
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    text: str = ""
    quoted: str = ""
    signature: str = ""
    html: str = ""
    attachments: tuple[AttachedFile, ...] = ()
    language: str = ""
    reply_tokens: tuple[str, ...] = ()
    number: int | None = None
    no_answer_reason: str = ""
    report: DeliveryReport | None = None
    receipt_for: str | None = None
    recipients: tuple[str, ...] = field(default=())


def parse_mail(raw: bytes) -> ParsedMail:
    """Read one mail. Whatever the bytes are, the answer is a ParsedMail; a failure of ours is a quarantine."""
    refusal = _refused_unread(raw)
    if refusal:
        return ParsedMail("quarantined", refusal)
    try:
        return _read(message_from_bytes(raw.lstrip(b"\xef\xbb\xbf\r\n\t \x00"), policy=policy.compat32))
    except RecursionError:
        return ParsedMail("quarantined", "Its parts are nested too deep to be read.")
    except Exception as error:
        return ParsedMail("quarantined", f"Careloop could not read this mail ({type(error).__name__}).")


def _refused_unread(raw: bytes) -> str:
    if not raw.strip(b"\xef\xbb\xbf\r\n\t \x00"):
        return "It is empty."
    if len(raw) > MAX_MAIL_BYTES:
        return f"It is larger than {MAX_MAIL_BYTES // 1024 // 1024} MiB."
    return ""


def _read(message: Message) -> ParsedMail:
    known = {name.strip().lower() for name, _ in message.raw_items()}
    if not known.intersection(_FAMILIAR):
        return ParsedMail("quarantined", "It is not an e-mail: it has none of the usual header lines.")
    bodies = collect(message)
    split, html = _bodies_of(bodies)
    report, receipt = delivery_report(message, bodies), read_receipt(bodies)
    sender = _sender(message)
    outcome, reason = _outcome(message, bodies, sender, split, report, receipt)
    references = _references(message)
    subject = headers.text_of(message, "subject", _first_charset(message))[:500]
    return ParsedMail(
        outcome=outcome,
        reason=reason,
        sender=sender,
        reply_to=tuple(headers.addresses(message, "reply-to")),
        to=tuple(headers.addresses(message, "to", "cc")),
        subject=_printable(subject),
        date=headers.date_of(headers.first(message, "date")),
        message_id=next(iter(headers.message_ids(headers.first(message, "message-id"))), ""),
        in_reply_to=next(iter(headers.message_ids(headers.first(message, "in-reply-to"))), ""),
        references=references,
        text=_printable(split.reply),
        quoted=_printable(split.quoted),
        signature=_printable(split.signature),
        html=_printable(html),
        attachments=tuple(bodies.attachments),
        language=_language(split.reply or subject),
        reply_tokens=_tokens(message, references, split),
        number=_number(subject),
        no_answer_reason=no_answer_reason(message),
        report=report,
        receipt_for=receipt,
        recipients=_recipients(message),
    )


def _bodies_of(bodies: Bodies) -> tuple[Split, str]:
    """The split text and the safe HTML; without text of its own, a mail shows the text of the mail inside it."""
    html = "\n".join(bodies.htmls)
    text = "\n\n".join(each.strip("\n") for each in bodies.texts if each.strip())
    if not text and html:
        text = html_to_text(html)
    if not text and not html:
        return Split(_nested_text(bodies)), ""
    return split_reply(text[:MAX_TEXT_CHARACTERS]), sanitise(html) if html else ""


def _nested_text(bodies: Bodies) -> str:
    inner = (_bodies_of(collect(nested))[0].reply for nested in bodies.nested[:20])
    return "\n\n".join(text for text in inner if text)[:MAX_TEXT_CHARACTERS]


def _first_charset(message: Message) -> str:
    """The charset of the first text: what a mailer that writes bare bytes in headers uses there too."""
    for part in islice(message.walk(), 20):
        charset = content_type(part)[1].get("charset")
        if charset:
            return charset
    return ""


def _sender(message: Message) -> Address | None:
    for name in ("from", "sender", "reply-to", "return-path"):
        found = headers.addresses(message, name)
        if found:
            return found[0]
    return None


def _outcome(
    message: Message,
    bodies: Bodies,
    sender: Address | None,
    split: Split,
    report: DeliveryReport | None,
    receipt: str | None,
) -> tuple[str, str]:
    if report is not None:
        return _report_outcome(report)
    if receipt is not None:
        return "automatic", "It is a read receipt."
    if content_type(message)[0] == "message/partial":
        return (
            "quarantined",
            "It is one piece of a mail that was sent in several; the others are needed to read it.",
        )
    if sender is None:
        return "quarantined", "It names no sender, so there is nobody to answer."
    if not (split.reply or split.quoted or bodies.attachments or bodies.htmls or headers.text_of(message, "subject")):
        return "quarantined", "It has no subject, no text and no attachment."
    reason = automatic_reason(message)
    return ("automatic", reason) if reason else ("message", "")


def _report_outcome(report: DeliveryReport) -> tuple[str, str]:
    if report.is_success:
        return "automatic", "It confirms that a mail was delivered."
    named = next((each for each in report.recipients if each.address), None)
    if named is None:
        return "bounce", "A delivery report that does not name the address."
    lasting = "could not be delivered" if named.is_permanent else "is delayed"
    status = f" ({named.status})" if named.status else ""
    return "bounce", f"A mail to {named.address} {lasting}{status}."


def _references(message: Message) -> tuple[str, ...]:
    found = [each for value in headers.raw_values(message, "references") for each in headers.message_ids(value)]
    return tuple(dict.fromkeys(found))[-headers.MAX_REFERENCES :]


def _recipients(message: Message) -> tuple[str, ...]:
    return tuple(each.email for each in headers.addresses(message, *_RECIPIENT_FIELDS))


def _tokens(message: Message, references: tuple[str, ...], split: Split) -> tuple[str, ...]:
    """Reply tokens, unverified: of the addresses first, then of the ids answered, then of the text."""
    ids = (headers.first(message, "in-reply-to").lower(), *(each.lower() for each in reversed(references)))
    places = (*_recipients(message), *ids, split.reply[-20_000:], split.quoted[:20_000])
    return tuple(dict.fromkeys(token for place in places for token in TOKEN.findall(place)))[:20]


def _number(subject: str) -> int | None:
    match = _NUMBER.search(subject)
    return int(match.group(1)) if match else None


def _language(text: str) -> str:
    """A hint only: ``zh`` when Chinese characters weigh as much as the Latin words, else ``en`` or empty."""
    sample = text[:4_000]
    han, latin = len(_HAN.findall(sample)), len(re.findall(r"[A-Za-z]+", sample))
    if _KANA_OR_HANGUL.search(sample) or not (han or latin):
        return ""
    return "zh" if han >= latin else "en"


def _printable(text: str) -> str:
    """No lone surrogates: what leaves here can be stored and sent as UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")
