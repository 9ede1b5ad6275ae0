"""The few statements that run for every message: insert rows, write some columns, read one row.

They do what ``bulk_create``, ``save(update_fields=…)``, ``refresh_from_db`` and ``get`` do, by the same fields and
conversions, but compose their SQL once instead of each time: composing took three to five times as long as running.
No signals are sent, as with ``bulk_create``. Everything that runs less often than a message uses the ORM.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, TypeVar

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateTimeField, Field, JSONField, Model

M = TypeVar("M", bound=Model)

MOST_PARAMETERS = 900
_PLAIN = frozenset({str, int, float, bool, bytes, type(None)})


class _Column(NamedTuple):
    name: str
    attribute: str
    field: Field[Any, Any]
    has_own_value: bool
    """Whether the field makes its value when the row is written (``auto_now_add``)."""
    is_plain: bool
    is_moment: bool


def insert(rows: Sequence[M], *, on_conflict: str = "") -> Sequence[M]:
    """Write new rows of one model, in one statement where they fit, and give them their ids.

    ``on_conflict`` is what follows ON CONFLICT, in the words both databases share.
    """
    if not rows:
        return rows
    columns = _columns(type(rows[0]))
    step = MOST_PARAMETERS // len(columns)
    for first in range(0, len(rows), step):
        _insert_some(rows[first : first + step], columns, on_conflict)
    return rows


def update(row: Model, *names: str) -> bool:
    """Write these fields of a row; False when it is gone."""
    connection = transaction.get_connection()
    values = [_adapted(row, column, connection, is_new=False) for column in _named(type(row), names)]
    with connection.cursor() as cursor:
        cursor.execute(_update_statement(type(row), names), [*values, row.pk])
        return bool(cursor.rowcount)


def reread(row: Model, *names: str, lock: bool = False) -> None:
    """Bring these fields up to date; ``lock`` holds the row until the transaction ends, where rows can be held.

    Raises the model's ``DoesNotExist`` when the row is gone.
    """
    connection = transaction.get_connection()
    is_locking = lock and connection.features.has_select_for_update
    with connection.cursor() as cursor:
        cursor.execute(_select_statement(type(row), names, is_locking), [row.pk])
        found = cursor.fetchone()
    if found is None:
        raise type(row).DoesNotExist(f"{type(row).__name__} {row.pk} is gone")  # type: ignore[attr-defined]
    converters = _converters(type(row), names, connection)
    for column, convert, value in zip(_named(type(row), names), converters, found, strict=True):
        setattr(row, column.attribute, convert(value))


def fetch(model: type[M], pk: int) -> M:
    """The row with this number; raises the model's ``DoesNotExist``."""
    row = find(model, "id", pk)
    if row is None:
        raise model.DoesNotExist(f"{model.__name__} {pk} does not exist")  # type: ignore[attr-defined]
    return row


def find(model: type[M], column: str, value: str | int) -> M | None:
    """The row with this value in a column that names it, or None."""
    connection = transaction.get_connection()
    with connection.cursor() as cursor:
        cursor.execute(_find_statement(model, column), [value])
        found = cursor.fetchone()
    if found is None:
        return None
    names = _all_names(model)
    values = [convert(value) for convert, value in zip(_converters(model, names, connection), found, strict=True)]
    return model.from_db(connection.alias, [column.attribute for column in _named(model, names)], values)


def _insert_some(rows: Sequence[Model], columns: Sequence[_Column], on_conflict: str) -> None:
    connection = transaction.get_connection()
    values = [_adapted(row, column, connection, is_new=True) for row in rows for column in columns]
    with connection.cursor() as cursor:
        cursor.execute(_insert_statement(type(rows[0]), len(rows), on_conflict), values)
        for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = pk
            row._state.adding = False
            row._state.db = connection.alias


def _adapted(row: Model, column: _Column, connection: BaseDatabaseWrapper, *, is_new: bool) -> Any:
    """The value as the database takes it."""
    value = column.field.pre_save(row, is_new) if column.has_own_value else getattr(row, column.attribute)
    if column.is_plain and type(value) in _PLAIN:
        return value
    if column.is_moment and type(value) is datetime:
        return connection.ops.adapt_datetimefield_value(value)
    return column.field.get_db_prep_save(value, connection)


@cache
def _columns(model: type[Model]) -> tuple[_Column, ...]:
    """All columns but the number, which the database gives."""
    return tuple(_column(field) for field in model._meta.concrete_fields if not field.primary_key)


@cache
def _named(model: type[Model], names: tuple[str, ...]) -> tuple[_Column, ...]:
    return tuple(_column(model._meta.get_field(name)) for name in names)  # type: ignore[arg-type]


@cache
def _all_names(model: type[Model]) -> tuple[str, ...]:
    return tuple(field.name for field in model._meta.concrete_fields)


@cache
def _find_statement(model: type[Model], column: str) -> str:
    return _select_statement(model, _all_names(model), is_locking=False).replace('WHERE "id"', f'WHERE "{column}"')


def _column(field: Field[Any, Any]) -> _Column:
    is_moment = isinstance(field, DateTimeField)
    is_dated = bool(getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False))
    has_own_value = is_dated if is_moment else type(field).pre_save is not Field.pre_save
    return _Column(
        str(field.column), field.attname, field, has_own_value,
        is_plain=not is_moment and not isinstance(field, JSONField), is_moment=is_moment,
    )  # fmt: skip


@cache
def _insert_statement(model: type[Model], count: int, on_conflict: str) -> str:
    names = ", ".join(f'"{column.name}"' for column in _columns(model))
    places = "(" + ", ".join(["%s"] * len(_columns(model))) + ")"
    conflict = f" ON CONFLICT {on_conflict}" if on_conflict else ""
    table = model._meta.db_table
    return f'INSERT INTO "{table}" ({names}) VALUES {", ".join([places] * count)}{conflict} RETURNING "id"'  # noqa: S608 - names of our own models


@cache
def _update_statement(model: type[Model], names: tuple[str, ...]) -> str:
    assigned = ", ".join(f'"{column.name}" = %s' for column in _named(model, names))
    return f'UPDATE "{model._meta.db_table}" SET {assigned} WHERE "id" = %s'  # noqa: S608 - names of our own models


@cache
def _select_statement(model: type[Model], names: tuple[str, ...], is_locking: bool) -> str:
    wanted = ", ".join(f'"{column.name}"' for column in _named(model, names))
    lock = " FOR UPDATE" if is_locking else ""
    return f'SELECT {wanted} FROM "{model._meta.db_table}" WHERE "id" = %s{lock}'  # noqa: S608 - as above


def _converters(
    model: type[Model], names: tuple[str, ...], connection: BaseDatabaseWrapper
) -> list[Callable[[Any], Any]]:
    """How each value is read. They belong to the connection, so it keeps them."""
    kept: dict[Any, list[Callable[[Any], Any]]] = connection.__dict__.setdefault("careloop_converters", {})
    if (model, names) not in kept:
        kept[model, names] = [_converter(column.field, connection) for column in _named(model, names)]
    return kept[model, names]


def _converter(field: Field[Any, Any], connection: BaseDatabaseWrapper) -> Callable[[Any], Any]:
    expression = field.get_col(field.model._meta.db_table)
    steps = [*connection.ops.get_db_converters(expression), *expression.get_db_converters(connection)]

    def convert(value: Any) -> Any:
        for step in steps:
            value = step(value, expression, connection)
        return value

    return convert if steps else _as_it_is


def _as_it_is(value: Any) -> Any:
    return value
