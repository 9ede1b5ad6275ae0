"""The name by which a mail is kept once, whichever way and however often it comes in.

UIDs change with UIDVALIDITY, a relay repeats what it got no answer for, and two addresses may lead to one inbox. So the
name is made of what the author wrote: Message-ID, Date, From, Subject and the body. Trace fields differ from copy
to copy and are left out. A Message-ID alone would not do: some programs use one for all their mails.
"""

import re
from hashlib import sha256

_AUTHORED = re.compile(rb"^(?:message-id|date|from|subject)[ \t]*:", re.I)
_FIELD = re.compile(rb"\r?\n(?![ \t])")


def external_id(raw: bytes) -> str:
    """A stable name of 69 ASCII characters."""
    head, body = _split(raw.lstrip(b"\r\n"))
    fields = sorted(b" ".join(field.split()) for field in _FIELD.split(head) if _AUTHORED.match(field))
    authored = b"\n".join(fields) if len(fields) > 1 else head
    text = body.replace(b"\r\n", b"\n").rstrip()
    return "mail:" + sha256(authored + b"\x00" + text).hexdigest()


def _split(raw: bytes) -> tuple[bytes, bytes]:
    found = re.search(rb"\r?\n\r?\n", raw)
    return (raw[: found.start()], raw[found.end() :]) if found else (raw, b"")
