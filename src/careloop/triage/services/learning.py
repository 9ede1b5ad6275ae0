"""Learn from the team's own work: what people corrected or set by hand, and what imports brought along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from careloop.conversations.models import Message
from careloop.triage.engine.errors import UnusableExamples
from careloop.triage.engine.examples import Examples
from careloop.triage.engine.heads import CRISIS, LABELS
from careloop.triage.engine.linear import save
from careloop.triage.engine.training import train
from careloop.triage.models import Prediction
from careloop.triage.services.models_in_use import models_dir

LABELLED_BY_PEOPLE = (Prediction.Source.HUMAN, Prediction.Source.IMPORTED)
ROWS_A_READ = 500


def labelled_examples(head: str) -> Examples:
    """The text and the label of every conversation whose head a person set; read in pieces."""
    texts: list[str] = []
    labels: list[str] = []
    for text, label in _rows(head):
        texts.append(text)
        labels.append(label)
    return Examples(texts, labels)


def train_from_labels(head: str) -> dict[str, Any]:
    """Train a head on the labelled conversations and put the model to use; writes a file, never the database.

    Raises UnusableExamples when there are too few labels, when all are alike, or for the crisis head, which is
    left to rules on purpose.
    """
    if head not in LABELS or head == CRISIS:
        known = ", ".join(name for name in LABELS if name != CRISIS)
        raise UnusableExamples(f"“{head}” is not a head that can be trained; these can: {known}.")
    examples = labelled_examples(head)
    if not examples.texts:
        raise UnusableExamples(
            f"No conversation has a {head} set by a person yet; correct some predictions, or name a file with --train."
        )
    model = train(examples, head)
    models_dir().mkdir(parents=True, exist_ok=True)
    path = models_dir() / f"{head}.npz"
    save(model, path)
    return {
        "model": str(path),
        "version": model.info.version,
        "rows": model.info.rows,
        "labels": model.labels,
        "scores": model.info.scores,
    }


def _rows(head: str) -> Iterator[tuple[str, str]]:
    rows = Prediction.objects.current().filter(head=head, source__in=LABELLED_BY_PEOPLE).order_by("pk")
    piece: list[Prediction] = []
    for row in rows.iterator(chunk_size=ROWS_A_READ):
        piece.append(row)
        if len(piece) == ROWS_A_READ:
            yield from _texts(piece)
            piece = []
    yield from _texts(piece)


def _texts(rows: list[Prediction]) -> Iterator[tuple[str, str]]:
    firsts: dict[int, str] = {}
    messages = (
        Message.objects.filter(
            conversation__in=[row.conversation_id for row in rows], kind__in=(Message.Kind.CUSTOMER, Message.Kind.PHONE)
        )
        .order_by("pk")
        .values_list("conversation_id", "conversation__subject", "text")
    )
    for conversation, subject, text in messages:
        firsts.setdefault(conversation, text if text.startswith(subject) else f"{subject}\n{text}")
    for row in rows:
        if firsts.get(row.conversation_id, "").strip():
            yield firsts[row.conversation_id], row.label
