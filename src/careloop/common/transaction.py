"""The one way to change the database: a short transaction.

On SQLite the backend (``careloop.common.db.sqlite``) begins every transaction IMMEDIATE and takes the
process-wide write lock first, so writers queue fairly instead of polling SQLite's own lock.
Reads never open a transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import transaction

P = ParamSpec("P")
R = TypeVar("R")

_OPEN = "careloop_write_is_open"


@contextmanager
def write() -> Iterator[None]:
    """Everything inside happens, or nothing. Keep it under 50 ms: others wait behind it.

    A verb that is called within another verb is part of its transaction and costs nothing extra. Whoever means
    to go on after a part failed puts that part in :func:`attempt`.
    """
    connection = transaction.get_connection()
    if getattr(connection, _OPEN, False):
        yield
        return
    with transaction.atomic():
        setattr(connection, _OPEN, True)
        try:
            yield
        finally:
            setattr(connection, _OPEN, False)


@contextmanager
def write_again() -> Iterator[None]:
    """A write that will be done once more, from rows that are on the disk, should a power failure forget it.

    On SQLite its commit does not wait for the disk; the next durable one carries it there.
    """
    connection = transaction.get_connection()
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with write():
            yield
        return
    with connection.losing_at_most_this_at_power_loss(), write():
        yield


@contextmanager
def attempt() -> Iterator[None]:
    """A part of a write that may fail by itself, undone alone when it raises: a savepoint of its own, or all of the
    transaction where none is open yet.
    """
    if not getattr(transaction.get_connection(), _OPEN, False):
        with write():
            yield
        return
    with transaction.atomic():
        yield


def writes(function: Callable[P, R]) -> Callable[P, R]:
    """A verb that is one transaction."""

    @wraps(function)
    def in_transaction(*args: P.args, **kwargs: P.kwargs) -> R:
        with write():
            return function(*args, **kwargs)

    return in_transaction
