"""``careloop report weekly``."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import click

from careloop.common.commands import BadInput, start_django


@click.group()
def report() -> None:
    """Reports from recorded facts."""


@report.command()
@click.option("--week", default="", metavar="2026-W47", help="An ISO week; the last whole one if not given.")
@click.option("--format", "form", type=click.Choice(["html", "md", "json"]), default="md", show_default=True)
@click.option("--lang", type=click.Choice(["both", "zh", "en"]), default="both", show_default=True)
def weekly(week: str, form: str, lang: str) -> None:
    """Print the weekly report: volume, response, resolution, satisfaction, problems, suggestions, next week.

    What the lead edited or published is what is printed; numbers of an unpublished week are counted anew.
    """
    start_django()
    from django.conf import settings
    from django.utils import timezone

    from careloop.analytics.rendering import html, markdown
    from careloop.analytics.services import reports
    from careloop.analytics.weeks import NoSuchWeek, read_week, week_of

    zone = ZoneInfo(settings.TIME_ZONE)
    try:
        chosen = read_week(week) if week else week_of(timezone.localdate(timezone=zone)).before()
    except NoSuchWeek:
        raise BadInput(f"There is no week {week!r}; write it like 2026-W47.") from None
    made = reports.make(chosen, zone)
    languages = ("zh", "en") if lang == "both" else (lang,)
    if form == "json":
        click.echo(json.dumps(reports.as_json(made), ensure_ascii=False, indent=2))
    else:
        click.echo(html(made, languages) if form == "html" else markdown(made, languages))
