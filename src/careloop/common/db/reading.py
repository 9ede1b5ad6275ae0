"""Rows of a built query as model instances, the way of doing so worked out once.

Django works it out anew for each query: which column belongs to which model, how each value is converted, which
deferred field is missing. For a page of a dozen small queries that took longer than SQLite needed to find the rows.
What comes out is the same: the same classes, conversions, deferred fields and related rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Generic, TypeVar

from django.db.models import Model
from django.db.models.base import ModelState
from django.db.models.signals import post_init, pre_init
from django.db.models.sql.compiler import SQLCompiler

M = TypeVar("M", bound=Model)
Conversion = tuple[int, list[Callable[[Any, Any, Any], Any]], Any]


@dataclass(frozen=True, eq=False)
class Plan(Generic[M]):
    """Which columns of a row become an instance of which model, and which further instances hang on it."""

    model: type[M]
    names: tuple[str, ...]
    values: Callable[[Sequence[Any]], tuple[Any, ...]]
    key: int
    """The column of the primary key; empty when an outer join found nothing."""
    is_plain: bool
    """Whether the model is made by Django's own constructor and nobody listens to it."""
    annotations: tuple[tuple[str, int], ...]
    related: tuple[Related, ...]

    def instance(self, row: Sequence[Any], alias: str) -> M | None:
        if row[self.key] is None:
            return None
        made = self._made(self.values(row), alias)
        for each in self.related:
            each.hang_on(made, row, alias)
        for name, column in self.annotations:
            setattr(made, name, row[column])
        return made

    def _made(self, values: tuple[Any, ...], alias: str) -> M:
        if not self.is_plain:
            return self.model.from_db(alias, self.names, values)
        made = self.model.__new__(self.model)
        made._state = state = ModelState()
        state.adding, state.db = False, alias
        made.__dict__.update(zip(self.names, values, strict=True))
        return made


@dataclass(frozen=True, eq=False)
class Related:
    """A row read along (``select_related``), and how both sides remember each other."""

    plan: Plan[Any]
    remember: Callable[[Model, Model | None], None]
    remember_back: Callable[[Model, Model], None]

    def hang_on(self, owner: Model, row: Sequence[Any], alias: str) -> None:
        found = self.plan.instance(row, alias)
        self.remember(owner, found)
        if found is not None:
            self.remember_back(found, owner)


def plan_of(compiler: SQLCompiler) -> Plan[Any]:
    """The plan of a compiler whose SQL is built. Raises :class:`TypeError` for rows of an inherited model."""
    assert compiler.klass_info is not None
    return _plan(compiler.klass_info, compiler.select, tuple((compiler.annotation_col_map or {}).items()))


def conversions_of(compiler: SQLCompiler) -> list[Conversion]:
    """Which columns are converted, and how; they belong to the compiler's connection."""
    columns = [each[0] for each in compiler.select[: compiler.col_count]]
    return [(at, steps, column) for at, (steps, column) in compiler.get_converters(columns).items()]


def instances(
    plan: Plan[M], conversions: Sequence[Conversion], found: Sequence[Sequence[Any]], connection: Any
) -> Iterator[M]:
    """An instance for each row that the database gave."""
    for each in found:
        row = list(each)
        for at, steps, column in conversions:
            value = row[at]
            for step in steps:
                value = step(value, column, connection)
            row[at] = value
        made = plan.instance(row, connection.alias)
        assert made is not None
        yield made


def _plan(info: dict[str, Any], select: Sequence[Any], annotations: tuple[tuple[str, int], ...] = ()) -> Plan[Any]:
    if info.get("from_parent"):
        raise TypeError(f"{info['model'].__name__}: rows of an inherited model are not prepared")
    model: type[Model] = info["model"]
    columns = info["select_fields"]
    names = tuple(select[at][0].target.attname for at in columns)
    first, behind = columns[0], columns[-1] + 1
    if tuple(columns) != tuple(range(first, behind)):
        raise TypeError(f"{model.__name__}: the columns of a model lie side by side")
    key = columns[names.index(model._meta.pk_fields[0].attname)]
    cut: Callable[[Sequence[Any]], tuple[Any, ...]] = itemgetter(slice(first, behind))
    related = tuple(
        Related(_plan(each, select), each["local_setter"], each["remote_setter"])
        for each in info.get("related_klass_infos", ())
    )
    return Plan(model, names, cut, key, _is_plain(model), annotations, related)


def _is_plain(model: type[Model]) -> bool:
    is_made_by_django = model.__init__ is Model.__init__ and model.from_db.__func__ is Model.from_db.__func__  # type: ignore[attr-defined]
    return is_made_by_django and not (pre_init.has_listeners(model) or post_init.has_listeners(model))
