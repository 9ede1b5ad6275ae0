"""Bytes to text, whatever the mail says its charset is.

The declared name is a hint: Chinese mailers write gb2312 and send GB18030, old gateways write us-ascii and send
anything, and some names exist in no registry. The order is: what is declared if the bytes agree, then what the
bytes look like, then a replacement that loses as little as possible. Nothing here raises.
"""

import codecs
import re

from charset_normalizer import from_bytes

from careloop.channels.email.parsing.japanese import decode_iso2022_jp

SAMPLE_BYTES = 64 * 1024

_SAME_FAMILY = {
    "gb18030": "gb2312 gb_2312-80 gb_2312 gb2312-80 chinese csgb2312 gbk x-gbk cp936 ms936 windows-936 euc-cn euccn "
    "x-euc-cn gb18030 gb-18030 gb18030-2000 gb18030-0 x-cp20936",
    "hz": "hz hz-gb-2312 hzgb",
    "big5hkscs": "big5 big5-hkscs x-x-big5 cn-big5 csbig5 cp950 ms950 windows-950 x-big5",
    "iso2022_jp": "iso-2022-jp iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-3 iso-2022-jp-ms csiso2022jp cp50220 cp50221 "
    "cp50222 iso2022-jp x-iso-2022-jp",
    "cp932": "shift_jis shift-jis sjis x-sjis ms_kanji csshiftjis windows-31j cswindows31j cp932 ms932 shift_jisx0213",
    "euc_jis_2004": "euc-jp eucjp x-euc-jp x-euc cseucpkdfmtjapanese",
    "cp949": "ks_c_5601-1987 ks_c_5601-1989 ksc5601 korean euc-kr euckr cp949 windows-949 uhc x-windows-949",
    "utf-8": "utf-8 utf8 utf_8 unicode-1-1-utf-8 utf-8mb4 utf8mb4 cp65001",
    "cp1252": "us-ascii ascii ansi_x3.4-1968 iso-8859-1 iso8859-1 latin1 latin-1 l1 windows-1252 cp1252 8bit 7bit ansi",
    "cp1254": "iso-8859-9 latin5 windows-1254",
    "cp874": "tis-620 iso-8859-11 windows-874",
}
_ALIASES = {name: codec for codec, names in _SAME_FAMILY.items() for name in names.split()}
_NOT_TEXT = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"}
_HAN_PAIR_RUNS = re.compile(rb"(?:[\xa1-\xf7][\xa1-\xfe])+")
_WIDE = {"gb18030", "big5hkscs", "cp949", "cp932", "euc_jis_2004"}
_HIGH = bytes(range(0x80, 0x100))
_THREE_BYTES = re.compile(rb"[\xe3-\xe9][\x80-\xbf]{2}")
_HIGH_RUNS = re.compile(rb"[\x80-\xff]+")


def decode_text(data: bytes, declared: str = "") -> str:
    """The text of ``data``; line ends as \\n, no NUL. ``declared`` is the charset the mail claims, or empty."""
    text = _decode(data, codec_named(declared))
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").removeprefix("\ufeff")


def codec_named(declared: str) -> str:
    """The Python codec for a declared charset, or empty when no text codec bears that name."""
    name = declared.strip().strip("\"'").split("*")[0].strip().lower()
    if name in _ALIASES:
        return _ALIASES[name]
    try:
        found = codecs.lookup(name) if name.isascii() and 0 < len(name) <= 40 else None
    except (LookupError, ValueError):
        return ""
    if found is None or found.name.replace("-", "_") in _NOT_TEXT or not getattr(found, "_is_text_encoding", True):
        return ""
    return found.name


def _decode(data: bytes, codec: str) -> str:
    if codec == "iso2022_jp":
        return decode_iso2022_jp(data)
    if codec == "cp1252" or not codec:
        return _undeclared(data, vague=bool(codec))
    if codec in _WIDE and _is_wide_utf8(data):
        return data.decode("utf-8")
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return _contradicted(data, codec)


def _is_wide_utf8(data: bytes) -> bool:
    """UTF-8 under an East Asian label: whole three-byte characters do not come about by chance."""
    if len(data) - len(data.translate(None, _HIGH)) < 6 or not _THREE_BYTES.search(data):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _undeclared(data: bytes, *, vague: bool) -> str:
    """No charset, or a Latin name that mailers use for anything: the bytes decide."""
    attempts = (_as_escaped, _as_utf8, _as_chinese)
    for attempt in attempts if vague else (*attempts, _as_guessed):
        text = attempt(data)
        if text is not None:
            return text
    return data.decode("cp1252", "replace") if _is_cp1252(data) else data.decode("latin-1")


def _contradicted(data: bytes, codec: str) -> str:
    """The declared codec fails. A few spoilt bytes keep the codec; more than that means another charset."""
    kept = _replaced(data, codec)
    if kept.count("\ufffd") <= max(1, len(kept) // 100):
        return kept
    return _as_utf8(data) or _as_chinese(data) or _as_guessed(data) or kept


def _replaced(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec, "replace")
    except (UnicodeError, ValueError):
        return data.decode("latin-1")


def _as_escaped(data: bytes) -> str | None:
    """Seven-bit Japanese without a label announces itself by its escape sequences."""
    return decode_iso2022_jp(data) if b"\x1b$B" in data or b"\x1b$@" in data else None


def _as_utf8(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        cut_at_the_end = error.start >= len(data) - 3 and error.start > 16
        return data[: error.start].decode("utf-8") if cut_at_the_end and not data.isascii() else None


def _as_chinese(data: bytes) -> str | None:
    """GB18030 when nearly all high bytes come in runs of whole Han pairs; Latin text has them one at a time."""
    sample = data[:SAMPLE_BYTES]
    high = sum(map(len, _HIGH_RUNS.findall(sample)))
    paired = sum(len(run) for run in _HAN_PAIR_RUNS.findall(sample) if len(run) >= 4)
    if high < 8 or paired < high * 0.9:
        return None
    text = data.decode("gb18030", "replace")
    return text if text.count("\ufffd") <= len(text) // 50 and _common_han(text) else None


def _common_han(text: str) -> bool:
    """Most of the characters beyond ASCII are ordinary Chinese: GB2312 level one has 3,755 of them."""
    wide = [char for char in text[:20_000] if char > "\x7f"]
    common = sum(_is_level_one(char) for char in wide)
    return common >= len(wide) * 0.6


def _is_level_one(char: str) -> bool:
    try:
        pair = char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return 0xA1 <= pair[0] <= 0xA3 or 0xB0 <= pair[0] <= 0xD7


def _as_guessed(data: bytes) -> str | None:
    best = from_bytes(data[:SAMPLE_BYTES]).best()
    return _replaced(data, best.encoding) if best is not None else None


def _is_cp1252(data: bytes) -> bool:
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return False
    return True
