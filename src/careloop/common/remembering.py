"""Keep small, rarely changed settings rows in memory for a few seconds, so that not every message reads them.

A change made in this process is seen at once (the owner calls ``forget`` from its save signals); one made in
another process after at most ``SECONDS``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model
from django.db.models.signals import post_delete, post_save

T = TypeVar("T")

SECONDS = 5

_kept: dict[str, tuple[float, Any]] = {}


def remembered(key: str, load: Callable[[], T]) -> T:
    """What ``load`` found, at most a few seconds ago: the very same object for everybody, so nobody may change it."""
    now = time.monotonic()
    until, found = _kept.get(key, (0.0, None))
    if until < now:
        found = load()
        _kept[key] = (now + SECONDS, found)
    kept: T = found
    return kept


def forget(*keys: str) -> None:
    """Read anew next time: after a change that sends no signal, such as a bulk one."""
    for key in keys:
        _kept.pop(key, None)


def forget_everything() -> None:
    """For tests: nothing of one database may be remembered in the next."""
    _kept.clear()


def forget_on_change(key: str, *models: type[Model]) -> None:
    """Forget this key whenever a row of these models is saved or deleted. Called once, when the room is ready."""

    def changed(**_: Any) -> None:
        forget(key)

    for model in models:
        for signal in (post_save, post_delete):
            signal.connect(changed, sender=model, weak=False, dispatch_uid=f"forget {key} {model._meta.label}")
