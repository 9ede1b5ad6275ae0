"""The second level follows the first: when a person says another nature, the leaf is judged anew under it."""

from __future__ import annotations

from datetime import datetime

from careloop.triage.engine.prepare import prepare
from careloop.triage.engine.taxonomy import NATURE_DETAIL
from careloop.triage.models import Prediction
from careloop.triage.taxonomy_in_use import known


def follow_nature(nature: Prediction, at: datetime) -> Prediction | None:
    """The leaf under the nature that holds now, by the words of its message; the earlier leaf is history.

    A leaf that a person chose under this very nature stays. Inside the transaction that changed the nature.
    """
    held = Prediction.objects.current().filter(conversation=nature.conversation_id, head=NATURE_DETAIL)
    before = held.first()
    if before is not None and before.source == Prediction.Source.HUMAN and _belongs(before.label, nature.label):
        return before
    held.update(is_current=False)
    text = nature.message.text if nature.message is not None else ""
    result = known().taxonomy.judge(prepare(text), nature.label)
    if result is None:
        return None
    return Prediction.objects.create(
        conversation_id=nature.conversation_id, message_id=nature.message_id, head=NATURE_DETAIL, label=result.label,
        confidence=round(result.confidence, 4), reasons=list(result.reasons), source=result.source,
        model_version=result.version, at=at,
    )  # fmt: skip


def _belongs(leaf: str, nature: str) -> bool:
    return leaf in {label.key for label in known().leaves_of(nature)}
