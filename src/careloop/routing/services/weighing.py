"""Change how priority is scored, and score the queue anew in the background."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from careloop.accounts.permissions import Permission, require
from careloop.common.courtesy import courtesy
from careloop.common.events import record
from careloop.common.remembering import forget
from careloop.common.transaction import writes
from careloop.routing import events
from careloop.routing.models import PriorityWeights, QueueEntry, SourceImportance
from careloop.routing.scoring import SOURCES, place
from careloop.routing.services.prioritising import rescore
from careloop.triage.models import Prediction

if TYPE_CHECKING:
    from careloop.accounts.models import User

BATCH = 200
FIELDS = ("severity", "value", "source", "late_factor", "gamma", "severities", "handling_hours")


@writes
def change_weights(*, by: User, **changes: Any) -> PriorityWeights:
    """Set new weights. Records ``priority.changed`` with old and new; the queue is scored anew after it.

    Raises NotAllowed for people who may not, ValidationError for weights that make no sense.
    """
    require(by, Permission.PRIORITY_EDIT)
    weights = PriorityWeights.objects.select_for_update().filter(pk=1).first() or PriorityWeights()
    old = {field: getattr(weights, field) for field in FIELDS}
    for field, value in changes.items():
        setattr(weights, field, value)
    weights.full_clean()
    return _save(weights, by, {"old": old, "new": {field: getattr(weights, field) for field in FIELDS}})


@writes
def change_source(source: SourceImportance, *, by: User, is_gone: bool = False) -> PriorityWeights:
    """Set (or take away) the importance of one source. Records ``priority.changed``; the queue follows."""
    require(by, Permission.PRIORITY_EDIT)
    named = {"fact": source.fact, "which": source.value, "importance": None if is_gone else source.importance}
    if is_gone:
        source.delete()
    else:
        source.full_clean()
        source.save()
    weights = PriorityWeights.objects.select_for_update().filter(pk=1).first() or PriorityWeights()
    return _save(weights, by, {"source": named})


@writes
def rescore_batch(after_id: int = 0) -> int | None:
    """Score the next rows that wait and were scored with other weights; the last id, or None at the end.

    Everything a score needs lies in the row, so nothing else is read. Safe to run twice and beside new messages.
    """
    weights = PriorityWeights.objects.filter(pk=1).first() or PriorityWeights()
    rows = QueueEntry.objects.waiting().filter(pk__gt=after_id).exclude(weights_version=weights.version)
    entries = list(rows.order_by("pk").select_for_update()[:BATCH])
    forget(SOURCES)  # another process may have changed them a moment ago
    for entry in entries:
        place(entry, entry.parts["inputs"], weights)
    QueueEntry.objects.bulk_update(entries, ["tier", "klass", "parts", "weights_version"])
    return entries[-1].pk if entries else None


def rescore_some_of(customer_ids: Collection[int], after_id: int = 0) -> int | None:
    """Score anew what waits of these customers, each in its own transaction; the last id, or None at the end.

    A customer's value is read again, so it is safe to run twice and late. Makes way for requests between two.
    """
    rows = QueueEntry.objects.waiting().filter(conversation__customer__in=customer_ids, pk__gt=after_id)
    entries = list(rows.select_related("conversation__customer", "conversation__inbox").order_by("pk")[:BATCH])
    for entry in entries:
        courtesy.make_way(0)
        findings = Prediction.objects.current().filter(conversation=entry.conversation_id)
        rescore(entry.conversation, list(findings))
    return entries[-1].pk if len(entries) == BATCH else None


def _save(weights: PriorityWeights, by: User, change: dict[str, Any]) -> PriorityWeights:
    weights.version += 1
    weights.changed_at, weights.changed_by = timezone.now(), by
    weights.save()
    record(events.PRIORITY_CHANGED, by=by, subject="weights", data={**change, "version": weights.version})
    return weights
