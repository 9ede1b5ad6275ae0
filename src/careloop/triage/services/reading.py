"""What is believed of many conversations, in one query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from careloop.triage.engine.heads import CRISIS, NATURE, NONE
from careloop.triage.engine.taxonomy import NATURE_DETAIL
from careloop.triage.labels import Name, choices
from careloop.triage.models import Prediction


def current_predictions(conversation_ids: Collection[int]) -> dict[int, list[Prediction]]:
    """The current predictions of each conversation that has any, head by head."""
    found: dict[int, list[Prediction]] = defaultdict(list)
    for row in Prediction.objects.current().filter(conversation_id__in=conversation_ids).order_by("head", "pk"):
        found[row.conversation_id].append(row)
    return dict(found)


def crisis_signals(conversation_id: int) -> set[str]:
    """The signals of danger that hold now, however faint: the machine's, or a person's word instead of it."""
    rows = Prediction.objects.current().filter(conversation_id=conversation_id, head=CRISIS).exclude(label=NONE)
    return set(rows.values_list("label", flat=True))


def choices_for(row: Prediction) -> list[tuple[str, Name]]:
    """The labels a person may choose instead of a prediction: of the second level those of the nature that holds."""
    if row.head != NATURE_DETAIL:
        return choices(row.head)
    natures = Prediction.objects.current().filter(conversation_id=row.conversation_id, head=NATURE)
    return choices(row.head, natures.values_list("label", flat=True).first() or "")
