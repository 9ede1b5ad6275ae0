"""Keep told history consistent: what the road stamped with the present belongs to the step that caused it.

Services take ``at`` wherever history matters; what they stamp with the clock on the wall (a recorded event of
a deeper room, when a raw row was settled) is moved to the moment of the step, and work that a step ordered for
later is dropped, so that nothing of the past is sent to anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db.models import F, Max, Model, OuterRef, Subquery
from django.utils import timezone

from careloop.common.models import Event, Job
from careloop.conversations.models import Delivery, Message
from careloop.intake.models import RawMessage
from careloop.triage.models import Prediction, ReviewItem

STAMPED: tuple[type[Model], ...] = (Event, Prediction, ReviewItem)
"""What carries the clock on the wall when a step is done."""


class Backdating:
    """Watches one load: every ``step`` leaves its rows at its own moment."""

    def __init__(self) -> None:
        self.began = timezone.now()

    @contextmanager
    def step(self, at: datetime) -> Iterator[None]:
        """Everything recorded inside happened at ``at``."""
        last = {model: _last(model) for model in STAMPED}
        yield
        for model in STAMPED:
            model._default_manager.filter(pk__gt=last[model], at__gte=self.began).update(at=at)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Around one conversation: what its steps ordered for later is dropped; the demo does it by name."""
        last = _last(Job)
        yield
        Job.objects.filter(pk__gt=last).delete()

    def settle(self, conversation_id: int) -> None:
        """What came in was read at once, and what we said was sent as it was said."""
        raw = RawMessage.objects.filter(message__conversation_id=conversation_id)
        raw.update(settled_at=F("received_at"), understood_at=F("received_at"))
        unsent = Delivery.objects.filter(message__conversation_id=conversation_id, state=Delivery.State.PENDING)
        said_at = Message.objects.filter(pk=OuterRef("message_id")).values("created_at")[:1]
        unsent.update(state=Delivery.State.SENT, attempts=1, sent_at=Subquery(said_at))


def _last(model: type[Model]) -> int:
    return model._default_manager.aggregate(last=Max("pk"))["last"] or 0
