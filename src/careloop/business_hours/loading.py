"""Load the calendars and holiday lists that ship with the desk. Safe to run at every start."""

from __future__ import annotations

from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import yaml

from careloop.business_hours.models import Calendar, Holiday, SwapDay
from careloop.business_hours.services import publish
from careloop.common.transaction import writes


@writes
def load_shipped_calendars() -> list[Calendar]:
    """Make the calendars that are missing, give each the holiday lists it has not had yet, and publish.

    What an operator changed or deleted stays as it is: a list is loaded into a calendar once.
    """
    return [_load(entry) for entry in read_data("calendars.yaml")["calendars"]]


def read_data(name: str) -> Any:
    """One of the room's data files."""
    return yaml.safe_load(files("careloop.business_hours").joinpath("data", name).read_text("utf-8"))


def _load(entry: dict[str, Any]) -> Calendar:
    is_default = bool(entry.get("default")) and not Calendar.objects.filter(is_default=True).exists()
    calendar, _ = Calendar.objects.get_or_create(
        slug=entry["slug"],
        defaults={
            "name": entry["name"]["en"],
            "name_zh": entry["name"]["zh"],
            "zone": entry["zone"],
            "windows": entry["week"],
            "is_default": is_default,
        },
    )
    for name in entry.get("holidays", ()):
        if name not in calendar.loaded:
            _add_days(calendar, read_data(f"holidays_{name}.yaml"))
            calendar.loaded = [*calendar.loaded, name]
            calendar.save(update_fields=["loaded"])
    publish(calendar)
    return calendar


def _add_days(calendar: Calendar, data: dict[str, Any]) -> None:
    for year in data["years"]:
        common = {"source": year["source"], "confidence": year["confidence"]}
        for entry in year["days"]:
            named = {"name": entry["name"]["en"], "name_zh": entry["name"]["zh"], **common}
            Holiday.objects.bulk_create(
                [Holiday(calendar=calendar, date=day, **named) for day in _dates(entry)], ignore_conflicts=True
            )
            SwapDay.objects.bulk_create(
                [SwapDay(calendar=calendar, date=day, works_like=0, **named) for day in entry.get("worked", ())],
                ignore_conflicts=True,
            )


def _dates(entry: dict[str, Any]) -> list[date]:
    first, last = entry["from"], entry["until"]
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
