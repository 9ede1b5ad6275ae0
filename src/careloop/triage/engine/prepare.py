"""From what was sent to what is judged: quotes taken out, invisible characters dropped, text folded, words found."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from careloop.common.text import fold

LONGEST_JUDGED = 20_000

_REPLY_HEADERS = re.compile(
    r"^[ \t]*(?:-{2,}[ \t]*(?:original message|forwarded message|原始邮件|原邮件|转发邮件)"
    r"|on .{4,80}wrote:[ \t]*$|.{0,60}(?:写道|寫道)[:：][ \t]*$|发件人[:：]|from: .+@)",
    re.IGNORECASE | re.MULTILINE,
)
_QUOTED_LINE = re.compile(r"^[ \t]*[>｜|].*$", re.MULTILINE)
_OUR_WORDS = re.compile(
    '(?:你们|您们|客服|店家|商家|卖家|店员|他们|说明书?|广告|页面|详情页)[^“”"「」，。！？\n]{0,8}'
    '(?:说|回复|讲|告诉我?|答复|写着|承诺|保证|问)[^“”"「」\n]{0,4}[“"「『]([^”"」』\n]{1,300})[”"」』]'
    r"|\b(?:you|they|agent|support|your \w+|the (?:ad|label|page|manual))\b[^\"“”\n]{0,30}"
    r"\b(?:said|told|wrote|replied|says|asked|claims?)\b[^\"“”\n]{0,12}[\"“]([^\"”\n]{1,300})[\"”]",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z0-9&]+(?:['-][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message made ready: `plain` keeps letter case, `folded` does not; both have the same offsets."""

    plain: str
    folded: str
    words: tuple[tuple[str, int, int], ...]  # Latin words with their place in `folded`

    @property
    def is_shouting(self) -> bool:
        """Mostly capitals in a text long enough for that to be meant."""
        letters = [letter for letter in self.plain[:2000] if letter.isascii() and letter.isalpha()]
        return len(letters) >= 12 and sum(letter.isupper() for letter in letters) / len(letters) > 0.7


def prepare(text: str) -> Prepared:
    """Never raises; a text without letters is prepared too."""
    kept = text if len(text) <= LONGEST_JUDGED else text[:LONGEST_JUDGED]
    plain = strip_quotes(unicodedata.normalize("NFKC", _visible(kept)))
    folded = fold(plain).replace("\u2019", "'").replace("\u2018", "'")
    words = tuple((match[0], match.start(), match.end()) for match in _WORD.finditer(folded))
    return Prepared(plain, folded, words)


def strip_quotes(text: str) -> str:
    """The customer's own words: without quoted lines, earlier mail, and what they say we said."""
    header = _REPLY_HEADERS.search(text)
    if header and text[: header.start()].strip():
        text = text[: header.start()]
    own = _QUOTED_LINE.sub("", text)
    return _OUR_WORDS.sub(_blanked, own if own.strip() else text)


def _blanked(match: re.Match[str]) -> str:
    start, end = match.span(1) if match[1] is not None else match.span(2)
    whole = match[0]
    return whole[: start - match.start()] + " " * (end - start) + whole[end - match.start() :]


def _visible(text: str) -> str:
    """Zero-width and other format characters hide words from rules and mean nothing to readers."""
    if text.isascii() or text.replace("\n", "").replace("\u3000", "").isprintable():
        return text
    return "".join(letter for letter in text if letter == "\u200d" or unicodedata.category(letter) != "Cf")
