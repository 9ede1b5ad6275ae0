"""What makes a conversation sensitive: danger to people or money, or a person's mark.

A current crisis signal, however faint, is enough (``domain.md`` 4.3, C1 to C7): health, self-harm, fraud and
disputes before authorities are what colleagues must not read out of curiosity. A person's word counts as much as
the machine's: a danger marked by hand makes it sensitive, a signal corrected away no longer does.
"""

from __future__ import annotations

from django.db.models import CharField, Value

from careloop.routing.models import QueueEntry
from careloop.triage.models import Prediction

CRISIS, NONE = "crisis", "none"
MARKED = "marked"
"""The signal that stands for the mark a person set in the queue."""


def signals_of(conversation_id: int) -> list[str]:
    """Why it is sensitive, in one query; empty for an ordinary conversation."""
    signals = Prediction.objects.current().filter(conversation_id=conversation_id, head=CRISIS).exclude(label=NONE)
    marks = QueueEntry.objects.filter(conversation_id=conversation_id, is_flagged=True)
    found = signals.values_list("label").union(marks.values_list(Value(MARKED, output_field=CharField())))
    return sorted(label for (label,) in found)
