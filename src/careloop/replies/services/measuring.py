"""Ask each solved conversation's question anew, as if it had just come in, and see what would have been suggested.

Only what was solved before it may be suggested, so that nobody looks into the future. Two readings of "right":
``matter``: a suggested conversation had the same nature and the same cause; ``answer``: a suggested text is like the
answer that was given (Dice of their telling words). Beside both stands what as many earlier conversations picked
blindly would have reached, because a desk whose matters are all alike makes any suggestion look good.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from careloop.conversations.models import Conversation
from careloop.replies.hit_rates import DEPTHS, hit_rates
from careloop.replies.models import PastAnswer, SuggestionChoice
from careloop.replies.services.past import question_text
from careloop.replies.services.suggesting import HEADS, LONGEST_QUESTION, ranked
from careloop.replies.suggestions import Question, Suggestion
from careloop.search.ranking import Shelf, telling_tokens
from careloop.triage.models import Prediction

if TYPE_CHECKING:
    from datetime import datetime

    from careloop.accounts.models import User

LIKE = 0.3
DEEP = 60
SEED = 42


@dataclass(frozen=True, slots=True)
class Case:
    """One solved conversation as the measurement knows it."""

    question: Question
    solved_at: datetime
    cause: str
    answer: frozenset[str]

    @property
    def matter(self) -> tuple[str, str]:
        return (self.question.guesses.get("nature", ""), self.cause)


def measure_solved(by: User, *, most: int) -> dict[str, Any]:
    """Hit rates over the newest ``most`` solved conversations that this person may see and that had any before them.

    ``findable`` is the share for which an earlier conversation is right at all: nobody can do better than that.
    """
    cases = {case.question.conversation: case for case in _cases(by)}
    asked = sorted(cases.values(), key=lambda case: case.question.asked_at)[-most:]
    places: defaultdict[str, list[int | None]] = defaultdict(list)
    findable: Counter[str] = Counter()
    chance = random.Random(SEED)  # noqa: S311 - repeatable, not secret
    for case in asked:
        earlier = [each for each in cases.values() if each.solved_at < case.question.asked_at]
        if not earlier:
            continue
        suggested = ranked(case.question, by=by, conversation=None, limit=DEEP)
        solved = [cases[each.target] for each in suggested if each.kind == SuggestionChoice.Kind.SOLVED]
        picked = chance.sample(earlier, min(DEPTHS[-1], len(earlier)))
        for name, is_right in RIGHT.items():
            places[name].append(_first([is_right(each, case) for each in solved]))
            places[f"blind_{name}"].append(_first([is_right(each, case) for each in picked]))
            findable[name] += any(is_right(each, case) for each in earlier)
        likeness = [dice(_words(each, cases), case.answer) for each in suggested]
        places["like_the_answer_of_any_kind"].append(_first([each >= LIKE for each in likeness]))
    report = {name: hit_rates(found).as_dict() for name, found in places.items()}
    for name, count in findable.items():
        report[name]["findable"] = round(count / len(places[name]), 4)
    return report


def measure_pairs(questions: Sequence[str], answers: Sequence[str]) -> dict[str, Any]:
    """Questions of a file, each with its own answer, which is looked for by words among all answers of the file."""
    shelf = Shelf((place, ((answer, 1),)) for place, answer in enumerate(answers))
    places = []
    for own, question in enumerate(questions):
        found = [hit.key for hit in shelf.best(question, 50)]
        places.append(found.index(own) + 1 if own in found else None)
    return {"own_answer_among": len(answers), **hit_rates(places).as_dict()}


def _is_same_matter(earlier: Case, case: Case) -> bool:
    return earlier.matter == case.matter


def _is_like_the_answer(earlier: Case, case: Case) -> bool:
    return dice(earlier.answer, case.answer) >= LIKE


RIGHT = {"same_matter": _is_same_matter, "like_the_answer": _is_like_the_answer}


def dice(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def _cases(by: User) -> Iterator[Case]:
    seen = PastAnswer.objects.filter(conversation__in=Conversation.objects.visible_to(by))
    rows = list(seen.select_related("conversation", "question", "answer").order_by("pk"))
    guesses: dict[int, dict[str, str]] = {}
    heads = Prediction.objects.current().filter(conversation__in=[row.pk for row in rows], head__in=HEADS)
    for conversation, head, label in heads.values_list("conversation", "head", "label"):
        guesses.setdefault(conversation, {})[head] = label
    for row in rows:
        text = question_text(row.conversation.subject, row.question.text)[:LONGEST_QUESTION]
        language = "zh" if row.language.startswith("zh") else "en"
        question = Question(
            text,
            language,
            guesses.get(row.pk, {}),
            row.conversation.kind == "complaint",
            row.pk,
            row.conversation.created_at,
        )
        words = frozenset(telling_tokens(row.answer.text))
        yield Case(question, row.solved_at, row.cause, words)


def _words(suggestion: Suggestion, cases: dict[int, Case]) -> frozenset[str]:
    if suggestion.kind == SuggestionChoice.Kind.SOLVED:
        return cases[suggestion.target].answer
    return frozenset(telling_tokens(suggestion.text))


def _first(rights: Sequence[bool]) -> int | None:
    """The place, from 1, of the first that is right."""
    return next((place for place, is_right in enumerate(rights, start=1) if is_right), None)
