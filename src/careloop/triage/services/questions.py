"""Keep the review queue: a conversation enters it when a prediction is doubtful and leaves it when that is settled.

Everything here happens inside the transaction that changed the predictions. What runs for every message is composed
once; a message without doubts about a conversation that has just begun costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from careloop.common.db.rows import insert
from careloop.conversations.models import Conversation, Message
from careloop.triage.doubts import NEEDS_AN_ANSWER, Doubt, doubts_of
from careloop.triage.engine.heads import Heads
from careloop.triage.likeness import likeness
from careloop.triage.models import Prediction, ReviewItem

IS_THERE_ONE_LIKE_IT = (
    "SELECT EXISTS (SELECT 1 FROM triage_reviewitem WHERE is_open AND likeness_a = %s) "
    "OR EXISTS (SELECT 1 FROM triage_reviewitem WHERE is_open AND likeness_b = %s)"
)
FOLLOW_TEAM = "UPDATE triage_reviewitem SET team_id = %s WHERE conversation_id = %s"


def ask_about(message: Message, heads: Heads, new: Sequence[Prediction], *, is_first: bool, text: str) -> None:
    """Queue the doubtful among the new predictions; questions about heads that have become sure are dropped.

    Of near-equal texts at most one is asked about, unless somebody's safety hangs on the answer.
    """
    by_head = {row.head: row for row in new}
    unsure = {head for head, row in by_head.items() if row.is_unsure}
    doubts = [doubt for doubt in doubts_of(heads, unsure=unsure, lot=message.pk) if doubt.head in by_head]
    item = None if is_first else ReviewItem.objects.filter(conversation=message.conversation_id).first()
    if item is not None:
        _ask_again(item, doubts, by_head)
    elif doubts:
        _ask_first(message.conversation, doubts, by_head, text)


def settle(conversation_id: int, head: str) -> None:
    """A person has said what this head is; nobody needs to be asked about it any more."""
    item = ReviewItem.objects.open().filter(conversation=conversation_id).first()
    if item is not None and head in item.asked:
        del item.asked[head]
        item.is_open = bool(item.asked)
        item.save(update_fields=["asked", "is_open"])


def follow_team(conversation_id: int, team_id: int | None) -> None:
    """The conversation went to another team, and the question with it."""
    with connection.cursor() as cursor:
        cursor.execute(FOLLOW_TEAM, [team_id, conversation_id])


def _ask_first(conversation: Conversation, doubts: list[Doubt], by_head: dict[str, Prediction], text: str) -> None:
    first, second = likeness(text)
    if not any(doubt.head in NEEDS_AN_ANSWER for doubt in doubts) and _is_like_another(first, second):
        return
    insert([
        ReviewItem(
            conversation=conversation, team_id=conversation.team_id, asked=_questions(doubts, by_head),
            worth=_worth(doubts), likeness_a=first, likeness_b=second, at=_moment(by_head),
        )
    ])  # fmt: skip


def _ask_again(item: ReviewItem, doubts: list[Doubt], by_head: dict[str, Prediction]) -> None:
    kept = {head: question for head, question in item.asked.items() if head not in by_head}
    item.asked = kept | _questions(doubts, by_head)
    item.worth = max([_worth(doubts), *([item.worth] if kept else [])])
    item.is_open = bool(item.asked)
    item.save(update_fields=["asked", "worth", "is_open"])


def _questions(doubts: list[Doubt], by_head: dict[str, Prediction]) -> dict[str, dict[str, object]]:
    return {
        doubt.head: {"why": doubt.why, "other": doubt.other, "prediction": by_head[doubt.head].pk} for doubt in doubts
    }


def _worth(doubts: list[Doubt]) -> int:
    return max((doubt.worth for doubt in doubts), default=0)


def _moment(by_head: dict[str, Prediction]) -> datetime:
    return next(iter(by_head.values())).at


def _is_like_another(first: int, second: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(IS_THERE_ONE_LIKE_IT, [first, second])
        return bool(cursor.fetchone()[0])
