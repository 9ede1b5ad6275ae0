"""Fails when a model and its migrations disagree."""

from __future__ import annotations

import os

import django
from django.core.management import call_command

os.environ["DJANGO_SETTINGS_MODULE"] = "careloop.config.settings_test"
django.setup()
call_command("makemigrations", "--check", "--dry-run")
