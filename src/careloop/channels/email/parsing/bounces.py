"""Delivery reports (RFC 3464) and what older servers send instead: who was not reached, and for how long."""

import re
from dataclasses import dataclass
from email.message import Message

from careloop.channels.email.parsing.charsets import decode_text
from careloop.channels.email.parsing.headers import (
    addresses,
    decode_header,
    first,
    message_ids,
    normal_address,
    unfold,
)
from careloop.channels.email.parsing.parts import Bodies, content, content_type, raw_payload

_DAEMON = re.compile(r"(?:mailer-daemon|postmaster|mail-?daemon|mdaemon)\b", re.I)
_FAILURE_SUBJECT = re.compile(
    r"undeliver|returned mail|failure notice|delivery (?:status|failure|report|has failed)"
    r"|mail (?:delivery|system) (?:failed|error|failure)"
    r"|could not be delivered|delayed|退信|无法投递|投递失败|未送达|系统退信|退回|配信不能|unzustellbar",
    re.I,
)
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_REPLY_CODE = re.compile(r"(?:^|[\s:(#])([45]\d\d)[ -]")
_ADDRESS = re.compile(r"<?([\w.+=-]+@[\w-]+(?:\.[\w-]+)+)>?")
_ID_LINE = re.compile(r"^message-id:\s*(<[^>\s]+>)", re.I | re.M)


@dataclass(frozen=True, slots=True)
class FailedRecipient:
    """One recipient of a delivery report. ``status`` is the enhanced code (RFC 3463) or empty."""

    address: str
    action: str
    status: str
    diagnostic: str

    @property
    def is_permanent(self) -> bool:
        return self.status.startswith("5") or (not self.status.startswith("4") and self.action == "failed")


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a report says. ``original_message_id`` is the mail it is about, empty when not told."""

    recipients: tuple[FailedRecipient, ...]
    original_message_id: str

    @property
    def is_success(self) -> bool:
        good = ("delivered", "relayed", "expanded")
        return bool(self.recipients) and all(each.action in good for each in self.recipients)

    @property
    def is_permanent(self) -> bool:
        return any(each.is_permanent for each in self.recipients)


def delivery_report(message: Message, bodies: Bodies) -> DeliveryReport | None:
    """The report this mail is, or None when it is something else."""
    parts = [part for part in bodies.reports if "delivery-status" in content_type(part)[0]]
    if parts or _declared(message):
        found = tuple(each for part in parts for each in _recipients(part))
        return DeliveryReport(found or _from_text(bodies), _original_id(bodies))
    if first(message, "x-failed-recipients"):
        return DeliveryReport(_failed_recipients_field(message, bodies), _original_id(bodies))
    if _old_style(message):
        return DeliveryReport(_from_text(bodies), _original_id(bodies))
    return None


def read_receipt(bodies: Bodies) -> str | None:
    """The Message-ID a read receipt (RFC 8098) is about, empty when not told; None when this is no receipt."""
    for part in bodies.reports:
        if "disposition-notification" in content_type(part)[0]:
            fields = _fields(decode_text(_report_bytes(part)))
            ids = message_ids(fields.get("original-message-id", ""))
            return ids[0] if ids else ""
    return None


def _declared(message: Message) -> bool:
    kind, given = content_type(message)
    return kind == "multipart/report" and given.get("report-type", "").lower() == "delivery-status"


def _old_style(message: Message) -> bool:
    senders = addresses(message, "from", "sender")
    from_daemon = any(_DAEMON.match(each.email) for each in senders) or first(message, "return-path") == "<>"
    return from_daemon and bool(_FAILURE_SUBJECT.search(decode_header(first(message, "subject"))))


def _report_bytes(part: Message) -> bytes:
    """The fields of a report part; ``email`` parses them into a list of header-only messages."""
    inner = raw_payload(part)
    if isinstance(inner, list):
        blocks = (
            "\n".join(f"{key}: {unfold(str(value))}" for key, value in each.raw_items())
            for each in inner
            if isinstance(each, Message)
        )
        return "\n\n".join(blocks).encode("utf-8", "surrogateescape")
    return content(part)


def _recipients(part: Message) -> list[FailedRecipient]:
    blocks = re.split(r"\n\s*\n", decode_text(_report_bytes(part)))
    fields = [_fields(block) for block in blocks]
    return [_recipient(each) for each in fields if "final-recipient" in each or "action" in each][:100]


def _fields(block: str) -> dict[str, str]:
    lines = re.sub(r"\n[ \t]+", " ", block).split("\n")
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _recipient(fields: dict[str, str]) -> FailedRecipient:
    address = fields.get("original-recipient") or fields.get("final-recipient") or ""
    status = _STATUS.search(fields.get("status", "") or fields.get("diagnostic-code", ""))
    return FailedRecipient(
        address=normal_address(address.rpartition(";")[2]),
        action=fields.get("action", "failed").partition(" ")[0].lower(),
        status=status.group(0) if status else "",
        diagnostic=decode_header(fields.get("diagnostic-code", "").partition(";")[2] or fields.get("status", ""))[:500],
    )


def _failed_recipients_field(message: Message, bodies: Bodies) -> tuple[FailedRecipient, ...]:
    guess = _from_text(bodies)
    status, diagnostic = (guess[0].status, guess[0].diagnostic) if guess else ("", "")
    failed = addresses(message, "x-failed-recipients")
    return tuple(FailedRecipient(each.email, "failed", status, diagnostic) for each in failed)


def _from_text(bodies: Bodies) -> tuple[FailedRecipient, ...]:
    """Servers without report parts say it in words: the first address and code in the text are taken."""
    text = "\n".join(bodies.texts)[:20_000]
    address = _ADDRESS.search(text)
    if address is None:
        return ()
    status, code = _STATUS.search(text), _REPLY_CODE.search(text)
    known = status.group(0) if status else f"{code.group(1)[0]}.0.0" if code else ""
    line = next((line.strip() for line in text.split("\n") if status and status.group(0) in line), "")
    delayed = "delay" in text[:2000].lower() and not known.startswith("5")
    return (FailedRecipient(normal_address(address.group(1)), "delayed" if delayed else "failed", known, line[:500]),)


def _original_id(bodies: Bodies) -> str:
    for nested in bodies.nested:
        ids = message_ids(first(nested, "message-id"))
        if ids:
            return ids[0]
    for text in (
        *bodies.texts,
        *(decode_text(each.content[:20_000]) for each in bodies.attachments if "rfc822" in each.content_type),
    ):
        match = _ID_LINE.search(text)
        if match:
            return match.group(1).strip("<>")
    return ""
