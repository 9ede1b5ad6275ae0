"""Starts Django for the commands that need the database."""

import os

SETTINGS = "careloop.config.settings"


def start_django() -> None:
    """Load settings and rooms; raises SettingError when a setting is wrong."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    django.setup()
