"""Ask each solved conversation's question anew, as if it had just come in, and see what would have been suggested.

Only what was solved before it may be suggested, so that nobody looks into the future. Two readings of "right":
``matter``: a suggested conversation had the same nature and the same cause; ``answer``: a suggested text is like the
answer that was given (Dice of their telling words). Beside both stands what as many earlier conversations picked
blindly would have reached, because a desk whose matters are all alike makes any suggestion look good.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from careloop.conversations.models import Conversation
from careloop.replies.hit_rates import DEPTHS, hit_rates, wilson
from careloop.replies.models import PastAnswer, SuggestionChoice
from careloop.replies.services import candidates
from careloop.replies.services.past import question_text
from careloop.replies.services.suggesting import HEADS, LONGEST_QUESTION, SHOWN, ranked
from careloop.replies.suggestions import Question, Suggestion
from careloop.search.ranking import Shelf, dice, telling_tokens
from careloop.triage.models import Prediction

if TYPE_CHECKING:
    from datetime import datetime

    from careloop.accounts.models import User

LIKE = 0.3
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
    """Over the newest ``most`` solved conversations that this person may see and that had any before them.

    Hit rates of all earlier conversations in their order, whether they would be shown or not (``findable`` is the
    share for which an earlier one is right at all: nobody can do better than that); and of those that are shown
    (``shown``), how many are right and for how many questions there is one.
    """
    cases = {case.question.conversation: case for case in _cases(by)}
    asked = sorted(cases.values(), key=lambda case: case.question.asked_at)[-most:]
    tally = _Tally()
    for case in asked:
        earlier = [each for each in cases.values() if each.solved_at < case.question.asked_at]
        if earlier:
            tally.ask(case, earlier, [cases[pk] for pk in _ranking(case, by)])
            tally.show(case, earlier, ranked(case.question, by=by, conversation=None, limit=SHOWN), cases)
    return tally.report()


def _ranking(case: Case, by: User) -> list[int]:
    return [each.suggestion.target for each in candidates.solved_before(case.question, by, fitting_only=False)]


class _Tally:
    """What was found for each question so far."""

    def __init__(self) -> None:
        self._places: defaultdict[str, list[int | None]] = defaultdict(list)
        self._findable: Counter[str] = Counter()
        self._shown = self._right = self._with_any = self._with_right = 0
        self._by_chance: list[float] = []
        self._chance = random.Random(SEED)  # noqa: S311 - repeatable, not secret

    def ask(self, case: Case, earlier: Sequence[Case], found: Sequence[Case]) -> None:
        picked = self._chance.sample(earlier, min(DEPTHS[-1], len(earlier)))
        for name, is_right in RIGHT.items():
            self._places[name].append(_first([is_right(each, case) for each in found]))
            self._places[f"blind_{name}"].append(_first([is_right(each, case) for each in picked]))
            self._findable[name] += any(is_right(each, case) for each in earlier)

    def show(
        self, case: Case, earlier: Sequence[Case], suggested: Sequence[Suggestion], cases: Mapping[int, Case]
    ) -> None:
        likeness = [dice(_words(each, cases), case.answer) for each in suggested]
        self._places["like_the_answer_of_any_kind"].append(_first([each >= LIKE for each in likeness]))
        solved = [cases[each.target] for each in suggested if each.kind == SuggestionChoice.Kind.SOLVED]
        right = sum(_is_same_matter(each, case) for each in solved)
        self._shown += len(solved)
        self._right += right
        self._with_any += bool(solved)
        self._with_right += bool(right)
        self._by_chance.append(sum(_is_same_matter(each, case) for each in earlier) / len(earlier))

    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = {name: hit_rates(found).as_dict() for name, found in self._places.items()}
        for name, count in self._findable.items():
            report[name]["findable"] = round(count / len(self._places[name]), 4)
        if self._by_chance:
            report["shown"] = self._of_shown()
        return report

    def _of_shown(self) -> dict[str, Any]:
        questions = len(self._by_chance)
        return {
            "n": questions, "lines": self._shown, "with_any": round(self._with_any / questions, 4),
            "with_a_right_one": round(self._with_right / questions, 4),
            "precision": {
                "share": round(self._right / self._shown, 4) if self._shown else 0.0,
                "interval": [round(each, 4) for each in wilson(self._right, self._shown)],
            },
            "blind_precision": round(sum(self._by_chance) / questions, 4),
        }  # fmt: skip


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


def _words(suggestion: Suggestion, cases: Mapping[int, Case]) -> frozenset[str]:
    if suggestion.kind == SuggestionChoice.Kind.SOLVED:
        return cases[suggestion.target].answer
    return frozenset(telling_tokens(suggestion.text))


def _first(rights: Sequence[bool]) -> int | None:
    """The place, from 1, of the first that is right."""
    return next((place for place, is_right in enumerate(rights, start=1) if is_right), None)
