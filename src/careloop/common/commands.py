"""What the rooms' commands share: starting Django, and a refusal with a sentence and exit code 2."""

from __future__ import annotations

import os

import click

SETTINGS = "careloop.config.settings"


class BadInput(click.ClickException):
    """What was given cannot be used; the sentence goes to standard error, the exit code is 2."""

    exit_code = 2


def start_django() -> None:
    """Load settings and rooms; raises SettingError when a setting is wrong."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    django.setup()
