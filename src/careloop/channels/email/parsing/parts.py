"""The MIME tree of one mail: which parts are what the person wrote, and which are attachments."""

import binascii
import mimetypes
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message

from careloop.channels.email.parsing.charsets import decode_text
from careloop.channels.email.parsing.headers import decode_base64, decode_header, first, parameters, text_of
from careloop.channels.email.parsing.html import html_to_text

MAX_PARTS = 500
MAX_DEPTH = 40

_UNSAFE_NAME = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]+")
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,80}/[a-z0-9][a-z0-9!#$&^_.+-]{0,120}")
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]+)\r?\n", re.M)
_UU_END = re.compile(rb"^end[ \t]*\r?$", re.M)


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that came with a mail. ``content_id`` is set when the HTML may show it in place."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""
    is_inline: bool = False


@dataclass(slots=True)
class Bodies:
    """What a walk over the tree collects, in the order of the mail."""

    texts: list[str] = field(default_factory=list)
    htmls: list[str] = field(default_factory=list)
    attachments: list[AttachedFile] = field(default_factory=list)
    nested: list[Message] = field(default_factory=list)
    reports: list[Message] = field(default_factory=list)
    left_out: int = 0


def collect(message: Message) -> Bodies:
    """Bodies, attachments, nested mails and report parts of ``message``; at most MAX_PARTS of them."""
    bodies = Bodies()
    for count, (part, inside_alternative) in enumerate(_leaves(message, 0, False)):
        if count >= MAX_PARTS:
            bodies.left_out += 1
        else:
            _file_part(part, bodies, inside_alternative)
    return bodies


def content_type(part: Message) -> tuple[str, dict[str, str]]:
    """The type in lower case and its parameters; what is not a type is read as text, as RFC 2045 5.2 says."""
    declared, given = parameters(first(part, "content-type"))
    if _TYPE.fullmatch(declared):
        return declared, given
    return part.get_default_type(), given


def _leaves(part: Message, depth: int, alternative: bool) -> Iterator[tuple[Message, bool]]:
    """Leaves in order; nested mails (message/rfc822) are leaves too. Too deep a tree is cut with its text kept."""
    inner = raw_payload(part)
    kind = content_type(part)[0]
    if depth < MAX_DEPTH and isinstance(inner, list) and not kind.startswith("message/"):
        for child in inner:
            if isinstance(child, Message):
                yield from _leaves(child, depth + 1, alternative or kind == "multipart/alternative")
    else:
        yield part, alternative


def _file_part(part: Message, bodies: Bodies, alternative: bool) -> None:
    kind, given = content_type(part)
    disposition, named = parameters(first(part, "content-disposition"))
    name = file_name(named.get("filename") or given.get("name") or "")
    if kind in (
        "message/delivery-status",
        "message/disposition-notification",
        "message/global-delivery-status",
    ):
        bodies.reports.append(part)
    elif kind in ("message/rfc822", "message/global", "text/rfc822-headers"):
        _file_nested(part, bodies, name)
    elif kind in ("text/plain", "text/html") and disposition != "attachment" and not (name and disposition != "inline"):
        _file_body(part, bodies, kind, given.get("charset", ""), alternative)
    elif kind.startswith("multipart/") and not isinstance(raw_payload(part), list):
        _file_body(part, bodies, "text/plain", given.get("charset", ""), alternative)
    else:
        _file_attachment(part, bodies, kind, name, disposition)


def _file_body(part: Message, bodies: Bodies, kind: str, charset: str, alternative: bool) -> None:
    data = _without_uuencoded(content(part), bodies) if kind == "text/plain" else content(part)
    text = decode_text(data, charset or _html_charset(data, kind))
    if not text.strip():
        return
    if kind == "text/plain":
        bodies.texts.append(text)
        return
    bodies.htmls.append(text)
    if not alternative:
        _add_as_text(html_to_text(text), bodies)


def _add_as_text(text: str, bodies: Bodies) -> None:
    """HTML that is no alternative to a text says something of its own, unless it repeats what is there."""
    flat = "".join(text.split())
    if not any(flat in "".join(each.split()) for each in bodies.texts):
        bodies.texts.append(text)


def _html_charset(data: bytes, kind: str) -> str:
    """A page without a charset in its header often names it in a meta element."""
    match = re.search(rb"charset\s*=\s*[\"']?([A-Za-z0-9_-]{3,30})", data[:2048]) if kind == "text/html" else None
    return match.group(1).decode("ascii") if match else ""


def _without_uuencoded(data: bytes, bodies: Bodies) -> bytes:
    """Old mailers put files inside the text; they become attachments."""
    kept, position = b"", 0
    for begin in _UU_BEGIN.finditer(data):
        if begin.start() < position:
            continue
        end = _UU_END.search(data, begin.end())
        if end is None:
            break
        name = file_name(decode_text(begin.group(1).strip()))
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        bodies.attachments.append(AttachedFile(name, kind, _uudecode(data[begin.end() : end.start()])))
        kept += data[position : begin.start()]
        position = end.end()
    return kept + data[position:]


def _file_nested(part: Message, bodies: Bodies, name: str) -> None:
    """A mail inside the mail: kept whole as an attachment, and readable for bounces and forwards."""
    inner = raw_payload(part)
    nested = inner[0] if isinstance(inner, list) and inner and isinstance(inner[0], Message) else None
    data = _bytes_of(nested) if nested is not None else content(part)
    if nested is not None:
        bodies.nested.append(nested)
    subject = text_of(nested, "subject") if nested is not None else ""
    bodies.attachments.append(
        AttachedFile(name or file_name(f"{subject[:60] or 'message'}.eml"), "message/rfc822", data)
    )


def _bytes_of(message: Message) -> bytes:
    try:
        return message.as_bytes()
    except (ValueError, LookupError, TypeError, AttributeError, KeyError, IndexError):
        return str(raw_payload(message)).encode("utf-8", "replace")


def _file_attachment(part: Message, bodies: Bodies, kind: str, name: str, disposition: str) -> None:
    content_id = first(part, "content-id").strip(" <>")
    data = content(part)
    if not data and not name:
        return
    shown_in_place = bool(content_id) and disposition != "attachment" and kind.startswith("image/")
    title = name or _made_up_name(kind, content_id, len(bodies.attachments))
    bodies.attachments.append(AttachedFile(title, kind, data, content_id, shown_in_place))


def _made_up_name(kind: str, content_id: str, number: int) -> str:
    ending = mimetypes.guess_extension(kind) or ".bin"
    return file_name(f"{content_id.partition('@')[0] or f'attachment-{number + 1}'}{ending}")


def file_name(given: str) -> str:
    """A name safe to show and to save: no path, no control characters, at most 150 characters with its ending."""
    flat = _UNSAFE_NAME.sub("_", decode_header(given).replace("\\", "/").rsplit("/", 1)[-1]).strip(" .")
    if len(flat) <= 150:
        return flat
    stem, dot, ending = flat.rpartition(".")
    return f"{stem[:140]}{dot}{ending[:9]}" if dot else flat[:150]


def content(part: Message) -> bytes:
    """The bytes of a leaf after its transfer encoding; an unknown encoding is taken as it stands."""
    payload = raw_payload(part)
    if isinstance(payload, list):
        return b"".join(_bytes_of(each) for each in payload if isinstance(each, Message))
    data = _octets(payload)
    encoding = re.sub(r"[^a-z0-9-]", "", first(part, "content-transfer-encoding").lower())
    if encoding == "base64":
        return decode_base64(data)
    if encoding in ("quoted-printable", "quotedprintable", "qp"):
        return quopri.decodestring(data)
    if encoding in ("x-uuencode", "uuencode", "uue", "x-uue"):
        return _uudecode(data) or data
    return data


def raw_payload(part: Message) -> str | list[object]:
    """The payload as kept. ``get_payload()`` would decode it by the declared charset and lose what does not fit."""
    payload = vars(part).get("_payload")
    return payload if isinstance(payload, list) else str(payload or "")


def _octets(payload: str) -> bytes:
    """``email`` keeps bytes above 127 as surrogates; everything else is ASCII."""
    try:
        return payload.encode("ascii", "surrogateescape")
    except UnicodeEncodeError:
        return payload.encode("utf-8", "replace")


def _uudecode(data: bytes) -> bytes:
    """Lines between begin and end; a line that does not decode is read by its stated length, or skipped."""
    out = b""
    for line in data.splitlines():
        if line.startswith(b"begin ") or not line.strip():
            continue
        if line.strip() == b"end":
            break
        out += _uu_line(line)
    return out


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        stated = (((line[0] - 32) & 63) * 4 + 5) // 3
    try:
        return binascii.a2b_uu(line[:stated])
    except binascii.Error:
        return b""
