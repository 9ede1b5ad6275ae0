"""What each source offers for a question: articles, saved replies, conversations that were solved."""

from __future__ import annotations

from collections.abc import Sequence
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
from careloop.search.ranking import Hit, Shelf
from careloop.search.vectors import Meanings, vectors_of
from careloop.triage.models import Prediction

if TYPE_CHECKING:
    from careloop.accounts.models import User

Kind = SuggestionChoice.Kind

OF_EACH = 5
LOOKED_AT = 120
# Of the newest solved conversations so many are compared by meaning; all are found by their words.
COMPARED_BY_MEANING = 5_000
TITLE = 3
# Less of the question's weight than this in common is chance.
LEAST_SHARE = 0.1
# A customer seldom says it like another did, so less will do there (docs/measurements/answers.md).
LEAST_SHARE_SOLVED = 0.05
# About as much as four places in a ranking.
FITS = 0.001
OTHER_LANGUAGE = -0.003
SECTIONS = {
    "logistics": {"delivery"}, "refund": {"returns"}, "order": {"orders"}, "quality": {"returns", "safety"},
    "price": {"members", "orders"}, "account": {"members"}, "product_question": {"choosing", "using", "safety"},
}  # fmt: skip


def articles(question: Question) -> list[Candidate]:
    """Published articles, those for colleagues too: they are to be read, not sent, when they are internal."""
    found = [each for each in find_articles(question.text, language=question.language) if each.share >= LEAST_SHARE]
    fitting = SECTIONS.get(question.guesses.get("nature", ""), set())
    candidates = []
    for place, each in enumerate(found[:OF_EACH], start=1):
        text = each.article.live(question.language)
        if text is None:
            continue
        sent = text.body if each.article.audience == "public" else ""
        suggestion = Suggestion(Kind.ARTICLE, each.article.pk, text.title, sent, each.words, each.share)
        boost = FITS if each.article.section in fitting else 0.0
        candidates.append(Candidate(suggestion, {"words": place}, boost))
    return candidates


def saved_replies(question: Question, by: User, conversation: Conversation | None) -> list[Candidate]:
    """Those this person may use, filled in for the customer. For a measurement there is no customer to fill in for."""
    rows = list(SavedReply.objects.filter(Q(team=None) | Q(team__in=by.team_ids), is_active=True))
    texts = tuple((row.pk, f"{row.title}\n{row.title_zh}", f"{row.text}\n{row.text_zh}") for row in rows)
    hits = [hit for hit in _shelf(texts).best(question.text, OF_EACH) if hit.share >= LEAST_SHARE]
    if not hits:
        return []
    known = {row.pk: row for row in rows}
    values = values_for(conversation, by=by) if conversation is not None else {}
    return [
        Candidate(
            Suggestion(
                Kind.SAVED, hit.key, str(known[hit.key]), fill(known[hit.key].text_in(question.language), values),
                hit.words, hit.share,
            ),
            {"words": place},
            FITS if _is_of_phase(known[hit.key], question) else 0.0,
        )
        for place, hit in enumerate(hits, start=1)
    ]  # fmt: skip


def solved_before(question: Question, by: User) -> list[Candidate]:
    """Conversations of this person's sight; what tells who the other customer was is taken out of their answers."""
    hits = {hit.key: hit for hit in passages.best(question.text, LOOKED_AT) if hit.share >= LEAST_SHARE_SOLVED}
    near = _near(question.text)
    # Rows come once for both rankings; whoever is not to be seen falls out here.
    visible = Conversation.objects.visible_to(by).exclude(pk=question.conversation).filter(pk__in={*hits, *near})
    if question.asked_at != END_OF_TIME:
        visible = visible.filter(pk__in=PastAnswer.objects.filter(solved_at__lt=question.asked_at).values("pk"))
    seen = set(visible.values_list("pk", flat=True))
    by_words, by_meaning = [pk for pk in hits if pk in seen], [pk for pk in near if pk in seen]
    best = list(fuse([by_words, by_meaning]))[: OF_EACH * 2]
    guesses = _guesses(best)
    rows = PastAnswer.objects.select_related("conversation__customer", "question", "answer")
    known = rows.prefetch_related("conversation__customer__identities").in_bulk(best)
    return [
        Candidate(
            _past_suggestion(known[pk], hits.get(pk)),
            {way: order.index(pk) + 1 for way, order in (("words", by_words), ("meaning", by_meaning)) if pk in order},
            _boost(known[pk], guesses.get(pk, {}), question),
        )
        for pk in best if pk in known
    ]  # fmt: skip


def _past_suggestion(past: PastAnswer, hit: Hit[int] | None) -> Suggestion:
    conversation = past.conversation
    customer = conversation.customer
    known = [*names_within(customer.name), *(each.value for each in customer.identities.all())]
    title = masked(conversation.subject or past.question.text[:60], known=known, language=past.language)
    return Suggestion(
        Kind.SOLVED, past.pk, title, masked(past.answer.text, known=known, language=past.language),
        hit.words if hit else (), hit.share if hit else 0.0,
        number=past.pk + FIRST_NUMBER, solved_at=past.solved_at, satisfied=past.satisfied,
    )  # fmt: skip


def _boost(past: PastAnswer, guesses: dict[str, str], question: Question) -> float:
    agreeing = sum(guesses.get(head) == label for head, label in question.guesses.items() if head != "phase")
    boost = agreeing * FITS + (FITS if past.satisfied else 0.0)
    return boost + (0.0 if past.language[:2] == question.language else OTHER_LANGUAGE)


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
