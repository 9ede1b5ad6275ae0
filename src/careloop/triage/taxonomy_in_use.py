"""The taxonomy that counts now: the rows of this installation, or what ships where none are loaded.

Remembered for a few seconds, since every message and every panel asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from careloop.common.remembering import forget_on_change, remembered
from careloop.triage.engine.classifier import BlendedClassifier, Classifier
from careloop.triage.engine.taxonomy import (
    NATURE_DETAIL,
    UNSPECIFIED,
    DetailedClassifier,
    Leaf,
    Taxonomy,
    packaged_taxonomy,
)
from careloop.triage.models import TaxonomyLabel

TAXONOMY = "triage taxonomy"
NOT_TOLD = _("Not told more closely")


@dataclass(frozen=True, slots=True)
class Named:
    """A label as screens need it."""

    key: str
    parent: str
    name: str
    name_zh: str
    is_in_use: bool
    into: str  # the key it resolves to: its own, unless it was merged

    @property
    def shown(self) -> str:
        return self.name_zh if (get_language() or "").startswith("zh") else self.name


@dataclass(frozen=True)
class Known:
    """All labels by key, in their order, and the leaves as the engine takes them."""

    labels: Mapping[str, Named]
    taxonomy: Taxonomy

    @cached_property
    def edition(self) -> int:
        """Another number after every change of a name, a place or what may be chosen."""
        return hash(tuple(self.labels.values()))

    def resolve(self, key: str) -> str:
        """What the label is called today: a merged one by what it was merged into, step by step."""
        seen = set()
        while key in self.labels and self.labels[key].into != key and key not in seen:
            seen.add(key)
            key = self.labels[key].into
        return key

    def name(self, key: str) -> str | None:
        """The label's name in the reader's language; None for a key nobody knows."""
        found = self.labels.get(self.resolve(key))
        return found.shown if found else None

    def leaves_of(self, nature: str) -> list[Named]:
        """What may be chosen under a nature, in order."""
        return [label for label in self.labels.values() if label.parent and label.parent == nature and label.is_in_use]


def known() -> Known:
    return remembered(TAXONOMY, _read)


def detailed(inner: Classifier) -> DetailedClassifier:
    """The classifier with the second level beside its heads; a model of that head has its say."""
    taxonomy = known().taxonomy
    model = inner.models.get(NATURE_DETAIL) if isinstance(inner, BlendedClassifier) else None
    return DetailedClassifier(inner, taxonomy if model is None else Taxonomy(taxonomy.leaves, model))


def detail_choices(nature: str) -> list[tuple[str, str | Promise]]:
    """The leaves a person may choose under a nature, with the one that says that no more is known."""
    leaves: list[tuple[str, str | Promise]] = [(leaf.key, leaf.shown) for leaf in known().leaves_of(nature)]
    return [*leaves, (UNSPECIFIED, NOT_TOLD)] if leaves else []


def watch_changes() -> None:
    """Called once, when the room is ready."""
    forget_on_change(TAXONOMY, TaxonomyLabel)


def _read() -> Known:
    rows = list(TaxonomyLabel.objects.in_order().select_related("parent", "merged_into"))
    if not rows:
        return _shipped()
    named = Known({row.key: _named(row) for row in rows}, Taxonomy(()))
    leaves = (_leaf(row, named) for row in rows if row.parent is not None)
    return Known(named.labels, Taxonomy(tuple(leaf for leaf in leaves if leaf is not None)))


def _shipped() -> Known:
    taxonomy = packaged_taxonomy()
    named = {
        leaf.key: Named(leaf.key, leaf.parent, leaf.name["en"], leaf.name["zh"], True, leaf.key)
        for leaf in taxonomy.leaves
    }
    return Known(named, taxonomy)


def _named(row: TaxonomyLabel) -> Named:
    parent = row.parent.key if row.parent else ""
    into = row.merged_into.key if row.merged_into else row.key
    return Named(row.key, parent, row.name, row.name_zh, row.retired_at is None, into)


def _leaf(row: TaxonomyLabel, named: Known) -> Leaf | None:
    """The terms of a merged label speak for the one it became; a retired one is silent."""
    meant = named.labels[named.resolve(row.key)]
    if not meant.is_in_use:
        return None
    terms = {
        language: tuple((str(term), float(weight)) for term, weight in told) for language, told in row.terms.items()
    }
    return Leaf(meant.key, meant.parent, terms)
