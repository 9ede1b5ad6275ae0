"""Carry over what has the label that was split: by a term where one part alone has one, else by asking a person.

How far it came stands in the change itself and moves on in the transaction of each step, so that whoever goes on after
a killed process goes on where it ended, and two who do it at once take turns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.accounts.permissions import Permission, require
from careloop.common.db.rows import insert
from careloop.common.errors import Conflict
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.triage import events
from careloop.triage.doubts import SPLIT, WEIGHT
from careloop.triage.engine.prepare import Prepared, prepare
from careloop.triage.engine.taxonomy import NATURE_DETAIL, UNSPECIFIED, Leaf, Taxonomy
from careloop.triage.likeness import likeness
from careloop.triage.models import Prediction, ReviewItem, TaxonomyChange
from careloop.triage.taxonomy_in_use import known

if TYPE_CHECKING:
    from careloop.accounts.models import User

ROWS_A_STEP = 100
BY_TERM = "split by a term"


@writes
def carry_over(change_id: int) -> bool:
    """The next hundred predictions with the old label; whether there are more. Safe to run twice.

    The change counts what was moved and what people are asked about.
    """
    change = TaxonomyChange.objects.select_for_update(of=("self",)).select_related("label__parent").get(pk=change_id)
    rows = (
        Prediction.objects.current()
        .of_the_second_level()
        .filter(label=change.label.key, pk__gt=change.data.get("after", 0))
    )
    step = list(rows.select_related("conversation", "message").order_by("pk")[:ROWS_A_STEP])
    parts = _parts(change)
    for row in step:
        leaf = _leaf_of(row, parts)
        if leaf == UNSPECIFIED:
            _ask(row)
            change.data["asked"] += 1
        else:
            _move(row, leaf)
            change.data["moved"] += 1
    change.data["is_done"] = len(step) < ROWS_A_STEP
    change.data["at"] = timezone.now().isoformat()
    if step:
        change.data["after"] = step[-1].pk
    change.save(update_fields=["data"])
    return not change.data["is_done"]


@writes
def go_on(change: TaxonomyChange, *, by: User) -> None:
    """Carry on with a split that was held up. Records ``taxonomy.split`` again, which orders the work.

    Raises NotAllowed, and Conflict for a split that is done.
    """
    require(by, Permission.TAXONOMY_EDIT)
    change = TaxonomyChange.objects.select_for_update(of=("self",)).select_related("label").get(pk=change.pk)
    if not change.is_unfinished_split:
        raise Conflict("split_done", _("Everything with this label has been carried over already."))
    about = {"label": change.label.key, "again": True}
    record(events.TAXONOMY_SPLIT, by=by, subject="taxonomy_change", subject_id=change.pk, data=about)


def _parts(change: TaxonomyChange) -> Taxonomy:
    """The parts alone, as a small taxonomy under their nature."""
    keys = set(change.data["into"])
    return Taxonomy(tuple(leaf for leaf in known().taxonomy.leaves if leaf.key in keys))


def _leaf_of(row: Prediction, parts: Taxonomy) -> str:
    text = row.message.text if row.message is not None else row.conversation.subject
    prepared = prepare(text)
    told = {leaf.key for leaf in parts.leaves if _speaks(prepared, leaf)}
    return told.pop() if len(told) == 1 else UNSPECIFIED


def _speaks(prepared: Prepared, leaf: Leaf) -> bool:
    result = Taxonomy((leaf,)).judge(prepared, leaf.parent)
    return result is not None and result.label == leaf.key


def _move(row: Prediction, leaf: str) -> None:
    """The same word of the same person or machine, told more closely."""
    Prediction.objects.filter(pk=row.pk).update(is_current=False)
    Prediction.objects.create(
        conversation=row.conversation, message=row.message, head=NATURE_DETAIL, label=leaf, confidence=row.confidence,
        reasons=row.reasons, source=row.source, model_version=BY_TERM, at=timezone.now(),
    )  # fmt: skip


def _ask(row: Prediction) -> None:
    question = {NATURE_DETAIL: {"why": SPLIT, "other": "", "prediction": row.pk}}
    item = ReviewItem.objects.filter(conversation=row.conversation_id).first()
    if item is not None:
        item.asked |= question
        item.is_open = True
        item.save(update_fields=["asked", "is_open"])
        return
    first, second = likeness(row.message.text if row.message is not None else "")
    insert([
        ReviewItem(
            conversation=row.conversation, team_id=row.conversation.team_id, asked=question,
            worth=WEIGHT[NATURE_DETAIL], likeness_a=first, likeness_b=second, at=timezone.now(),
        )
    ])  # fmt: skip
