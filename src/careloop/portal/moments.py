"""A moment as a customer reads it: the day, the hour, and whose clock that is."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timeuntil
from django.utils.translation import pgettext

from careloop.customers.models import Customer


def zone_of(customer: Customer) -> ZoneInfo:
    """The customer's own zone, else the desk's."""
    for name in (customer.timezone, settings.TIME_ZONE):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return ZoneInfo("UTC")


def day_and_hour(moment: datetime) -> str:
    """Monday 23 November, 15:00; 11月23日（星期一）15:00. In the zone that is active."""
    return date_format(timezone.localtime(moment), pgettext("day and hour for a customer", "l j F, H:i"))


def clock_name(moment: datetime) -> str:
    """Whose clock: UTC+08:00."""
    offset = timezone.localtime(moment).strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:5]}"


def span_until(moment: datetime, now: datetime) -> str:
    """How long until then, in one unit: 3 hours."""
    return timeuntil(moment, now, depth=1)
