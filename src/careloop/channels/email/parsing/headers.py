"""Header fields as they arrive: raw bytes in, readable text, addresses, ids and times out (RFC 5322, 2047, 2231).

The standard library's structured header parser is strict and raises on some of the mail people really send, so the
fields are read here with rules that accept what is broken and keep what is readable.
"""

import base64
import binascii
import datetime as dt
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from careloop.channels.email.parsing.charsets import codec_named, decode_text

MAX_ADDRESSES = 200
MAX_REFERENCES = 200
MAX_HEADER_CHARACTERS = 8_000
MAX_FIELD_CHARACTERS = 100_000

_ENCODED_WORD = re.compile(r"=\?([A-Za-z0-9_.:*+-]{1,60})\?([bBqQ])\?(.*?)\?=(?=[\s\"'(),;:<>@\]=]|$)", re.S)
_LOOSE_WORD = re.compile(r"=\?([A-Za-z0-9_.:*+-]{1,60})\?([bBqQ])\?([^?]*)(?:\?=?|$)")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"\\@]{1,128}@[^\s<>()\[\],;:\"\\@]{1,255}")
_MAILBOX = re.compile(r'(?:[^,"(]|"(?:[^"\\]|\\.)*(?:"|$)|\((?:[^()\\]|\\.)*(?:\)|$)|\()+')
_ANGLED = re.compile(r"([^<>]*)<\s*(?:@[^<>:\s]*:)?([^<>\s]+@[^<>\s]+)\s*>\s*(?:\([^()]*\))?\s*;?")
_MESSAGE_ID = re.compile(r"<([^<>]{1,998})>")
_BARE_ID = re.compile(r"(?<![^\s<>,;\"])[^\s<>,;\"@]{1,200}@[^\s<>,;\"]{1,250}")
_PARAMETER = re.compile(r'(?:[^;"]|"(?:[^"\\]|\\.)*(?:"|$))+')
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox: the name a person gave it, and the address in lower case where that is safe (the domain)."""

    name: str
    email: str

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>" if self.name else self.email


def raw_values(message: Message, name: str) -> list[str]:
    """Every value of a field, undecoded, in order; bytes above 127 are surrogates (as ``email`` keeps them)."""
    wanted = name.lower()
    return [str(value) for key, value in message.raw_items() if key.lower().strip() == wanted]


def first(message: Message, name: str) -> str:
    """The first value of a field, unfolded but undecoded; empty when absent."""
    values = raw_values(message, name)
    return unfold(values[0]) if values else ""


def text_of(message: Message, name: str, hint: str = "") -> str:
    """The first value of a field as readable text on one line; ``hint`` is the charset of bare eight-bit bytes."""
    return decode_header(first(message, name), hint)


def unfold(value: str) -> str:
    """One line: a line break with the white space after it becomes one space (RFC 5322 2.2.3)."""
    return re.sub(r"[\r\n]+[ \t]*", " ", value[:MAX_FIELD_CHARACTERS]).strip()


def decode_header(value: str, hint: str = "") -> str:
    """Readable text of an unstructured field: encoded words (also broken ones) and raw eight-bit bytes."""
    pieces = list(_pieces(unfold(value[:MAX_HEADER_CHARACTERS])))
    text = "".join(_joined(pieces, hint)) if pieces else ""
    return _CONTROL.sub("", text.replace("\n", " ")).strip()


def _pieces(value: str) -> Iterator["_Piece"]:
    """Runs of one charset and encoding; the white space between two encoded words is not part of the text."""
    position = 0
    pattern = _ENCODED_WORD if _ENCODED_WORD.search(value) else _LOOSE_WORD
    for match in pattern.finditer(value):
        between = value[position : match.start()]
        if between.strip() or (between and position == 0):
            yield _Piece("", "", _octets(between))
        charset, encoding, body = match.groups()
        yield _Piece(charset.lower(), encoding.lower(), _octets(body))
        position = match.end()
    if position < len(value):
        yield _Piece("", "", _octets(value[position:]))


def _joined(pieces: "list[_Piece]", hint: str) -> Iterator[str]:
    """Characters, and base64 itself, are often cut across encoded words: neighbours are joined before decoding."""
    run = pieces[0]
    for piece in pieces[1:]:
        if piece.continues(run):
            run = run.joined(piece)
            continue
        yield decode_text(run.decoded(), run.charset or hint)
        run = piece
    yield decode_text(run.decoded(), run.charset or hint)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Part of a field: plain when ``charset`` is empty, else the still encoded inside of an encoded word."""

    charset: str
    encoding: str
    data: bytes

    def continues(self, run: "_Piece") -> bool:
        stateful = codec_named(self.charset) in ("iso2022_jp", "hz")
        return bool(self.charset) and (self.charset, self.encoding) == (run.charset, run.encoding) and not stateful

    def joined(self, piece: "_Piece") -> "_Piece":
        return _Piece(self.charset, self.encoding, self.data + piece.data)

    def decoded(self) -> bytes:
        if self.encoding == "b":
            return decode_base64(self.data)
        if self.encoding == "q":
            return quopri.decodestring(self.data.replace(b" ", b"_").replace(b"_", b"=20"))
        return self.data


def decode_base64(data: bytes) -> bytes:
    """Base64 that may lack padding, hold line noise, or be padded in the middle; what can be read is returned."""
    kept = re.sub(rb"[^A-Za-z0-9+/=]", b"", data)
    out = b""
    for chunk in re.findall(rb"[A-Za-z0-9+/]+", kept):
        usable = chunk[: len(chunk) - 1] if len(chunk) % 4 == 1 else chunk
        try:
            out += base64.b64decode(usable + b"=" * (-len(usable) % 4))
        except binascii.Error:
            continue
    return out


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape") if _escaped_only(text) else text.encode("utf-8", "replace")


def _escaped_only(text: str) -> bool:
    return all(not 0xD800 <= ord(char) <= 0xDFFF or 0xDC80 <= ord(char) <= 0xDCFF for char in text)


def addresses(message: Message, *names: str) -> list[Address]:
    """All mailboxes of the named fields, in order, without repeats; unreadable ones are left out."""
    found: dict[str, Address] = {}
    for name in names:
        for value in raw_values(message, name):
            for address in parse_addresses(value):
                found.setdefault(address.email, address)
    return list(found.values())[:MAX_ADDRESSES]


def parse_addresses(value: str) -> list[Address]:
    """Mailboxes of one field value. Names are decoded after splitting, so an encoded comma does not split."""
    flat = unfold(value)[:20_000]
    parsed = [pair for mailbox in _MAILBOX.findall(flat) for pair in _mailbox(mailbox)]
    found = [Address(_name(name, email), normal_address(email)) for name, email in parsed if _ADDRESS.fullmatch(email)]
    return found or [Address("", normal_address(each)) for each in _ADDRESS.findall(decode_header(flat))]


def _mailbox(text: str) -> list[tuple[str, str]]:
    """The address in angle brackets is the address, even when the name before it looks like another one."""
    angled = _ANGLED.fullmatch(text.strip())
    if angled is None:
        return _by_library(text)
    name = re.sub(r"^[\w .-]*:\s*(?=[\w\"=<])", "", angled.group(1)) if text.rstrip().endswith(";") else angled.group(1)
    return [(re.sub(r"\\(.)", r"\1", name.strip().strip('"')), angled.group(2))]


def _by_library(value: str) -> list[tuple[str, str]]:
    try:
        return [(name, email.strip()) for name, email in getaddresses([value])]
    except (ValueError, IndexError, TypeError, RecursionError):
        return []


def _name(name: str, email: str) -> str:
    readable = decode_header(name).strip("\"' ")
    return "" if readable.lower() == email.lower() else readable[:200]


def normal_address(email: str) -> str:
    """Lower case, no stray dots or brackets. RFC 5321 lets local parts differ by case; no provider uses it."""
    return decode_header(email).strip(" <>.\"'").lower()


def message_ids(value: str) -> list[str]:
    """Message-IDs of a field in order, without angle brackets or repeats; bare ones are accepted."""
    flat = unfold(value)[:20_000]
    found = [re.sub(r"\s+", "", each) for each in _MESSAGE_ID.findall(flat)] or _BARE_ID.findall(flat)
    readable = (each.encode("utf-8", "replace").decode("utf-8") for each in found)
    return list(dict.fromkeys(each for each in readable if each))[:MAX_REFERENCES]


def date_of(value: str) -> dt.datetime | None:
    """The moment a date field names, in UTC; without a zone UTC is assumed; None when it cannot be read."""
    try:
        moment = parsedate_to_datetime(unfold(value))
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
    try:
        aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        return aware.astimezone(dt.UTC) if 1970 <= aware.year <= 9000 else None
    except (ValueError, OverflowError):
        return None


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """A Content-Type or -Disposition: its token in lower case and its parameters, RFC 2231 parts put together."""
    head, *rest = _split_parameters(unfold(value))
    plain: dict[str, str] = {}
    parts: dict[str, list[tuple[int, bool, str]]] = {}
    for piece in rest:
        name, _, content = piece.partition("=")
        _file_parameter(name.strip().lower(), _unquoted(content.strip()), plain, parts)
    joined = {name: _continued(pieces) for name, pieces in parts.items()}
    return head.strip().lower(), {name: decode_header(text) for name, text in plain.items()} | joined


def _split_parameters(value: str) -> list[str]:
    """Split at semicolons outside quotes; an unclosed quote runs to the end."""
    return _PARAMETER.findall(value[:8_000]) or [""]


def _unquoted(content: str) -> str:
    if len(content) >= 2 and content[0] == content[-1] == '"':
        return re.sub(r"\\(.)", r"\1", content[1:-1])
    return content.strip('"')


def _file_parameter(
    name: str, content: str, plain: dict[str, str], parts: dict[str, list[tuple[int, bool, str]]]
) -> None:
    match = re.fullmatch(r"([^*]+)(?:\*(\d{1,4}))?(\*)?", name)
    if match is None:
        return
    base, number, extended = match.groups()
    if number is None and extended is None:
        plain.setdefault(base, content)
    else:
        parts.setdefault(base, []).append((int(number or 0), bool(extended), content))


def _continued(pieces: list[tuple[int, bool, str]]) -> str:
    """RFC 2231: pieces in numeric order, percent-decoded where marked, charset named by the first."""
    charset, data = "", b""
    for index, (_, extended, content) in enumerate(sorted(pieces, key=lambda piece: piece[0])):
        body = content
        if extended and index == 0 and body.count("'") >= 2:
            charset, _, body = body.split("'", 2)
        data += unquote_to_bytes(_octets(body)) if extended else _octets(body)
    return _CONTROL.sub("", decode_text(data, charset))
