"""Load the taxonomies that ship with the desk. Safe to run at every start.

At the first start the natures and the leaves of retail; other sectors are added from the taxonomy page. A newer version
of a loaded pack adds its new labels; what was changed, retired or merged here stays as it is.
"""

from __future__ import annotations

from django.utils import timezone, translation

from careloop.common.remembering import forget
from careloop.common.transaction import writes
from careloop.triage.engine.heads import LABELS, NATURE
from careloop.triage.engine.taxonomy import DEFAULT_SECTORS, Leaf, Pack, packaged_pack
from careloop.triage.labels import LABEL_NAMES
from careloop.triage.models import TaxonomyLabel, TaxonomyPack
from careloop.triage.taxonomy_in_use import TAXONOMY

GAP = 10  # between positions, so that a label can be put between two


@writes
def load_shipped_taxonomy() -> int:
    """The natures, and the packs of the sectors in use as far as they are newer; how many labels were added."""
    sectors = list(TaxonomyPack.objects.values_list("sector", flat=True)) or list(DEFAULT_SECTORS)
    return add_natures() + sum(add_pack(packaged_pack(sector)) for sector in sectors)


@writes
def add_natures() -> int:
    """The first level, whose keys the engine knows; how many were missing."""
    known = set(TaxonomyLabel.objects.filter(parent=None).values_list("key", flat=True))
    missing = [key for key in LABELS[NATURE] if key not in known]
    TaxonomyLabel.objects.bulk_create([_nature(key) for key in missing])
    forget(TAXONOMY)
    return len(missing)


@writes
def add_pack(pack: Pack) -> int:
    """The leaves of a pack that are not there yet; nothing when this version was loaded before."""
    loaded = TaxonomyPack.objects.filter(sector=pack.sector).first()
    if loaded is not None and loaded.version >= pack.version:
        return 0
    natures = {row.key: row for row in TaxonomyLabel.objects.filter(parent=None)}
    known = set(TaxonomyLabel.objects.values_list("key", flat=True))
    rows = [
        _row(leaf, natures[leaf.parent], pack.sector, place)
        for place, leaf in enumerate(pack.leaves, start=len(known))
        if leaf.key not in known
    ]
    TaxonomyLabel.objects.bulk_create(rows)
    TaxonomyPack.objects.update_or_create(
        sector=pack.sector, defaults={"version": pack.version, "at": timezone.now()}
    )  # fmt: skip
    forget(TAXONOMY)
    return len(rows)


def _nature(key: str) -> TaxonomyLabel:
    with translation.override("en"):
        name = str(LABEL_NAMES[NATURE][key])
    with translation.override("zh-hans"):
        name_zh = str(LABEL_NAMES[NATURE][key])
    return TaxonomyLabel(key=key, name=name, name_zh=name_zh, position=GAP * LABELS[NATURE].index(key))


def _row(leaf: Leaf, parent: TaxonomyLabel, sector: str, place: int) -> TaxonomyLabel:
    return TaxonomyLabel(
        key=leaf.key, parent=parent, sector=sector, name=leaf.name["en"], name_zh=leaf.name["zh"],
        description=leaf.description["en"], description_zh=leaf.description["zh"],
        examples={language: list(said) for language, said in leaf.examples.items()},
        terms={language: [list(pair) for pair in told] for language, told in leaf.terms.items()}, position=GAP * place,
    )  # fmt: skip
