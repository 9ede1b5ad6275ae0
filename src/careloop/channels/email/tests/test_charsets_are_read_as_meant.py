"""What Chinese, Japanese and broken mailers send, and the characters a person meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careloop.channels.email.parsing.charsets import decode_text
from careloop.channels.email.parsing.headers import (
    date_of,
    decode_base64,
    decode_header,
    message_ids,
    parameters,
    parse_addresses,
)
from careloop.common.tests.proportion import takes_time_in_proportion

COMPLAINT = "我购买的产品出现了质量问题，无法正常使用。"


@pytest.mark.parametrize(
    ("declared", "sent_as"),
    [
        ("gb2312", "gb18030"),
        ("GBK", "gbk"),
        ('"gb2312"', "gb2312"),
        ("x-gbk", "gbk"),
        ("GB18030", "gb18030"),
        ("utf8", "utf-8"),
        ("us-ascii", "utf-8"),
        ("us-ascii", "gb18030"),
        ("iso-8859-1", "gb18030"),
        ("", "gb18030"),
        ("", "utf-8"),
        ("no-such-charset", "gbk"),
        ("utf-8", "gbk"),
        ("gb2312", "utf-8"),
        ("base64", "utf-8"),
        ("unicode_escape", "utf-8"),
        ("hz-gb-2312", "hz"),
        ("utf-7", "utf-7"),
    ],
)
def test_a_chinese_complaint_is_read_whatever_its_label(declared: str, sent_as: str) -> None:
    assert decode_text(COMPLAINT.encode(sent_as), declared) == COMPLAINT


def test_gb2312_mail_may_hold_characters_of_gb18030() -> None:
    assert decode_text("韩喆𠮷€".encode("gb18030"), "gb2312") == "韩喆𠮷€"


def test_traditional_chinese_of_hong_kong_is_read() -> None:
    assert decode_text("邊個負責？".encode("big5hkscs"), "big5") == "邊個負責？"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("注文した商品".encode("iso2022_jp"), "注文した商品"),
        (b"\x1b$B-!-j\x1b(B", "①㈱"),
        (b"\x1b$B@=IJ\x1b(I1234\x1b(B ok", "製品ｱｲｳｴ ok"),
        (b"\x1b$B@=IJ", "製品"),
        (b"\x1b$B@=IJ\xff\xff\x1b(B", "製品\ufffd"),
    ],
)
def test_japanese_mail_with_vendor_characters_is_read(raw: bytes, text: str) -> None:
    assert decode_text(raw, "iso-2022-jp")[: len(text) - 1] == text[: len(text) - 1]


def test_shift_jis_has_the_vendor_characters() -> None:
    assert decode_text("①髙橋".encode("cp932"), "shift_jis") == "①髙橋"


def test_french_in_latin_one_is_not_taken_for_chinese() -> None:
    sentence = "Le client a été très déçu: réfrigérateur cassé à la réception, où êtes-vous?"
    assert decode_text(sentence.encode("latin-1"), "iso-8859-1") == sentence
    assert decode_text(sentence.encode("cp1252"), "us-ascii") == sentence


def test_one_spoilt_byte_does_not_spoil_the_text() -> None:
    spoilt = COMPLAINT.encode() + b"\xff" + COMPLAINT.encode()
    assert decode_text(spoilt, "utf-8") == f"{COMPLAINT}\ufffd{COMPLAINT}"


@given(
    st.binary(max_size=400),
    st.one_of(st.text(max_size=20), st.sampled_from(["hz", "iso-2022-jp", "utf-16", "utf-7"])),
)
def test_any_bytes_under_any_name_give_text(data: bytes, declared: str) -> None:
    decode_text(data, declared).replace("\ufffd", "")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("=?gb2312?B?zcu/7snqx+s=?=", "退款申请"),
        ("=?utf-8?B?6YCA?= =?utf-8?B?5qy+?=", "退款"),
        ("=?utf-8?B?6YCA5q?=\r\n =?utf-8?B?y+?=", "退款"),
        ("=?UTF-8?Q?=E9=80=80_=E6=AC=BE?=", "退 款"),
        ("=?UTF-8?Q?=E9=80=80 =E6=AC=BE?=", "退 款"),
        ("Re: =?utf-8?B?6YCA5qy+?=!", "Re: 退款!"),
        ("=?utf-8*en?Q?hello?=", "hello"),
        ("=?NONE?B?VEVTVA=?=", "TEST"),
        ("=?utf-8?B?6YCA5qy+", "退款"),
        ("a =?bad", "a =?bad"),
        ("plain\r\n folded", "plain folded"),
    ],
)
def test_encoded_words_are_read_even_when_broken(raw: str, text: str) -> None:
    assert decode_header(raw) == text


def test_file_names_in_pieces_are_put_together() -> None:
    value = "attachment; filename*0*=utf-8''%E5%8F%91; filename*1*=%E7%A5%A8; filename*2=.pdf"
    assert parameters(value) == ("attachment", {"filename": "发票.pdf"})
    assert parameters("attachment; filename*=GB18030''%B7%A2%C6%B1.pdf")[1] == {"filename": "发票.pdf"}
    assert parameters('x/y; name="=?gbk?B?t6LGsS5wZGY=?="; charset=gbk')[1] == {
        "name": "发票.pdf",
        "charset": "gbk",
    }
    assert parameters('a/b; name="one;two.txt"')[1] == {"name": "one;two.txt"}


def test_an_encoded_comma_in_a_name_does_not_split_the_address() -> None:
    found = parse_addresses("=?utf-8?Q?Wang=2C_Yuqing?= <Yuqing.Wang@Example.com>, b@x.example")
    assert [(each.name, each.email) for each in found] == [
        ("Wang, Yuqing", "yuqing.wang@example.com"),
        ("", "b@x.example"),
    ]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("alice@example.com <bob@example.com>", [("alice@example.com", "bob@example.com")]),
        ('"Li, Wei" <li@x.example>, Ann <ann@x.example>', [("Li, Wei", "li@x.example"), ("Ann", "ann@x.example")]),
        ("barry@python.org (Barry A. Warsaw)", [("Barry A. Warsaw", "barry@python.org")]),
        ("undisclosed-recipients:;", []),
        ("Team: a@x.example, B <b@x.example>;", [("", "a@x.example"), ("B", "b@x.example")]),
        (
            "Mary Smith <@machine.tld:mary@example.net>, , j@test.example",
            [("Mary Smith", "mary@example.net"), ("", "j@test.example")],
        ),
        ("A <a@x.example> (home, not work)", [("A", "a@x.example")]),
        (", a@x.example,, <b@x.example>", [("", "a@x.example"), ("", "b@x.example")]),
        ("Bob (the, builder) <b@x.example>", [("Bob (the, builder)", "b@x.example")]),
    ],
)
def test_mailboxes_are_told_apart(value: str, found: list[tuple[str, str]]) -> None:
    assert [(each.name, each.email) for each in parse_addresses(value)] == found


def test_an_address_is_found_in_a_broken_field() -> None:
    assert [each.email for each in parse_addresses('"王 <wang@x.example')] == ["wang@x.example"]
    assert parse_addresses("nobody at all") == []


def test_message_ids_keep_their_order_and_bare_ones_count() -> None:
    assert message_ids("<b@x> <a@y>\r\n <b@x>") == ["b@x", "a@y"]
    assert message_ids("a@y") == ["a@y"]
    assert message_ids("") == []


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        ("Mon, 2 Mar 2026 15:12:00 +0800 (CST)", "2026-03-02T07:12:00+00:00"),
        ("2 Mar 2026 15:12:00", "2026-03-02T15:12:00+00:00"),
        ("yesterday", None),
        ("Mon, 2 Mar 99999 15:12:00 +0800", None),
        ("", None),
    ],
)
def test_dates_are_read_in_utc(value: str, iso: str | None) -> None:
    moment = date_of(value)
    assert (moment.isoformat() if moment else None) == iso


@pytest.mark.parametrize(
    "piece",
    [
        " ",
        '"',
        "(",
        "a,",
        "<",
        "a@b.c <",
        '\\"',
        '("',
        "x:",
        "\r\n ",
        "=?a?b?",
        "=?utf-8?q?=?=",
        ";",
        "*0=x;",
        "<a@b>",
        "'",
        "Re:",
    ],
)
def test_hostile_headers_are_read_in_reasonable_time(piece: str) -> None:
    def read_all(size: int) -> None:
        value = piece * (size // len(piece)) + "<a@b.example>"
        for read in (decode_header, parse_addresses, message_ids, parameters, date_of):
            read(value)

    assert takes_time_in_proportion(read_all, 200_000)


@given(st.binary(max_size=200))
def test_base64_never_raises(data: bytes) -> None:
    decode_base64(data)


@given(st.text(max_size=200))
def test_headers_never_raise(value: str) -> None:
    decode_header(value)
    parameters(value)
    parse_addresses(value)
    message_ids(value)
    date_of(value)
