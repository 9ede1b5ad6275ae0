"""Take out of somebody else's words what tells who they are. Pure text; knows no table.

Known names and addresses are taken out exactly, the rest by its shape: mail addresses, telephone, card and order
numbers, web addresses, street addresses, and a name somebody gives for their own. A name nobody introduced is not
seen: whoever uses such a text reads it over, and every gap is an open blank that is never sent (replies/blanks.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_LABELS = {
    "name": ("姓名", "name"),
    "mail": ("邮箱", "e-mail"),
    "link": ("链接", "link"),
    "number": ("号码", "number"),
    "address": ("地址", "address"),
}
_SHAPES = (
    ("link", re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)),
    ("mail", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    (
        "address",
        re.compile(
            r"(?:[\u4e00-\u9fff]{2,6}[省市区县])*[\u4e00-\u9fff]{1,8}(?:路|街|道|巷|弄)\s?\d+\s?[号弄][\d\w\u4e00-\u9fff-]{0,20}"
            r"|\d{1,5}[A-Za-z]? (?:[A-Z][a-z]+ ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Close|Court)\b"
        ),
    ),
    ("number", re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{0,4}[-#]?\+?\d(?:[ -]?\d){5,}[A-Za-z]?(?![A-Za-z0-9])")),
    ("number", re.compile(r"\bCL-\d{4,}\b", re.IGNORECASE)),
)
_TITLES = ("先生", "女士", "小姐")
_OWN_NAME = re.compile(
    r"((?:我叫|我的名字叫|收件人(?:是|：|:)?|联系人(?:是|：|:)?)\s*)([\u4e00-\u9fff·]{2,4})"
    r"|((?:[Mm]y name is|[Tt]his is|[Rr]egards,|[Bb]est,|[Cc]heers,|[Tt]hanks,)\s+)([A-Z][a-z]+(?: [A-Z][a-z]+)?)"
)


def masked(text: str, *, known: Iterable[str] = (), language: str) -> str:
    """The text with an open blank for each thing that tells who somebody is; ``known`` are names and addresses."""
    for name in sorted({each.strip() for each in known if len(each.strip()) >= 2}, key=len, reverse=True):
        text = re.sub(_whole(name), _gap("name", language), text)
    for kind, shape in _SHAPES:
        text = shape.sub(_gap(kind, language), text)
    return _OWN_NAME.sub(lambda found: (found.group(1) or found.group(3)) + _gap("name", language), text)


def names_within(name: str) -> list[str]:
    """A person's name and what of it stands alone in a greeting: 王雨晴 also as 雨晴, James Porter also as James."""
    if not name:
        return []
    parts = [each for each in name.split() if len(each) > 2]
    given = name[1:] if not name.isascii() and len(name) == 3 else ""
    addressed = [name[0] + title for title in _TITLES] if not name.isascii() else []
    return [each for each in (name, *parts, given, *addressed) if each]


def _gap(kind: str, language: str) -> str:
    zh, en = _LABELS[kind]
    return f"【请填写：{zh}】" if language.startswith("zh") else f"[fill in: {en}]"


def _whole(name: str) -> str:
    return rf"\b{re.escape(name)}\b" if name.isascii() else re.escape(name)
