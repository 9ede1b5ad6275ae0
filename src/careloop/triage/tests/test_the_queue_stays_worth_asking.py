"""Of each day the worthiest questions stay, and none for ever; a danger and a split wait as long as it takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from careloop.accounts.models import Team, User
from careloop.common.models import Event
from careloop.conversations.models import Inbox
from careloop.customers.models import Customer
from careloop.triage import events
from careloop.triage.doubts import SPLIT
from careloop.triage.engine.heads import HeadResult
from careloop.triage.models import Prediction, ReviewItem
from careloop.triage.services import reviewing
from careloop.triage.services.classifying import keep_predictions
from careloop.triage.services.trimming import KEPT_FOR, Open, surplus, trim
from careloop.triage.tasks import trim_reviews
from careloop.triage.tests.review_helpers import begin, doubtful, head, judged

NOW = datetime(2026, 11, 18, 4, tzinfo=UTC)
OLDEST = NOW - KEPT_FOR
SUBJECTS = ("面霜好像不太对", "快递的事问一下", "发票那个怎么弄", "积分怎么没有了", "会员价是什么意思")

Opens = st.lists(
    st.builds(
        Open,
        pk=st.integers(1, 10**6),
        team=st.sampled_from([None, 1, 2]),
        at=st.integers(0, 30).map(lambda days: NOW - timedelta(days=days)),
        worth=st.integers(-2_000, 900),
        must_stay=st.booleans(),
    ),
    unique_by=lambda each: each.pk,
    max_size=12,
)


def each_open(pk: int, worth: int, team: int | None = 1, days: int = 0, *, must_stay: bool = False) -> Open:
    return Open(pk, team, NOW - timedelta(days=days), worth, must_stay)


def test_of_a_day_and_a_team_the_worthiest_stay() -> None:
    found = [each_open(1, 10), each_open(2, 30), each_open(3, 20), each_open(4, 5, team=2), each_open(5, 1, days=1)]
    assert surplus(found, a_day=2, oldest=OLDEST) == [1]


def test_of_equal_worth_the_newer_stays() -> None:
    assert surplus([each_open(1, 10), each_open(2, 10)], a_day=1, oldest=OLDEST) == [1]


def test_what_must_stay_takes_no_other_questions_place() -> None:
    found = [each_open(1, 1, must_stay=True, days=60), each_open(2, 900, must_stay=True), each_open(3, 10)]
    assert surplus(found, a_day=1, oldest=OLDEST) == []


def test_after_two_weeks_nobody_is_asked() -> None:
    assert surplus([each_open(1, 900, days=15), each_open(2, 1, days=13)], a_day=5, oldest=OLDEST) == [1]


@hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
@given(Opens, st.integers(1, 4))
def test_no_day_of_a_team_keeps_more_and_nothing_worthier_goes_first(found: list[Open], a_day: int) -> None:
    gone = set(surplus(found, a_day=a_day, oldest=OLDEST))
    optional = [each for each in found if not each.must_stay]
    assert not gone & {each.pk for each in found if each.must_stay}
    assert all(each.at >= OLDEST for each in optional if each.pk not in gone)
    for each in optional:
        same = [other for other in optional if (other.team, other.at) == (each.team, each.at) and other.at >= OLDEST]
        kept = [other for other in same if other.pk not in gone]
        assert len(kept) == min(a_day, len(same))
        if each.pk in gone and each in same:
            assert all(other.worth >= each.worth for other in kept)


def ask_about_each(inbox: Inbox, customer: Customer) -> list[ReviewItem]:
    return [doubtful(inbox, customer, subject).review_item for subject in SUBJECTS]


@pytest.mark.django_db
def test_the_surplus_leaves_the_queue_and_is_recorded_once(
    email_inbox: Inbox, mei: Customer, lin: User, settings: Any
) -> None:
    settings.CARELOOP_QUESTIONS_A_DAY = 3
    items = ask_about_each(email_inbox, mei)
    ReviewItem.objects.filter(pk=items[0].pk).update(worth=900)
    assert trim_reviews.call() == 2
    assert reviewing.waiting_for(lin) == 3
    assert ReviewItem.objects.open().filter(pk=items[0].pk).exists()
    assert trim() == 0
    assert Event.objects.get(name=events.REVIEWS_TRIMMED).data == {"count": 2}


@pytest.mark.django_db
def test_a_faint_danger_and_a_split_stay_however_old(email_inbox: Inbox, mei: Customer, settings: Any) -> None:
    settings.CARELOOP_QUESTIONS_A_DAY = 1
    faint = HeadResult("injury", 0.4, labels=("injury",), ranked=(("injury", 0.4),), version="test")
    danger = doubtful(email_inbox, mei, "脸有点痒", crisis=faint).review_item
    assert "crisis" in danger.asked
    split, plain = (doubtful(email_inbox, mei, subject).review_item for subject in SUBJECTS[:2])
    ReviewItem.objects.filter(pk=split.pk).update(asked={"nature_detail": {"why": SPLIT, "other": "", "prediction": 1}})
    ReviewItem.objects.update(at=NOW - timedelta(days=90))
    assert trim(NOW) == 1
    assert set(ReviewItem.objects.open()) == {danger, split}
    plain.refresh_from_db()
    assert plain.asked, "what was asked is kept"


@pytest.mark.django_db
def test_a_later_doubt_asks_anew(email_inbox: Inbox, mei: Customer) -> None:
    conversation = doubtful(email_inbox, mei, SUBJECTS[0])
    ReviewItem.objects.update(at=NOW - timedelta(days=90))
    trim(NOW)
    message = begin(email_inbox, mei, "嗯")
    message.conversation = conversation
    message.save()
    keep_predictions(message, judged("嗯", emotion=head("angry", "sad", (0.3, 0.28))))
    item = ReviewItem.objects.get(conversation=conversation)
    assert item.is_open
    assert Prediction.objects.current().filter(pk=item.asked["emotion"]["prediction"]).exists()


@pytest.mark.django_db
def test_teams_do_not_take_each_others_places(
    email_inbox: Inbox, mei: Customer, wholesale_team: Team, settings: Any
) -> None:
    settings.CARELOOP_QUESTIONS_A_DAY = 2
    items = ask_about_each(email_inbox, mei)
    ReviewItem.objects.filter(pk__in=[item.pk for item in items[:3]]).update(team=wholesale_team)
    assert trim() == 1
    assert ReviewItem.objects.open().filter(team=wholesale_team).count() == 2
