"""How values look on a screen: initials, tones, spans of time. Names no table and asks no database."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel.numbers import format_currency
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, pgettext, pgettext_lazy

from careloop.workspace.assets import asset_url, forget_on_rebuild

TONES = 8
MINUTE, HOUR, DAY = 60, 3600, 86400


@lru_cache(maxsize=512)
def icon(name: str, css: str = "") -> SafeString:
    """An icon of the sprite; decoration only, so a screen reader skips it."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>', css, asset_url("icons.svg"), name
    )


forget_on_rebuild(icon)


def initial(name: str) -> str:
    """The letter or character in an avatar: 王 for 王雨晴, J for James."""
    return name.strip()[:1].upper() or "?"


def tone(key: int | None) -> int:
    """Which of the avatar colours somebody has, always the same one."""
    return (key or 0) % TONES


def span(seconds: float, language: str | None = None) -> str:
    """A length of time in one short word: 18m, 3h, 5d; 18分, 3小时, 5天. ``language`` is the reader's, if known."""
    length, language = abs(int(seconds)), language or get_language()
    if length < HOUR:
        return _span("minutes", max(length // MINUTE, 1), language)
    if length < DAY:
        return _span("hours", length // HOUR, language)
    return _span("days", length // DAY, language)


@lru_cache(maxsize=512)
def _span(unit: str, count: int, _language: str | None) -> str:
    if unit == "minutes":
        return pgettext("minutes, short", "%(n)dm") % {"n": count}
    if unit == "hours":
        return pgettext("hours, short", "%(n)dh") % {"n": count}
    return pgettext("days, short", "%(n)dd") % {"n": count}


def since(moment: datetime | None, now: datetime | None = None, language: str | None = None) -> str:
    """How long ago, as lists show it: now, 18m, 3h, yesterday, then the date; ``language`` as for :func:`span`."""
    if moment is None:
        return ""
    now = now or timezone.now()
    seconds = (now - moment).total_seconds()
    if seconds < MINUTE:
        return gettext("now")
    if seconds < 6 * HOUR:
        return span(seconds, language)
    local, today = timezone.localtime(moment), timezone.localtime(now)
    if seconds < DAY and local.date() == today.date():
        return span(seconds, language)
    if (today.date() - local.date()).days == 1:
        return gettext("yesterday")
    return _short_date(local.date(), get_language(), is_this_year=local.year == today.year)


@lru_cache(maxsize=1_000)
def _short_date(day: date, _language: str | None, *, is_this_year: bool) -> str:
    if is_this_year:
        return date_format(day, pgettext("short date this year", "M j"))
    return f"{day:%Y-%m-%d}"


def day_name(moment: datetime) -> str:
    """The day above the first message of a day: Today, Yesterday, or the date."""
    local, today = timezone.localtime(moment).date(), timezone.localdate()
    if local == today:
        return gettext("Today")
    if (today - local).days == 1:
        return gettext("Yesterday")
    return date_format(local, pgettext("long date", "F j, Y"))


def draft_word(moment: datetime) -> str:
    return gettext("Draft kept %(time)s") % {"time": time_format(timezone.localtime(moment), "H:i")}


def money(amount: Decimal | float, currency: str) -> str:
    """An amount as the reader's language writes it: ¥1,299.00, CN¥1,299.00."""
    locale = "zh_Hans_CN" if (get_language() or "").startswith("zh") else "en"
    return format_currency(amount, currency, locale=locale)


ORDER_STATUS = {
    "paid": pgettext_lazy("an order", "paid"),
    "packed": pgettext_lazy("an order", "packed"),
    "shipped": pgettext_lazy("an order", "shipped"),
    "delivered": pgettext_lazy("an order", "delivered"),
    "returned": pgettext_lazy("an order", "returned"),
    "refunding": pgettext_lazy("an order", "being refunded"),
    "refunded": pgettext_lazy("an order", "refunded"),
    "cancelled": pgettext_lazy("an order", "cancelled"),
}


def order_status(status: str) -> str:
    """The usual states in the reader's language; a shop's own word as it is."""
    return str(ORDER_STATUS.get(status, status))


def file_size(size: int) -> str:
    if size < 1024:
        return f"{size} B"
    if size < 1024 * 1024:
        return f"{size / 1024:.0f} KB"
    return f"{size / 1024 / 1024:.1f} MB"


def percent(share: float | None) -> str:
    """0.873 as 87 %."""
    return "" if share is None else f"{round(share * 100)}%"
