"""The door's translator: a mail as kept becomes what the intake understands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from careloop.channels.email.parsing.automatic import takes_no_replies
from careloop.channels.email.parsing.headers import Address
from careloop.channels.email.parsing.mail import ParsedMail, parse_mail
from careloop.channels.email.parsing.parts import AttachedFile
from careloop.conversations.models import Delivery, Inbox, Message
from careloop.customers.services.identity import Claim
from careloop.intake.contract import Bounce, Outcome, Parsed, ParsedFile, Unreadable
from careloop.intake.tokens import conversation_id_in

OURS = "It came from one of our own addresses."


class EmailAdapter:
    """Reads the raw rows of the IMAP poller, the SMTP and LMTP doors, and imported mail files."""

    def parse(self, raw: bytes, meta: Mapping[str, Any]) -> Parsed:
        """Understand one mail. Raises Unreadable with the reason of the quarantine."""
        if meta.get("refused"):
            raise Unreadable(str(meta["refused"]))
        mail = parse_mail(raw)
        if mail.outcome == "quarantined":
            raise Unreadable(mail.reason)
        return _parsed(mail, meta)


def _parsed(mail: ParsedMail, meta: Mapping[str, Any]) -> Parsed:
    speaker = _speaker(mail)
    outcome, reason = _outcome(mail, speaker)
    return Parsed(
        claims=[Claim("email", speaker.email)] if speaker else [],
        name=speaker.name if speaker else "",
        outcome=outcome,
        reason=reason,
        subject=mail.subject,
        text=mail.text or _stand_in(mail),
        html=mail.html,
        quoted="\n\n".join(part for part in (mail.signature, mail.quoted) if part),
        files=[_file(each) for each in mail.attachments],
        language=mail.language,
        sent_at=mail.date,
        reply_token=_tokens(mail, meta),
        message_id=mail.message_id,
        in_reply_to=mail.in_reply_to,
        references=mail.references,
        number=f"CL-{mail.number}" if mail.number is not None else "",
        bounces=_bounces(mail, meta),
        channel_data=_channel_data(mail, meta),
    )


def _speaker(mail: ParsedMail) -> Address | None:
    """Who wrote. A contact form sends from a no-reply address or our own and names the customer in Reply-To."""
    if mail.sender is None or len(mail.reply_to) != 1 or _is_ours(mail.reply_to[0]):
        return mail.sender
    is_form = takes_no_replies(mail.sender.email) or _is_ours(mail.sender)
    return mail.reply_to[0] if is_form else mail.sender


def _is_ours(address: Address) -> bool:
    """Whether it is the address of an inbox, with a tag or without."""
    local, _, domain = address.email.rpartition("@")
    plain = f"{local.partition('+')[0]}@{domain}"
    return Inbox.objects.filter(kind=Inbox.Kind.EMAIL, address__iexact=plain).exists()


def _outcome(mail: ParsedMail, speaker: Address | None) -> tuple[Outcome, str]:
    """Mail from our own addresses never starts a conversation: it would answer itself for ever."""
    if mail.outcome == "bounce":
        return "bounce", mail.reason
    if mail.outcome == "automatic":
        return "automatic", mail.reason
    if speaker is not None and _is_ours(speaker):
        return "automatic", OURS
    return "message", ""


def _stand_in(mail: ParsedMail) -> str:
    """A mail without words still needs something to show: what came with it, or its subject."""
    names = [each.name for each in mail.attachments if each.name]
    return " · ".join(names) or mail.subject


def _file(each: AttachedFile) -> ParsedFile:
    return ParsedFile(each.content, each.name, each.content_type, each.content_id, each.is_inline)


def _tokens(mail: ParsedMail, meta: Mapping[str, Any]) -> str:
    """Every token the mail carries, the envelope's first; the intake finds the genuine one."""
    return " ".join((*map(str, meta.get("envelope_to", ())), *mail.reply_tokens)).lower()


def _bounces(mail: ParsedMail, meta: Mapping[str, Any]) -> list[Bounce]:
    if mail.report is None or mail.report.is_success:
        return []
    about = mail.report.original_message_id or _last_sent(_tokens(mail, meta))
    return [
        Bounce(each.address, each.status, each.is_permanent, about, each.diagnostic) for each in mail.report.recipients
    ]


def _last_sent(tokens: str) -> str:
    """Reports that return nothing of our mail still come to its envelope address, which names the conversation."""
    conversation_id = conversation_id_in(tokens)
    if conversation_id is None:
        return ""
    sent = Message.objects.filter(conversation=conversation_id, delivery__state=Delivery.State.SENT)
    return sent.order_by("-id").values_list("message_id", flat=True).first() or ""


def _channel_data(mail: ParsedMail, meta: Mapping[str, Any]) -> dict[str, Any]:
    """What answering needs: where the answer goes, and whether a machine may give one."""
    answer_to = mail.reply_to[0].email if len(mail.reply_to) == 1 else (mail.sender.email if mail.sender else "")
    return {
        "subject": mail.subject,
        "from": str(mail.sender or ""),
        "to": [str(each) for each in mail.to][:50],
        "answer_to": answer_to,
        "no_automatic_answer": mail.no_answer_reason,
        "sent_at": mail.date.isoformat() if mail.date else "",
        "door": meta.get("door", ""),
    }
