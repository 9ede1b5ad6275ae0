"""From somebody's columns to ours. Imports neither Django nor us.

A source is a column name; ``a|b`` takes the first that is not empty, ``a+b`` joins them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

FIELDS = (
    "text", "subject", "time", "nature", "severity", "reply", "reply_time",
    "email", "phone", "customer_id", "name", "id", "language", "channel_kind",
)  # fmt: skip

# Headers we know by heart, folded to lower case: seed A's own, citizen-message exports, the CFPB's.
KNOWN: dict[str, tuple[str, ...]] = {
    "text": ("投诉内容", "内容", "留言详情", "text", "body", "message", "content", "description", "narrative",
             "consumer complaint narrative"),
    "subject": ("主题", "留言主题", "subject", "title", "issue"),
    "time": ("投诉时间", "时间", "留言时间", "time", "created_at", "date", "received_at", "date received"),
    "nature": ("投诉类型", "类型", "nature", "type", "category"),
    "severity": ("投诉程度", "程度", "severity"),
    "reply": ("回复", "答复意见", "reply", "answer"),
    "reply_time": ("回复时间", "答复时间", "replied_at", "reply_time"),
    "email": ("邮箱", "email", "e-mail", "from"),
    "phone": ("电话", "手机", "手机号", "phone", "mobile"),
    "customer_id": ("客户编号", "用户", "留言用户", "user", "customer_id", "customer"),
    "name": ("姓名", "客户姓名", "name", "customer_name"),
    "id": ("编号", "留言编号", "id", "message_id", "complaint id"),
    "language": ("语言", "language"),
    "channel_kind": ("channel_kind",),
}  # fmt: skip

_TIMES = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d",
    "%Y年%m月%d日 %H:%M", "%Y年%m月%d日", "%Y.%m.%d", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y",
)  # fmt: skip


class Unmappable(Exception):
    """The header, or the ``--map`` that was given, leaves us without the customer's words."""


class Rejected(Exception):
    """This row cannot become a message; ``str()`` says why."""


@dataclass(frozen=True)
class Row:
    """One row in our words. Times carry a zone."""

    text: str
    subject: str = ""
    time: datetime | None = None
    nature: str = ""
    severity: str = ""
    reply: str = ""
    reply_time: datetime | None = None
    email: str = ""
    phone: str = ""
    customer_id: str = ""
    name: str = ""
    id: str = ""
    language: str = ""
    channel_kind: str = ""


def mapping_for(header: Sequence[str], asked: Mapping[str, str]) -> dict[str, str]:
    """Field → source. What was asked for wins; the rest is recognised by its usual names.

    Raises :class:`Unmappable` when a named column does not exist or nothing gives the text.
    """
    folded = {name.strip().lstrip("\ufeff").lower(): name for name in header}
    for field, source in asked.items():
        _check(field, source, header)
    found = {field: next((folded[name] for name in names if name in folded), "") for field, names in KNOWN.items()}
    result = {**{field: name for field, name in found.items() if name}, **asked}
    if "text" not in result:
        raise Unmappable(
            f"No column holds the customer's words. The columns are: {', '.join(header)}. Name it: --map text=COLUMN"
        )
    return result


def row_from(cells: Mapping[str, str], mapping: Mapping[str, str], zone: tzinfo) -> Row:
    """Raises :class:`Rejected` for a row without words or with a time that cannot be read."""
    values = {field: _value(cells, source) for field, source in mapping.items()}
    if not values.get("text"):
        raise Rejected("the text is empty")
    time = read_time(values.pop("time", ""), zone)
    reply_time = read_time(values.pop("reply_time", ""), zone)
    return Row(time=time, reply_time=reply_time, **values)


def read_time(text: str, zone: tzinfo) -> datetime | None:
    """ISO 8601 or one of the usual ways to write a time; a time without a zone is in ``zone``."""
    text = text.strip()
    if not text:
        return None
    moment = _iso(text) or _usual(text)
    if moment is None:
        raise Rejected(f"the time {text[:40]!r} cannot be read")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    if not 1970 <= moment.year <= 2200:
        raise Rejected(f"the time {text[:40]!r} is out of range")
    return moment


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _usual(text: str) -> datetime | None:
    for pattern in _TIMES:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 (the zone is added by the caller)
        except ValueError:
            continue
    return None


def _value(cells: Mapping[str, str], source: str) -> str:
    if "|" in source:
        return next((value for name in source.split("|") if (value := _value(cells, name))), "")
    if "+" in source:
        return "\n".join(filter(None, (_value(cells, name) for name in source.split("+"))))
    return (cells.get(source) or "").strip()


def _check(field: str, source: str, header: Sequence[str]) -> None:
    if field not in FIELDS:
        raise Unmappable(f"There is no field {field!r}. The fields are: {', '.join(FIELDS)}.")
    for name in re.split(r"[|+]", source):
        if name not in header:
            raise Unmappable(f"There is no column {name!r}. The columns are: {', '.join(header)}.")
