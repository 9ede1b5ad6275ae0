"""Change the taxonomy: add, rename, move, retire, merge and split labels. Each verb one transaction and one event.

Predictions, corrections and answers keep the key they were given. A merged label resolves to the one it became wherever
a key is read (names, choices, training), so merging rewrites nothing and can be undone at any time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.accounts.permissions import Permission, require
from careloop.common.errors import Conflict, InvalidInput
from careloop.common.events import record
from careloop.common.remembering import forget
from careloop.common.transaction import writes
from careloop.triage import events
from careloop.triage.engine.taxonomy import SECTORS, UNSPECIFIED, packaged_pack
from careloop.triage.loading import GAP, add_natures, add_pack
from careloop.triage.models import TaxonomyChange, TaxonomyLabel, TaxonomyPack
from careloop.triage.taxonomy_in_use import TAXONOMY

if TYPE_CHECKING:
    from careloop.accounts.models import User

ORDINARY_WEIGHT: Final = 4.0
MOST_TERMS: Final = 60
LONGEST_TERM: Final = 40
MOST_PARTS: Final = 6
_KEY = re.compile(r"[a-z][a-z0-9_]{1,62}")
_WEIGHT = re.compile(r"^(.*\S)\s+=\s*([1-5])$")

Kind = TaxonomyChange.Kind


@dataclass(frozen=True, slots=True)
class Wording:
    """What a label is called and which terms speak for it, as a person typed it."""

    name: str
    name_zh: str
    description: str = ""
    description_zh: str = ""
    terms: Mapping[str, Sequence[tuple[str, float]]] = field(default_factory=dict)

    def fields(self) -> dict[str, Any]:
        """The columns; raises InvalidInput without a name in each language, or with too much."""
        names = [" ".join(self.name.split()), " ".join(self.name_zh.split())]
        if not all(names):
            raise InvalidInput("name_missing", _("Give the label a name in English and in Chinese."))
        told = [self.description.strip(), self.description_zh.strip()]
        if max(map(len, names)) > 80 or max(map(len, told)) > 300:
            raise InvalidInput("too_long", _("A name has at most 80 characters, a description 300."))
        terms = {language: [list(pair) for pair in pairs] for language, pairs in self.terms.items()}
        return {
            "name": names[0], "name_zh": names[1], "description": told[0], "description_zh": told[1], "terms": terms
        }  # fmt: skip


@writes
def load_sector(sector: str, *, by: User) -> int:
    """Add the shipped labels of a sector; how many. Records ``taxonomy.pack_loaded``."""
    require(by, Permission.TAXONOMY_EDIT)
    if sector not in SECTORS:
        raise InvalidInput("unknown_sector", _("There is no pack for this sector."), data={"sector": sector[:24]})
    add_natures()
    added = add_pack(packaged_pack(sector))
    record(events.PACK_LOADED, by=by, subject="taxonomy", data={"sector": sector, "labels": added})
    return added


@writes
def add(parent: TaxonomyLabel, key: str, wording: Wording, *, by: User) -> TaxonomyLabel:
    """A new leaf under a nature. Records ``taxonomy.changed``; the key must be new and is kept for ever."""
    require(by, Permission.TAXONOMY_EDIT)
    label = _new(parent, key, wording)
    _note(Kind.ADDED, label, by, {"parent": parent.key})
    return label


@writes
def rename(label: TaxonomyLabel, wording: Wording, *, by: User) -> TaxonomyLabel:
    """Other names, description or terms; what was said before is kept in the change. Records ``taxonomy.changed``."""
    require(by, Permission.TAXONOMY_EDIT)
    label = _locked(label)
    before = {name: getattr(label, name) for name in wording.fields()}
    for name, value in wording.fields().items():
        setattr(label, name, value)
    label.is_own = True
    label.save()
    _note(Kind.RENAMED, label, by, {"before": before})
    return label


@writes
def move(label: TaxonomyLabel, parent: TaxonomyLabel, *, by: User) -> TaxonomyLabel:
    """A leaf under another nature, at its end. Predictions made so far keep what they said of the nature."""
    require(by, Permission.TAXONOMY_EDIT)
    label = _leaf(label)
    if parent.parent_id is not None:
        raise InvalidInput("not_a_nature", _("A leaf stands under a nature, not under another leaf."))
    before = label.parent
    label.parent, label.position, label.is_own = parent, _last_position(), True
    label.save(update_fields=["parent", "position", "is_own"])
    _note(Kind.MOVED, label, by, {"from": before.key if before else "", "to": parent.key})
    return label


@writes
def retire(label: TaxonomyLabel, *, by: User) -> TaxonomyLabel:
    """From now on nobody chooses or predicts it; what it was said of keeps it. Records ``taxonomy.changed``."""
    require(by, Permission.TAXONOMY_EDIT)
    label = _in_use(label)
    label.retired_at, label.is_own = timezone.now(), True
    label.save(update_fields=["retired_at", "is_own"])
    _note(Kind.RETIRED, label, by, {})
    return label


@writes
def restore(label: TaxonomyLabel, *, by: User) -> TaxonomyLabel:
    """A retired label is back in use; a merged one is its own again. Records ``taxonomy.changed``."""
    require(by, Permission.TAXONOMY_EDIT)
    label = _leaf(label)
    if label.retired_at is None:
        raise Conflict("in_use", _("This label is in use already."))
    into = label.merged_into
    label.retired_at, label.merged_into, label.is_own = None, None, True
    label.save(update_fields=["retired_at", "merged_into", "is_own"])
    _note(Kind.UNMERGED if into else Kind.RESTORED, label, by, {"from": into.key} if into else {})
    return label


@writes
def merge(label: TaxonomyLabel, into: TaxonomyLabel, *, by: User) -> TaxonomyLabel:
    """From now on ``label`` means ``into``: for names, choices, training and every reader of an old key.

    Its terms speak for the other; predictions and corrections are not rewritten, so :func:`restore` undoes it.
    Raises :class:`Conflict` for labels that are not both in use, InvalidInput for a label merged into itself.
    """
    require(by, Permission.TAXONOMY_EDIT)
    label, into = _in_use(label), _in_use(into)
    if label.pk == into.pk:
        raise InvalidInput("same_label", _("Choose another label to merge into."))
    label.retired_at, label.merged_into, label.is_own = timezone.now(), into, True
    label.save(update_fields=["retired_at", "merged_into", "is_own"])
    _note(Kind.MERGED, label, by, {"into": into.key})
    return into


@dataclass(frozen=True, slots=True)
class PartOfSplit:
    key: str
    wording: Wording


@writes
def split(label: TaxonomyLabel, parts: Sequence[PartOfSplit], *, by: User) -> TaxonomyChange:
    """Several new leaves instead of one, which retires. Records ``taxonomy.split``.

    What carries the old label is carried over in the background (``services.splitting``): moved where a term of one
    part alone speaks, else put before a person in the review queue.
    """
    require(by, Permission.TAXONOMY_EDIT)
    label = _in_use(label)
    if not 2 <= len(parts) <= MOST_PARTS:
        raise InvalidInput("parts", _("Split a label into two to six parts."))
    assert label.parent is not None
    made = [_new(label.parent, part.key, part.wording) for part in parts]
    label.retired_at, label.is_own = timezone.now(), True
    label.save(update_fields=["retired_at", "is_own"])
    change = _note(Kind.SPLIT, label, by, {"into": [row.key for row in made], "moved": 0, "asked": 0, "is_done": False})
    record(events.TAXONOMY_SPLIT, by=by, subject="taxonomy_change", subject_id=change.pk, data={"label": label.key})
    return change


def terms_from(text: str) -> list[tuple[str, float]]:
    """Terms as typed, one a line or set apart by commas, each with ``= 1`` to ``= 5`` behind it or of weight 4.

    Raises InvalidInput for too many or too long ones.
    """
    pieces = [" ".join(piece.split()) for piece in re.split(r"[\n,，;；、]", text)]
    found = list(dict.fromkeys(piece for piece in pieces if piece))
    if len(found) > MOST_TERMS or any(len(piece) > LONGEST_TERM for piece in found):
        raise InvalidInput("terms", _("At most 60 terms of at most 40 characters each."))
    return [_weighed(piece) for piece in found]


def _weighed(piece: str) -> tuple[str, float]:
    match = _WEIGHT.match(piece)
    return (match[1], float(match[2])) if match else (piece, ORDINARY_WEIGHT)


def _new(parent: TaxonomyLabel, key: str, wording: Wording) -> TaxonomyLabel:
    if parent.parent_id is not None:
        raise InvalidInput("not_a_nature", _("A leaf stands under a nature, not under another leaf."))
    if not _KEY.fullmatch(key) or key == UNSPECIFIED:
        raise InvalidInput(
            "bad_key", _("A key is two or more small letters, digits and underscores, beginning with a letter.")
        )
    if TaxonomyLabel.objects.filter(key=key).exists():
        raise Conflict("key_taken", _("There is a label with the key “%(key)s” already.") % {"key": key})
    return TaxonomyLabel.objects.create(
        key=key, parent=parent, position=_last_position(), is_own=True, **wording.fields()
    )  # fmt: skip


def _last_position() -> int:
    return (TaxonomyLabel.objects.aggregate(last=Max("position"))["last"] or 0) + GAP


def _locked(label: TaxonomyLabel) -> TaxonomyLabel:
    return TaxonomyLabel.objects.select_for_update(of=("self",)).select_related("parent").get(pk=label.pk)


def _leaf(label: TaxonomyLabel) -> TaxonomyLabel:
    """Raises InvalidInput for a nature: the engine knows those, and they stay."""
    label = _locked(label)
    if label.parent_id is None:
        raise InvalidInput("nature_stays", _("The first level stays; only its names can be changed."))
    return label


def _in_use(label: TaxonomyLabel) -> TaxonomyLabel:
    label = _leaf(label)
    if label.retired_at is not None:
        raise Conflict("retired", _("The label “%(name)s” is no longer in use.") % {"name": label})
    return label


def _note(kind: str, label: TaxonomyLabel, by: User, data: dict[str, Any]) -> TaxonomyChange:
    """Keep the change and record it, except a split, which has an event of its own."""
    forget(TAXONOMY)
    change = TaxonomyChange.objects.create(kind=kind, label=label, by=by, at=timezone.now(), data=data)
    if kind != Kind.SPLIT:
        record(
            events.TAXONOMY_CHANGED, by=by, subject="taxonomy_change", subject_id=change.pk,
            data={"change": kind, "label": label.key},
        )  # fmt: skip
    return change


def loaded_sectors() -> set[str]:
    return set(TaxonomyPack.objects.values_list("sector", flat=True))
