"""Suggest an answer: articles, saved replies and how conversations like this one were solved.

Each kind is ranked by the words it shares with the question, and by meaning where there is an encoder; the rankings
are fused by rank, and what triage understood moves a fitting one up a little. Every suggestion says why it is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils import timezone

from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.conversations.models import Conversation, Message
from careloop.replies import events
from careloop.replies.models import SuggestionChoice
from careloop.replies.services import candidates
from careloop.replies.services.past import question_text
from careloop.replies.suggestions import Candidate, Question, Suggestion, Target
from careloop.search.fusing import fuse
from careloop.search.ranking import dice, telling_tokens
from careloop.triage.models import Prediction

if TYPE_CHECKING:
    from careloop.accounts.models import User

SHOWN = 6
# The first of each kind rank alike; what answers more of the question goes before what shares a word or two.
STRENGTH_COUNTS = 0.001
# Texts that share so much (Dice of their telling words) are the same answer; one of them is enough.
SAME_ANSWER = 0.7
LONGEST_QUESTION = 600
# A message shorter than this says little by itself ("还没到", "any news?"): what was asked first is added.
TELLING_LENGTH = 15
HEADS = ("nature", "intent", "phase")


def suggest(conversation: Conversation, *, by: User, limit: int = SHOWN) -> list[Suggestion]:
    """The best answers this person may see for this conversation, best first; what somebody put away here is left out.

    A number of queries that does not grow with what is searched.
    """
    question = question_of(conversation)
    away = set(
        SuggestionChoice.objects.filter(conversation=conversation, choice=SuggestionChoice.Choice.DISMISSED)
        .values_list("kind", "target")
    )  # fmt: skip
    found = ranked(question, by=by, conversation=conversation, limit=limit + len(away))
    return [each for each in found if each.key not in away][:limit]


def ranked(question: Question, *, by: User, conversation: Conversation | None, limit: int) -> list[Suggestion]:
    """All kinds in one order."""
    found = [
        *candidates.articles(question), *candidates.saved_replies(question, by, conversation),
        *candidates.solved_before(question, by),
    ]  # fmt: skip
    by_key = {each.suggestion.key: each.suggestion for each in found}
    boosts = {each.suggestion.key: each.boost + STRENGTH_COUNTS * each.suggestion.strength for each in found}
    order = fuse(_rankings(found), boosts)
    return _each_once([by_key[key] for key in order])[:limit]


def question_of(conversation: Conversation) -> Question:
    """What the customer said last; a short word of theirs together with what they asked first. Two queries."""
    said = conversation.messages.filter(kind__in=(Message.Kind.CUSTOMER, Message.Kind.PHONE))
    rows = list(said.only("text", "kind").order_by("-id")[:20])
    last = rows[0].text if rows else ""
    if len(last) < TELLING_LENGTH and len(rows) > 1:
        last = f"{rows[-1].text}\n{last}"
    guesses = Prediction.objects.current().filter(conversation=conversation, head__in=HEADS)
    return Question(
        text=question_text(conversation.subject, last)[:LONGEST_QUESTION],
        language="zh" if conversation.language.startswith("zh") else "en",
        guesses=dict(guesses.values_list("head", "label")),
        is_complaint=conversation.kind == "complaint",
        conversation=conversation.pk,
    )


@writes
def choose(conversation: Conversation, *, by: User, kind: str, target: int, place: int, choice: str) -> None:
    """Keep what was done with a suggestion. Records ``suggestion.used`` or ``suggestion.dismissed``."""
    row = SuggestionChoice.objects.create(
        conversation=conversation, by=by, at=timezone.now(), kind=kind, target=target, place=place, choice=choice
    )
    used = choice == SuggestionChoice.Choice.USED
    record(
        events.SUGGESTION_USED if used else events.SUGGESTION_DISMISSED, conversation_id=conversation.pk, by=by,
        subject="suggestion", subject_id=row.pk, data={"kind": kind, "target": target, "place": place},
    )  # fmt: skip


def _each_once(suggestions: Sequence[Suggestion]) -> list[Suggestion]:
    """Without those that say what a better one says already."""
    kept: list[Suggestion] = []
    said: list[frozenset[str]] = []
    for each in suggestions:
        words = frozenset(telling_tokens(each.text))
        if all(dice(words, other) < SAME_ANSWER for other in said):
            kept.append(each)
            said.append(words)
    return kept


def _rankings(found: Sequence[Candidate]) -> list[list[Target]]:
    """Each kind's order by words and by meaning, as rankings to be fused."""
    names = dict.fromkeys((each.suggestion.kind, way) for each in found for way in each.places)
    return [
        [
            each.suggestion.key
            for each in sorted(
                (each for each in found if each.suggestion.kind == kind and way in each.places),
                key=lambda each: each.places[way],
            )
        ]
        for kind, way in names
    ]
