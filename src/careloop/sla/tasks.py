"""Clocks in the background."""

from __future__ import annotations

from django_tasks import task

from careloop.sla.services.watching import watch


@task()
def watch_clocks() -> int:
    """Warn of what is nearly due and mark what is late; every minute."""
    return watch()
