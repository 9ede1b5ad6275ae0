"""Every file of the collected odd mails: no crash, no lost body, an outcome with a reason."""

import re
from email import message_from_bytes, policy
from email.message import Message
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from careloop.channels.email.parsing.files import mails_in
from careloop.channels.email.parsing.html import html_to_text
from careloop.channels.email.parsing.mail import ParsedMail, parse_mail
from careloop.channels.email.tests.real_files import MAIL_FOLDER, name_of, needs_real_mail, real_files
from careloop.common.tests.proportion import takes_time_in_proportion

OUTCOMES = {"message", "automatic", "bounce", "quarantined"}
STRUCTURED = [path for path in real_files() if path.suffix in (".eml", ".txt") and "reply_parser" not in path.parts]


@needs_real_mail
@pytest.mark.parametrize("path", real_files(), ids=name_of)
def test_every_real_file_has_an_outcome_and_a_reason(path: Path) -> None:
    for raw in mails_in(path.read_bytes()):
        parsed = parse_mail(raw)
        assert parsed.outcome in OUTCOMES
        assert "could not read" not in parsed.reason
        assert parsed.outcome == "message" or parsed.reason.endswith(".")


@needs_real_mail
@pytest.mark.parametrize("path", STRUCTURED, ids=name_of)
def test_no_body_that_the_standard_library_sees_is_lost(path: Path) -> None:
    raw = next(iter(mails_in(path.read_bytes())))
    parsed = parse_mail(raw)
    if not parsed.reason.startswith("It is not an e-mail"):
        held = _everything(parsed)
        for words in _bodies_by_standard_library(raw):
            assert words in held


def _everything(parsed: ParsedMail) -> str:
    """All that was kept, without white space, quotation marks and separators."""
    files = [each.content.decode("utf-8", "replace") for each in parsed.attachments]
    pieces = (parsed.text, parsed.quoted, parsed.signature, html_to_text(parsed.html), *files)
    return _flat(" ".join(pieces))


def _flat(text: str) -> str:
    return re.sub(r"[^A-Za-z]+", "", text)


def _bodies_by_standard_library(raw: bytes) -> list[str]:
    """The first 200 letters of every plain part in the reading of ``email``; those in seven bits say enough."""
    message = message_from_bytes(raw.lstrip(), policy=policy.default)
    return [_flat(body.decode("ascii"))[:200] for body in map(_plain_body, message.walk()) if body.isascii()]


def _plain_body(part: Message) -> bytes:
    encoding = str(part.get("content-transfer-encoding", "")).lower()
    readable = part.get_content_type() == "text/plain" and not part.is_multipart() and "uuencode" not in encoding
    body = part.get_payload(decode=True) if readable and not part.defects else b""
    charset = str(part.get_content_charset() or "us-ascii")
    return body if isinstance(body, bytes) and not charset.startswith("iso-2022") else b""


@needs_real_mail
@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_real_mail_never_raises(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(_small_mails())))
    for _ in range(data.draw(st.integers(1, 8))):
        position = data.draw(st.integers(0, max(0, len(raw) - 1)))
        raw[position : position + data.draw(st.integers(0, 12))] = data.draw(st.binary(max_size=12))
    _is_sound(parse_mail(bytes(raw)))


@given(st.binary(max_size=2_000))
@settings(max_examples=200, deadline=None)
def test_arbitrary_bytes_never_raise(raw: bytes) -> None:
    _is_sound(parse_mail(raw))


HEADER = st.sampled_from(
    [
        "From",
        "To",
        "Subject",
        "Date",
        "Content-Type",
        "Content-Transfer-Encoding",
        "References",
        "Auto-Submitted",
    ]
)
VALUE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "a@b.example",
            "=?gb2312?B?zcu/7g==?=",
            "=?utf-8?q?=ff?= <x@y>",
            "multipart/mixed; boundary=b",
            "multipart/report; report-type=delivery-status; boundary=b",
            "message/delivery-status",
            "message/rfc822",
            "text/html; charset=no-such",
            "text/plain; charset=unicode_escape",
            "base64",
            "x-uuencode",
            "<a@b> <c@d>",
            "x; filename*0*=gb18030''%CD; filename*1=\"y",
        ]
    ),
)


@given(st.lists(st.tuples(HEADER, VALUE), max_size=8), st.text(max_size=300), st.integers(0, 4))
@settings(max_examples=200, deadline=None)
def test_mails_made_of_odd_headers_never_raise(fields: list[tuple[str, str]], body: str, parts: int) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    inner = "".join(f"\r\n--b\r\n{head}\r\n{body}" for _ in range(parts))
    _is_sound(parse_mail(f"{head}\r\n{body}{inner}".encode("utf-8", "surrogatepass")))


def _is_sound(parsed: ParsedMail) -> None:
    assert parsed.outcome in OUTCOMES
    assert "could not read" not in parsed.reason
    for text in (
        parsed.text,
        parsed.quoted,
        parsed.html,
        parsed.subject,
        *(a.name for a in parsed.attachments),
    ):
        text.encode("utf-8")


def _small_mails() -> list[bytes]:
    found = [path.read_bytes() for path in real_files() if path.suffix in (".eml", ".txt")]
    return [raw for raw in found if len(raw) < 20_000] if MAIL_FOLDER.is_dir() else [b""]


def test_a_uuencoded_file_inside_the_text_becomes_an_attachment() -> None:
    parsed = parse_mail(b"From: a@b.example\n\nbefore\nbegin 644 cat.txt\n#0V%T\n`\nend\nafter\n")
    assert [(each.name, each.content) for each in parsed.attachments] == [("cat.txt", b"Cat")]
    assert (parsed.text.startswith("before"), "after" in parsed.text, "begin" in parsed.text) == (True, True, False)


def test_a_body_full_of_beginnings_is_read_in_reasonable_time() -> None:
    head, beginning = b"From: a@b.example\n\n", b"begin 644 x\n"
    assert takes_time_in_proportion(lambda times: parse_mail(head + beginning * times), 40_000)
    assert takes_time_in_proportion(lambda times: parse_mail(head + beginning * times + b"end\n"), 40_000)
