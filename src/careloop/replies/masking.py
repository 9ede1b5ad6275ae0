"""Take out of somebody else's words what tells who they are: what is found, and how, says ``common.text.masking``.

A name nobody introduced is not seen: whoever uses such a text reads it over, and every gap is an open blank that is
never sent (replies/blanks.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from careloop.common.text.masking import mask

_LABELS = {
    "name": ("姓名", "name"),
    "mail": ("邮箱", "e-mail"),
    "link": ("链接", "link"),
    "address": ("地址", "address"),
}
_NUMBER = ("号码", "number")
_FEWEST_DIGITS = 6
"""A price of five digits says nothing about anybody."""
_TITLES = ("先生", "女士", "小姐")


def masked(text: str, *, known: Iterable[str] = (), language: str) -> str:
    """The text with an open blank for each thing that tells who somebody is; ``known`` are names and addresses."""
    return mask(
        text, lambda kind, _: _gap(kind, language),
        names=known, fewest_digits=_FEWEST_DIGITS, exact_case=True, introduced=True,
    )  # fmt: skip


def names_within(name: str) -> list[str]:
    """A person's name and what of it stands alone in a greeting: 王雨晴 also as 雨晴, James Porter also as James."""
    if not name:
        return []
    parts = [each for each in name.split() if len(each) > 2]
    given = name[1:] if not name.isascii() and len(name) == 3 else ""
    addressed = [name[0] + title for title in _TITLES] if not name.isascii() else []
    return [each for each in (name, *parts, given, *addressed) if each]


def _gap(kind: str, language: str) -> str:
    zh, en = _LABELS.get(kind, _NUMBER)
    return f"【请填写：{zh}】" if language.startswith("zh") else f"[fill in: {en}]"
