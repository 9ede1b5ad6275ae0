"""Which mails no person wrote, and which must not be answered by a machine (RFC 3834, domain brief 7.1).

Two questions, two answers. ``automatic_reason`` is a sentence when a machine sent the mail: it must start no clock.
``no_answer_reason`` is a sentence when we must not answer automatically; that includes mails people did write, such
as those sent through a mailing list or with X-Auto-Response-Suppress. An empty string means no.
"""

import re
from email.message import Message

from careloop.channels.email.parsing.headers import addresses, first, text_of

_ROBOT_LOCAL_PART = re.compile(
    r"(?:mailer-daemon|postmaster|no[-_.]?reply|do[-_.]?not[-_.]?reply|noreply\S*|bounces?|majordomo|listserv|"
    r"auto-?(?:reply|responder|confirm)|notifications?|unattended)(?:[+=].*)?@"
)
_NO_REPLY = re.compile(r"(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|noreply\S*)(?:[+=].*)?@")
_AUTOMATIC_SUBJECT = re.compile(
    r"\s*(?:\[?(?:自动回复|自動回覆|自動回復|自动答复|自動応答)\]?"
    r"|auto(?:matic)?[- ]?(?:reply|response|answer)\s*[:：]|autoreply\b|"
    r"out of (?:the )?office\b|automatische antwort|réponse automatique|respuesta automática|risposta automatica)",
    re.I,
)
_AUTOMATIC_FIELDS = (
    "x-autoreply",
    "x-autorespond",
    "x-auto-reply-from",
    "x-mail-autoreply",
    "x-autoresponder",
)
_SUPPRESS = {"all", "autoreply", "oof", "dr"}


def automatic_reason(message: Message) -> str:
    """Why this mail counts as sent by a machine, as one sentence; empty when a person may have written it."""
    for rule in (
        _said_so,
        _by_other_fields,
        _by_precedence,
        _by_sender,
        _newsletter,
        _by_subject,
        _read_receipt,
    ):
        reason = rule(message)
        if reason:
            return reason
    return ""


def no_answer_reason(message: Message, own_addresses: frozenset[str] = frozenset()) -> str:
    """Why no automatic answer may go out; empty when one may. ``own_addresses`` are the desk's, in lower case."""
    return (
        automatic_reason(message)
        or _empty_envelope(message)
        or _from_list(message)
        or _suppressed(message)
        or _from_ourselves(message, own_addresses)
    )


def takes_no_replies(address: str) -> bool:
    """Whether an address says of itself that nobody reads it."""
    return bool(_NO_REPLY.match(address))


def _said_so(message: Message) -> str:
    declared = first(message, "auto-submitted").partition(";")[0].strip().lower()
    return f"The sender marks it as automatic (Auto-Submitted: {declared[:40]})." if declared not in ("", "no") else ""


def _by_other_fields(message: Message) -> str:
    for name in _AUTOMATIC_FIELDS:
        if first(message, name).lower() not in ("", "no", "false"):
            return f"The sender marks it as an automatic reply ({name.title()})."
    if first(message, "x-loop") and not _was_posted(message):
        return "It has been through a mail loop before (X-Loop)."
    return ""


def _by_precedence(message: Message) -> str:
    precedence = first(message, "precedence").lower()
    if precedence == "bulk" and _was_posted(message):
        return ""
    if precedence in ("bulk", "junk", "auto_reply", "auto-reply"):
        return f"It is bulk or automatic mail (Precedence: {precedence})."
    return ""


def _by_sender(message: Message) -> str:
    """A no-reply sender with another Reply-To is a contact form speaking for a customer, not a machine."""
    senders = addresses(message, "from") or addresses(message, "sender", "return-path")
    if not senders or not _ROBOT_LOCAL_PART.match(senders[0].email):
        return ""
    answers = [each.email for each in addresses(message, "reply-to")]
    if _NO_REPLY.match(senders[0].email) and any(not _ROBOT_LOCAL_PART.match(each) for each in answers):
        return ""
    return f"The sender takes no replies ({senders[0].email})."


def _newsletter(message: Message) -> str:
    """A list one cannot post to is a newsletter (RFC 2369 3.4)."""
    if first(message, "list-unsubscribe") and not _was_posted(message):
        return "It is a newsletter: it can be unsubscribed from and takes no posts."
    return ""


def _was_posted(message: Message) -> bool:
    """Whether it came through a list that takes posts: that marks all its mail, a customer's words among them."""
    return first(message, "list-post").strip(" <>").lower() not in ("", "no")


def _by_subject(message: Message) -> str:
    return "The subject is that of an automatic reply." if _AUTOMATIC_SUBJECT.match(text_of(message, "subject")) else ""


def _read_receipt(message: Message) -> str:
    kind = first(message, "content-type").lower()
    return "It is a read receipt." if "disposition-notification" in kind and "report" in kind else ""


def _empty_envelope(message: Message) -> str:
    return "The envelope names no sender." if first(message, "return-path") == "<>" else ""


def _from_list(message: Message) -> str:
    listed = first(message, "precedence").lower() == "list"
    return (
        "It came through a mailing list." if listed or first(message, "list-id") or first(message, "list-post") else ""
    )


def _suppressed(message: Message) -> str:
    asked = {each.strip().lower() for each in first(message, "x-auto-response-suppress").split(",")}
    return "The sender asks for no automatic replies (X-Auto-Response-Suppress)." if asked & _SUPPRESS else ""


def _from_ourselves(message: Message, own_addresses: frozenset[str]) -> str:
    senders = {each.email for each in addresses(message, "from", "sender")}
    return "It came from one of our own addresses." if senders & own_addresses else ""
