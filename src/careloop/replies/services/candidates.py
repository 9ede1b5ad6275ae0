"""What each source offers for a question: articles, saved replies, conversations that were solved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from django.db.models import Q

from careloop.conversations.models import Conversation
from careloop.conversations.models.conversation import FIRST_NUMBER
from careloop.knowledge.finding import find_articles
from careloop.replies.masking import masked, names_within
from careloop.replies.models import PastAnswer, SavedReply, SuggestionChoice
from careloop.replies.services.saved import fill, values_for
from careloop.replies.suggestions import END_OF_TIME, Candidate, Question, Suggestion
from careloop.search import passages
from careloop.search.fusing import fuse
from careloop.search.ranking import Hit, Shelf, fitting
from careloop.search.vectors import Meanings, vectors_of
from careloop.triage.models import Prediction

if TYPE_CHECKING:
    from careloop.accounts.models import User

Kind = SuggestionChoice.Kind

# More than three of one kind leave no room for the others.
OF_EACH = 3
LOOKED_AT = 120
# Of the newest solved conversations so many are compared by meaning; all are found by their words.
COMPARED_BY_MEANING = 5_000
TITLE = 3
# What fits less is not shown. A conversation of the same nature needs less in common than one of another; counted in
# words that only one text holds (docs/measurements/answers.md).
LEAST_ALIKE, LEAST_OTHERWISE = 0.7, 1.8
SAME_NATURE, SAME_INTENT, SAME_LANGUAGE, CONTENT = 1.0, 0.5, 0.5, 0.2
# About as much as four places in a ranking.
FITS = 0.001
SECTIONS = {
    "logistics": {"delivery"}, "refund": {"returns"}, "order": {"orders"}, "quality": {"returns", "safety"},
    "price": {"members", "orders"}, "account": {"members"}, "product_question": {"choosing", "using", "safety"},
}  # fmt: skip


def articles(question: Question) -> list[Candidate]:
    """Published articles, those for colleagues too: they are to be read, not sent, when they are internal."""
    found = fitting(find_articles(question.text, language=question.language))
    sections = SECTIONS.get(question.guesses.get("nature", ""), set())
    candidates = []
    for place, each in enumerate(found[:OF_EACH], start=1):
        text = each.article.live(question.language)
        if text is None:
            continue
        sent = text.body if each.article.audience == "public" else ""
        suggestion = Suggestion(Kind.ARTICLE, each.article.pk, text.title, sent, each.words, each.strength)
        boost = FITS if each.article.section in sections else 0.0
        candidates.append(Candidate(suggestion, {"words": place}, boost))
    return candidates


def saved_replies(question: Question, by: User, conversation: Conversation | None) -> list[Candidate]:
    """Those this person may use, filled in for the customer. For a measurement there is no customer to fill in for."""
    rows = list(SavedReply.objects.filter(Q(team=None) | Q(team__in=by.team_ids), is_active=True))
    texts = tuple((row.pk, f"{row.title}\n{row.title_zh}", f"{row.text}\n{row.text_zh}") for row in rows)
    hits = fitting(_shelf(texts).best(question.text, OF_EACH))
    if not hits:
        return []
    known = {row.pk: row for row in rows}
    values = values_for(conversation, by=by) if conversation is not None else {}
    return [
        Candidate(
            Suggestion(
                Kind.SAVED, hit.key, str(known[hit.key]), fill(known[hit.key].text_in(question.language), values),
                hit.words, hit.strength,
            ),
            {"words": place},
            FITS if _is_of_phase(known[hit.key], question) else 0.0,
        )
        for place, hit in enumerate(hits, start=1)
    ]  # fmt: skip


def solved_before(question: Question, by: User, *, fitting_only: bool = True) -> list[Candidate]:
    """Conversations of this person's sight; what tells who the other customer was is taken out of their answers.

    All that were found and not only those that fit: for a measurement of the ranking itself.
    """
    hits = {hit.key: hit for hit in passages.best(question.text, LOOKED_AT)}
    near = _near(question.text)
    # Rows come once for both rankings; whoever is not to be seen falls out here.
    visible = Conversation.objects.visible_to(by).exclude(pk=question.conversation).filter(pk__in={*hits, *near})
    if question.asked_at != END_OF_TIME:
        visible = visible.filter(pk__in=PastAnswer.objects.filter(solved_at__lt=question.asked_at).values("pk"))
    seen = {
        row.pk: row for row in PastAnswer.objects.filter(conversation__in=visible).only("pk", "language", "satisfied")
    }
    guesses = _guesses(list(seen))
    alike = {
        pk: _Alike.of(seen[pk], hits[pk].strength if pk in hits else 0.0, guesses.get(pk, {}), question) for pk in seen
    }
    by_words = sorted((pk for pk in hits if pk in seen), key=lambda pk: -alike[pk].together)
    if fitting_only:
        by_words = [pk for pk in by_words if alike[pk].fits]
    by_meaning = [pk for pk in near if pk in seen]
    best = list(fuse([by_words, by_meaning]))[: OF_EACH if fitting_only else LOOKED_AT]
    rows = PastAnswer.objects.select_related("conversation__customer", "question", "answer")
    known = rows.prefetch_related("conversation__customer__identities").in_bulk(best)
    return [
        Candidate(
            _past_suggestion(known[pk], hits.get(pk)),
            {way: order.index(pk) + 1 for way, order in (("words", by_words), ("meaning", by_meaning)) if pk in order},
            alike[pk].agreement * FITS,
        )
        for pk in best if pk in known
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Alike:
    """How alike a conversation is: in words, and in what triage understood of both."""

    strength: float
    agreement: float
    is_of_nature: bool

    @classmethod
    def of(cls, past: PastAnswer, strength: float, guesses: Mapping[str, str], question: Question) -> _Alike:
        same = {head for head, label in question.guesses.items() if guesses.get(head) == label}
        agreement = (
            SAME_NATURE * ("nature" in same) + SAME_INTENT * ("intent" in same)
            + SAME_LANGUAGE * (past.language[:2] == question.language) + CONTENT * bool(past.satisfied)
        )  # fmt: skip
        return cls(strength, agreement, "nature" in same)

    @property
    def together(self) -> float:
        return self.strength + self.agreement

    @property
    def fits(self) -> bool:
        return self.strength >= (LEAST_ALIKE if self.is_of_nature else LEAST_OTHERWISE)


def _past_suggestion(past: PastAnswer, hit: Hit[int] | None) -> Suggestion:
    conversation = past.conversation
    customer = conversation.customer
    known = [*names_within(customer.name), *(each.value for each in customer.identities.all())]
    title = masked(conversation.subject or past.question.text[:60], known=known, language=past.language)
    return Suggestion(
        Kind.SOLVED, past.pk, title, masked(past.answer.text, known=known, language=past.language),
        hit.words if hit else (), hit.strength if hit else 0.0,
        number=past.pk + FIRST_NUMBER, solved_at=past.solved_at, satisfied=past.satisfied,
    )  # fmt: skip


def _guesses(conversations: Sequence[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    rows = Prediction.objects.current().filter(conversation__in=conversations, head__in=("nature", "intent"))
    for conversation, head, label in rows.values_list("conversation", "head", "label"):
        found.setdefault(conversation, {})[head] = label
    return found


def _near(text: str) -> list[int]:
    """Solved conversations that mean something like it, nearest first; none without an encoder."""
    vectors = vectors_of([text])
    if vectors is None:
        return []
    kept = PastAnswer.objects.exclude(vector=None).order_by("-pk").values_list("pk", "vector")[:COMPARED_BY_MEANING]
    rows = [(pk, bytes(vector)) for pk, vector in kept if vector is not None]
    return Meanings.unpacked(rows, vectors.shape[1]).nearest(vectors[0], LOOKED_AT)


def _is_of_phase(saved: SavedReply, question: Question) -> bool:
    if question.is_complaint:
        return saved.situation.startswith("complaints.")
    return saved.situation.startswith(question.guesses.get("phase", "-"))


@lru_cache(maxsize=4)
def _shelf(texts: tuple[tuple[int, str, str], ...]) -> Shelf[int]:
    """Made anew only when a reply changed: the texts themselves are the key."""
    return Shelf((key, ((title, TITLE), (body, 1))) for key, title, body in texts)
