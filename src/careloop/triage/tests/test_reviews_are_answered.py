"""A person answers, skips and takes back; each answer is a label; nobody gets what another is looking at."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from careloop.accounts.models import User
from careloop.common.errors import Conflict, InvalidInput, NotAllowed
from careloop.common.models import Event
from careloop.conversations.models import Conversation, Inbox
from careloop.customers.models import Customer
from careloop.triage import events
from careloop.triage.models import Correction, Prediction, ReviewAnswer, ReviewItem
from careloop.triage.services import reviewing
from careloop.triage.tests.review_helpers import begin, doubtful, head

pytestmark = pytest.mark.django_db


@pytest.fixture
def unsure(email_inbox: Inbox, mei: Customer) -> Conversation:
    return doubtful(email_inbox, mei)


def nature(conversation: Conversation) -> Prediction:
    return Prediction.objects.current().get(conversation=conversation, head="nature")


def test_the_worthiest_comes_first(email_inbox: Inbox, mei: Customer, unsure: Conversation, lin: User) -> None:
    graver = doubtful(email_inbox, mei, "漏电了吗", severity=head("severe", "minor"))
    item = reviewing.claim_next(lin)
    assert item is not None
    assert item.conversation == graver


def test_looking_again_gives_the_same(unsure: Conversation, lin: User) -> None:
    assert reviewing.claim_next(lin) == reviewing.claim_next(lin)


def test_two_people_do_not_get_the_same(
    email_inbox: Inbox, mei: Customer, unsure: Conversation, lin: User, chen: User
) -> None:
    other = doubtful(email_inbox, mei, "发票抬头写错了能改吗")
    first, second = reviewing.claim_next(lin), reviewing.claim_next(chen)
    assert first is not None
    assert second is not None
    assert {first.conversation, second.conversation} == {unsure, other}
    assert reviewing.claim_next(chen) == second


def test_a_claim_ends_when_nobody_looks_any_more(unsure: Conversation, lin: User, chen: User) -> None:
    now = timezone.now()
    reviewing.claim_next(lin, at=now)
    assert reviewing.claim_next(chen, at=now + timedelta(minutes=4)) is None
    assert reviewing.claim_next(chen, at=now + timedelta(minutes=6)) is not None


def test_who_tries_at_the_same_moment_gets_nothing_or_another(unsure: Conversation, lin: User, chen: User) -> None:
    item = ReviewItem.objects.get()
    assert reviewing._claim(item, lin, timezone.now())
    assert not reviewing._claim(item, chen, timezone.now())


def test_another_team_never_gets_it(unsure: Conversation, bob: User) -> None:
    assert reviewing.claim_next(bob) is None
    assert reviewing.waiting_for(bob) == 0
    assert not ReviewItem.objects.visible_to(bob).exists()


def test_an_administrator_sees_every_teams(unsure: Conversation, admin: User) -> None:
    assert reviewing.claim_next(admin) is not None
    assert reviewing.waiting_for(admin) == 1


def test_accepting_keeps_the_label_as_the_persons_word(unsure: Conversation, lin: User) -> None:
    row = nature(unsure)
    kept = reviewing.answer(ReviewItem.objects.get(), row, "quality", by=lin)
    assert (kept.label, kept.source, kept.confidence) == ("quality", "human", 1.0)
    assert nature(unsure) == kept
    assert not Correction.objects.exists()
    assert Event.objects.get(name=events.TRIAGE_CONFIRMED).data == {"head": "nature", "label": "quality"}
    assert ReviewAnswer.objects.get().kind == "confirmed"
    assert not ReviewItem.objects.get().is_open


def test_another_label_is_a_correction(unsure: Conversation, lin: User) -> None:
    reviewing.answer(ReviewItem.objects.get(), nature(unsure), "refund", by=lin)
    assert Correction.objects.get().label == "refund"
    assert nature(unsure).label == "refund"
    assert Event.objects.filter(name=events.TRIAGE_CORRECTED).count() == 1
    assert ReviewAnswer.objects.get().kind == "corrected"


def test_the_next_question_about_the_same_conversation_stays_with_the_person(
    email_inbox: Inbox, mei: Customer, lin: User
) -> None:
    conversation = doubtful(
        email_inbox, mei, nature=head("quality", "refund"), intent=head("price", "how_to", (0.3, 0.25))
    )
    item = reviewing.claim_next(lin)
    assert item is not None
    reviewing.answer(item, nature(conversation), "quality", by=lin)
    assert item.is_open
    assert set(item.asked) == {"intent"}
    assert reviewing.claim_next(lin) == item


def test_a_prediction_beside_the_question_can_be_put_right_too(unsure: Conversation, lin: User) -> None:
    beside = Prediction.objects.current().get(conversation=unsure, head="emotion")
    item = ReviewItem.objects.get()
    reviewing.answer(item, beside, "angry", by=lin)
    assert item.is_open
    assert Prediction.objects.current().get(conversation=unsure, head="emotion").label == "angry"


def test_a_label_that_does_not_exist_is_refused(unsure: Conversation, lin: User) -> None:
    with pytest.raises(InvalidInput, match="Choose one"):
        reviewing.answer(ReviewItem.objects.get(), nature(unsure), "nonsense", by=lin)
    assert nature(unsure).source == "rules"


def test_who_was_slower_is_told(unsure: Conversation, lin: User, chen: User) -> None:
    row = nature(unsure)
    reviewing.answer(ReviewItem.objects.get(), row, "quality", by=lin)
    with pytest.raises(Conflict, match="in the meantime"):
        reviewing.answer(ReviewItem.objects.get(), row, "refund", by=chen)
    assert nature(unsure).label == "quality"


def test_what_is_skipped_goes_behind_all_others(
    email_inbox: Inbox, mei: Customer, unsure: Conversation, lin: User
) -> None:
    other = doubtful(email_inbox, mei, "发票抬头写错了能改吗", emotion=head("angry", "neutral", (0.3, 0.29)))
    first = reviewing.claim_next(lin)
    assert first is not None
    assert first.conversation == unsure
    reviewing.skip(first, by=lin)
    second = reviewing.claim_next(lin)
    assert second is not None
    assert second.conversation == other
    assert Event.objects.filter(name=events.REVIEW_SKIPPED).count() == 1


def test_after_two_skips_nobody_is_asked(unsure: Conversation, lin: User, chen: User) -> None:
    for person in (lin, chen):
        item = reviewing.claim_next(person)
        assert item is not None
        reviewing.skip(item, by=person)
    assert reviewing.claim_next(lin) is None


def test_a_correction_is_taken_back_as_if_it_had_not_been(unsure: Conversation, lin: User) -> None:
    before = nature(unsure)
    asked = ReviewItem.objects.get().asked
    reviewing.answer(ReviewItem.objects.get(), before, "refund", by=lin)
    item = reviewing.take_back(by=lin)
    assert nature(unsure) == before
    assert not Correction.objects.exists()
    assert (item.is_open, item.asked) == (True, asked)
    assert reviewing.claim_next(lin) == item
    assert reviewing.answered_today(lin) == 0
    assert Event.objects.get(name=events.TRIAGE_WITHDRAWN).data["to"] == "quality"


def test_a_skip_is_taken_back(unsure: Conversation, lin: User) -> None:
    worth = ReviewItem.objects.get().worth
    reviewing.skip(ReviewItem.objects.get(), by=lin)
    item = reviewing.take_back(by=lin)
    assert (item.worth, item.skips, item.claimed_by) == (worth, 0, lin)


def test_undo_goes_back_one_by_one(email_inbox: Inbox, mei: Customer, unsure: Conversation, lin: User) -> None:
    other = doubtful(email_inbox, mei, "发票抬头写错了能改吗")
    for conversation in (unsure, other):
        reviewing.answer(conversation.review_item, nature(conversation), "refund", by=lin)
    assert [reviewing.take_back(by=lin).conversation for _ in range(2)] == [other, unsure]
    with pytest.raises(Conflict, match="no answer"):
        reviewing.take_back(by=lin)


def test_undo_is_refused_when_something_else_was_said_since(unsure: Conversation, lin: User, chen: User) -> None:
    from careloop.triage.services.correcting import correct

    reviewing.answer(ReviewItem.objects.get(), nature(unsure), "refund", by=lin)
    correct(nature(unsure), "price", by=chen)
    with pytest.raises(Conflict, match="since"):
        reviewing.take_back(by=lin)
    assert nature(unsure).label == "price"


def test_nobody_takes_back_a_colleagues_answer(unsure: Conversation, lin: User, chen: User) -> None:
    reviewing.answer(ReviewItem.objects.get(), nature(unsure), "refund", by=lin)
    with pytest.raises(Conflict):
        reviewing.take_back(by=chen)


def test_progress_counts_answers_and_not_skips(
    email_inbox: Inbox, mei: Customer, unsure: Conversation, lin: User
) -> None:
    other = doubtful(email_inbox, mei, "发票抬头写错了能改吗")
    reviewing.answer(unsure.review_item, nature(unsure), "quality", by=lin)
    reviewing.skip(other.review_item, by=lin)
    assert reviewing.answered_today(lin) == 1
    assert reviewing.answered_today(lin, at=timezone.now() + timedelta(days=2)) == 0


def test_counting_stops_at_a_hundred(email_inbox: Inbox, mei: Customer, lin: User) -> None:
    first = begin(email_inbox, mei, "嗯").conversation
    rows = [
        Conversation(
            customer=mei, inbox=email_inbox, team=first.team, channel="email", created_at=first.created_at,
            last_activity_at=first.created_at,
        )
        for _ in range(120)
    ]  # fmt: skip
    for conversation in Conversation.objects.bulk_create(rows):
        ReviewItem.objects.create(
            conversation=conversation, team=first.team, worth=1, likeness_a=0, likeness_b=0, at=first.created_at
        )
    assert reviewing.waiting_for(lin) == reviewing.COUNTED_TO


def test_who_may_not_correct_is_asked_nothing(unsure: Conversation, lin: User) -> None:
    item = ReviewItem.objects.get()
    lin.is_active = False
    for attempt in (
        lambda: reviewing.claim_next(lin),
        lambda: reviewing.answer(item, nature(unsure), "quality", by=lin),
        lambda: reviewing.skip(item, by=lin),
        lambda: reviewing.take_back(by=lin),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert nature(unsure).source == "rules"
