"""What other rooms' changes mean for what we understood. Named in the table ``config.subscriptions``."""

from __future__ import annotations

from careloop.common.models import Event
from careloop.triage.models import Prediction
from careloop.triage.services import second_opinion
from careloop.triage.services.questions import follow_team
from careloop.triage.tasks import ask_language_model


def on_assigned(event: Event) -> None:
    """The question about a conversation goes where the conversation goes."""
    assert event.conversation_id is not None, f"{event.name} names no conversation"
    follow_team(event.conversation_id, event.data["team"])


def on_predicted(event: Event) -> None:
    """What triage is unsure of goes to the language model, if there is one; the message does not wait for it."""
    if not second_opinion.is_on() or event.subject_id is None:
        return
    rows = Prediction.objects.current().filter(conversation=event.conversation_id, message=event.subject_id)
    heads = second_opinion.worth_asking(list(rows))
    if heads:
        ask_language_model.enqueue(event.subject_id, heads)
