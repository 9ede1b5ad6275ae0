"""Remember how conversations were solved, so that the next like them finds an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from careloop.common.transaction import write, writes
from careloop.conversations.models import Conversation, Message, Resolution, State
from careloop.replies.models import PastAnswer
from careloop.search import passages
from careloop.search.vectors import pack, vectors_of

if TYPE_CHECKING:
    from careloop.common.models import Event

SHORTEST_ANSWER = 12
# What was not answered teaches nobody how to answer.
NOT_ANSWERED = (Resolution.Outcome.DUPLICATE, Resolution.Outcome.NO_ANSWER)
BATCH = 200


def on_resolved(event: Event) -> None:
    """Listens to ``conversation.resolved``: remember it, when something was asked and answered."""
    keep(Resolution.objects.select_related("conversation").get(pk=event.subject_id or 0))


def on_reopened(event: Event) -> None:
    """Listens to ``conversation.reopened``: it was not solved after all."""
    forget(event.conversation_id or 0)


@writes
def keep(resolution: Resolution) -> PastAnswer | None:
    """Put it into the index. None when nothing was asked, nothing answered, or the end was no answer. Records nothing:
    the resolution did.
    """
    conversation = resolution.conversation
    pair = question_and_answer(conversation)
    if pair is None or resolution.outcome in NOT_ANSWERED:
        return None
    asked, answered = pair
    text = question_text(conversation.subject, asked.text)
    vectors = vectors_of([text])
    kept, _is_new = PastAnswer.objects.update_or_create(
        conversation=conversation,
        defaults={
            "question": asked, "answer": answered, "language": conversation.language, "solved_at": resolution.at,
            "satisfied": resolution.satisfied, "cause": resolution.cause,
            "vector": pack(vectors[0]) if vectors is not None else None,
        },
    )  # fmt: skip
    passages.put(conversation.pk, text)
    return kept


@writes
def forget(conversation_id: int) -> None:
    PastAnswer.objects.filter(pk=conversation_id).delete()
    passages.remove(conversation_id)


def index_all() -> Iterator[int]:
    """Remember every conversation that is resolved now, in small transactions; tells how many were looked at."""
    done = 0
    last = 0
    while True:
        solved = Conversation.objects.filter(state=State.RESOLVED, pk__gt=last).order_by("pk")[:BATCH]
        batch = list(solved.prefetch_related("resolutions"))
        if not batch:
            return
        with write():
            for conversation in batch:
                resolutions = sorted(conversation.resolutions.all(), key=lambda each: each.pk)
                if resolutions:
                    resolutions[-1].conversation = conversation
                    keep(resolutions[-1])
        last, done = batch[-1].pk, done + len(batch)
        yield done


def question_and_answer(conversation: Conversation) -> tuple[Message, Message] | None:
    """What the customer wrote first, and the first answer of ours that says something."""
    said = conversation.messages.filter(kind__in=(Message.Kind.CUSTOMER, Message.Kind.REPLY))
    rows = list(said.only("kind", "text", "conversation_id").order_by("id")[:20])
    asked = next((each for each in rows if each.kind == Message.Kind.CUSTOMER and each.text.strip()), None)
    if asked is None:
        return None
    replies = (each for each in rows if each.kind == Message.Kind.REPLY and each.pk > asked.pk)
    answered = next((each for each in replies if len(each.text.strip()) >= SHORTEST_ANSWER), None)
    return (asked, answered) if answered is not None else None


def question_text(subject: str, text: str) -> str:
    """What is searched by: the subject says in few words what the message says in many."""
    return f"{subject}\n{text}" if subject and subject not in text else text
