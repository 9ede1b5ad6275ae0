"""Queries whose SQL is built once.

Django builds the SQL of a query anew each time: for a page of a dozen small queries that is half of the work. A
prepared query is an ordinary one whose text is kept; only its values change. For the few that every click asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from functools import update_wrapper
from itertools import count
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.sql.compiler import SQLCompiler

from careloop.common.db.reading import Conversion, Plan, conversions_of, instances, plan_of

M = TypeVar("M", bound=models.Model)
Value = bool | int | str | tuple[int, ...]

# Stand-ins are numbers that no row has, so that each is found again among the values of the built SQL.
FIRST_STAND_IN = 9_000_000_000_000_000_001


class prepared(Generic[M]):  # noqa: N801  (a decorator)
    """Makes of a function that gives a query set one that gives its rows, as a list.

    The arguments are numbers, words, or tuples of numbers, and become the values of the query; each length of a tuple
    and each value of a flag has its own text. The function must not look at numbers or words itself nor ask what time
    it is, and its query set does not prefetch. Raises :class:`TypeError` when an argument is no value of the query.
    """

    def __init__(self, build: Callable[..., models.QuerySet[M]]) -> None:
        self.build = build
        self._built: dict[tuple[object, ...], _Built[M]] = {}
        update_wrapper(self, build)

    def __call__(self, *values: Value) -> list[M]:
        connection = connections[DEFAULT_DB_ALIAS]
        shape = (connection.vendor, *(_shape(value) for value in values))
        built = self._built.get(shape)
        if built is None:
            built = self._built[shape] = _build(self.build, values)
        return built.rows(connection, list(_flat(values)))

    def first(self, *values: Value) -> M | None:
        """The first row, or None; the query itself should ask for one only."""
        return next(iter(self(*values)), None)


@dataclass(frozen=True, eq=False)
class _Built(Generic[M]):
    """The text, and where each value goes: a constant, or the place of an argument. No text: no row can match."""

    compiler: SQLCompiler | None
    plan: Plan[M] | None
    text: str
    constants: tuple[Any, ...]
    places: tuple[int | None, ...]

    def rows(self, connection: Any, values: list[Value]) -> list[M]:
        if self.plan is None:
            return []
        bound = tuple(
            constant if place is None else values[place]
            for constant, place in zip(self.constants, self.places, strict=True)
        )
        with connection.cursor() as cursor:
            cursor.execute(self.text, bound)
            found = cursor.fetchall()
        return list(instances(self.plan, self._conversions(connection), found, connection)) if found else []

    def _conversions(self, connection: Any) -> list[Conversion]:
        """They belong to the connection, so it keeps them."""
        known: dict[object, list[Conversion]] = connection.__dict__.setdefault("careloop_converters", {})
        if self not in known:
            compiler: Any = copy(self.compiler)
            compiler.connection = connection
            known[self] = conversions_of(compiler)
        return known[self]


def _build(build: Callable[..., models.QuerySet[M]], values: tuple[Value, ...]) -> _Built[M]:
    numbers = count(FIRST_STAND_IN)
    stand_ins = [_stand_in(value, numbers) for value in values]
    queryset = build(*stand_ins)
    compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
    try:
        text, params = compiler.as_sql()
    except EmptyResultSet:
        return _Built(None, None, "", (), ())
    place_of = {stand_in: place for place, stand_in in enumerate(_flat(tuple(stand_ins)))}
    places = tuple(place_of.get(param) if isinstance(param, int | str) else None for param in params)
    missing = set(range(len(place_of))) - set(places)
    if missing:
        raise TypeError(f"{build.__name__}: an argument does not reach the query as it is")  # a mistake in our code
    return _Built(compiler, plan_of(compiler), text, tuple(params), places)


def _shape(value: Value) -> object:
    if isinstance(value, bool):
        return value
    return len(value) if isinstance(value, tuple) else type(value)


def _stand_in(value: Value, numbers: Iterator[int]) -> Value:
    if isinstance(value, bool):
        return value
    if isinstance(value, tuple):
        return tuple(next(numbers) for _ in value)
    return next(numbers) if isinstance(value, int) else f"stand-in {next(numbers)}"


def _flat(values: tuple[Value, ...]) -> Iterator[int | str]:
    """The values in the order of the arguments, flags left out: they are part of the text."""
    for value in values:
        if isinstance(value, tuple):
            yield from value
        elif not isinstance(value, bool):
            yield value
