"""What there is to learn from: what people said of conversations, and what they let stand when they resolved them.

Corrections alone would teach only from mistakes: every such row is one the model in use had wrong, and a challenger
would win by contradicting it. So beside the labels that people or imports set, answers that a colleague let stand
when resolving a conversation count as labels too, at most three for one that somebody set.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from django.db.models import QuerySet
from django.utils import timezone

from careloop.conversations.models import Message, Resolution
from careloop.triage.engine.errors import UnusableExamples
from careloop.triage.engine.examples import Examples
from careloop.triage.engine.heads import CRISIS, LABELS
from careloop.triage.engine.learning import Row
from careloop.triage.engine.taxonomy import NATURE_DETAIL
from careloop.triage.models import Prediction
from careloop.triage.services.asking import BY_MACHINE
from careloop.triage.services.classifying import OUTSPOKEN_CHANNELS
from careloop.triage.taxonomy_in_use import known

TRAINABLE = (*(head for head in LABELS if head != CRISIS), NATURE_DETAIL)
ROWS_A_READ = 500
RESOLUTIONS_READ = 5_000
UNOBJECTED_FOR_EACH = 3


def check_trainable(head: str) -> None:
    """Raises UnusableExamples for what is no head, and for the crisis head, which is left to rules on purpose."""
    if head not in TRAINABLE:
        raise UnusableExamples(f"“{head}” is not a head that can be trained; these can: {', '.join(TRAINABLE)}.")


def labelled_examples(head: str) -> Examples:
    """The text and the label of every conversation whose head a person or an import set."""
    rows = [row for row in rows_to_learn_from(head) if row.by_person]
    return Examples([row.text for row in rows], [row.label for row in rows])


def labels_since(head: str, moment: datetime | None) -> int:
    """How many labels people set after a moment, by the index of labels."""
    rows = Prediction.objects.current().said_by_people().filter(head=head)
    return rows.filter(at__gt=moment).count() if moment else rows.count()


def rows_to_learn_from(head: str, *, until: datetime | None = None) -> list[Row]:
    """Labels that people set, and answers they let stand, each with the moment from which we know it.

    What became known after ``until`` is left out. Raises UnusableExamples when nobody had set a label of this head yet.
    """
    until = until or timezone.now()
    said = [*_rows_of(Prediction.objects.current().said_by_people().filter(head=head, at__lte=until).order_by("at"))]
    if not said:
        raise UnusableExamples(
            f"No conversation has a {head} set by a person yet; correct some predictions, or name a file with --train."
        )
    return said + _let_stand(head, UNOBJECTED_FOR_EACH * len(said), until)


def _let_stand(head: str, most: int, until: datetime) -> list[Row]:
    """Answers of the machine in the latest conversations that a person resolved without changing them."""
    resolved = Resolution.objects.filter(reopened_at=None, at__lte=until).exclude(by=None).order_by("-at")
    moments = dict(resolved.values_list("conversation_id", "at")[:RESOLUTIONS_READ])
    ids = list(moments)
    found: list[Row] = []
    for start in range(0, len(ids), ROWS_A_READ):
        rows = Prediction.objects.current().filter(
            head=head, source__in=BY_MACHINE, conversation__in=ids[start : start + ROWS_A_READ]
        )
        found += _rows_of(rows, moments)
        if len(found) >= most:
            break
    return found[:most]


def _rows_of(rows: QuerySet[Prediction], moments: dict[int, datetime] | None = None) -> Iterator[Row]:
    piece: list[Prediction] = []
    for row in rows.iterator(chunk_size=ROWS_A_READ):
        piece.append(row)
        if len(piece) == ROWS_A_READ:
            yield from _told(piece, moments)
            piece = []
    yield from _told(piece, moments)


def _told(rows: list[Prediction], moments: dict[int, datetime] | None) -> Iterator[Row]:
    firsts = _first_words([row.conversation_id for row in rows])
    for row in rows:
        text, channel, is_vip = firsts.get(row.conversation_id, ("", "", False))
        if text.strip():
            at = row.at if moments is None else moments[row.conversation_id]
            yield Row(
                text,
                known().resolve(row.label),
                at.astimezone(UTC).isoformat(),
                channel,
                is_vip,
                by_person=moments is None,
            )


def _first_words(conversations: list[int]) -> dict[int, tuple[str, str, bool]]:
    """What each customer began with, the channel, and whether they are a valued customer."""
    firsts: dict[int, tuple[str, str, bool]] = {}
    messages = (
        Message.objects.filter(conversation__in=conversations, kind__in=(Message.Kind.CUSTOMER, Message.Kind.PHONE))
        .select_related("conversation__customer")
        .order_by("pk")
    )
    for message in messages:
        if message.conversation_id not in firsts:
            conversation = message.conversation
            text, subject, kind = message.text, conversation.subject, conversation.channel_kind
            firsts[message.conversation_id] = (
                text if text.startswith(subject) else f"{subject}\n{text}",
                kind if kind in OUTSPOKEN_CHANNELS else conversation.channel,
                conversation.customer.value_tier == "vip",
            )
    return firsts
