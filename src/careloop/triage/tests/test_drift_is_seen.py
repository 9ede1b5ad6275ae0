"""Weekly counts show when what comes in, or what people correct, has changed; a warning is given once (issue 3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from careloop.accounts.models import User
from careloop.common.models import Event
from careloop.conversations.models import Inbox
from careloop.customers.models import Customer
from careloop.triage import events
from careloop.triage.drifting import judged_weeks
from careloop.triage.engine.drift import Week, by_chance, judge, stability_index
from careloop.triage.models import Correction, CountedUpTo, Prediction, WeekOfAnswers
from careloop.triage.services import counting
from careloop.triage.services.classifying import classify
from careloop.triage.services.correcting import confirm, correct
from careloop.triage.tasks import count_answers
from careloop.triage.tests.test_predictions_are_kept_and_corrected import begin

MONDAY = date(2026, 11, 16)
USUAL = {"quality": 60, "logistics": 40}
Counts = st.dictionaries(st.sampled_from("abcde"), st.integers(0, 500), min_size=1)


def test_the_index_has_the_value_of_the_textbook() -> None:
    index = stability_index({"a": 5_000, "b": 5_000}, {"a": 6_000, "b": 4_000})
    assert index == pytest.approx(0.1 * 0.405465, abs=1e-3)
    assert stability_index(USUAL, USUAL) == pytest.approx(0)


@given(Counts, Counts)
def test_the_index_is_never_negative_and_takes_no_side(now: dict[str, int], before: dict[str, int]) -> None:
    assert stability_index(now, before) >= 0
    assert stability_index(now, before) == pytest.approx(stability_index(before, now))


def test_a_small_week_may_be_far_away_by_chance() -> None:
    few = judge(Week({"quality": 14, "logistics": 1, "price": 8, "refund": 9}), [Week(USUAL), Week(USUAL)])
    assert few.index is not None
    assert by_chance(32, 200, 4) > 0.25
    assert judge(Week({"quality": 3}), [Week(USUAL)] * 3).index is None
    assert judge(Week(USUAL), [Week({"quality": 20})]).index is None


def test_a_week_of_other_matters_warns() -> None:
    assert judge(Week({"quality": 10, "logistics": 190}), [Week(USUAL)] * 8).is_drifting
    assert not judge(Week({"quality": 58, "logistics": 42}), [Week(USUAL)] * 8).is_warning


def test_a_week_of_many_corrections_warns() -> None:
    usual = [Week(USUAL, corrected=5)] * 8
    assert judge(Week(USUAL, corrected=25), usual).is_corrected_more
    assert not judge(Week(USUAL, corrected=9), usual).is_corrected_more


@pytest.mark.django_db
def test_answers_and_corrections_are_counted_once(mei: Customer, email_inbox: Inbox, lin: User) -> None:
    rows = classify(begin(email_inbox, mei, "面霜坏了裂了"))
    nature = next(row for row in rows if row.head == "nature")
    correct(nature, "logistics", by=lin)
    confirm(next(row for row in rows if row.head == "severity"), by=lin)
    assert not counting.count_step()
    assert not WeekOfAnswers.objects.exists(), "what is younger than five minutes waits"
    later = timezone.now() + timedelta(hours=1)
    counting.count_step(later)
    counting.count_step(later)
    week = WeekOfAnswers.objects.get(series="nature")
    assert (week.counts, week.corrected) == ({nature.label: 1}, 1)
    assert WeekOfAnswers.objects.get(series="channel").counts == {"email": 1}
    assert WeekOfAnswers.objects.get(series="severity").corrected == 0
    mark = CountedUpTo.objects.get()
    assert (mark.prediction, mark.correction) == (Prediction.objects.last().pk, Correction.objects.last().pk)  # type: ignore[union-attr]


@pytest.mark.django_db
def test_counting_goes_on_where_it_stopped(mei: Customer, email_inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "ROWS_A_STEP", 4)
    classify(begin(email_inbox, mei, "面霜坏了裂了"))
    Prediction.objects.update(at=timezone.now() - timedelta(hours=1))
    count_answers.call()
    of_heads = WeekOfAnswers.objects.exclude(series__in=(counting.CHANNEL, counting.UNKNOWN_WORDS))
    assert sum(sum(row.counts.values()) for row in of_heads) == Prediction.objects.count()


@pytest.mark.django_db
def test_weeks_begin_on_monday_where_the_desk_is(mei: Customer, email_inbox: Inbox) -> None:
    classify(begin(email_inbox, mei, "坏了"))
    Prediction.objects.update(at=datetime(2026, 11, 15, 17, 0, tzinfo=UTC))  # Monday, 01:00 in Shanghai
    counting.count_step()
    assert WeekOfAnswers.objects.get(series="nature").week == MONDAY


def weeks_of(series: str, last: dict[str, int]) -> None:
    for back in range(1, 9):
        WeekOfAnswers.objects.create(series=series, week=MONDAY - timedelta(weeks=back), counts=USUAL)
    WeekOfAnswers.objects.create(series=series, week=MONDAY, counts=last)


@pytest.mark.django_db
def test_a_drifted_week_is_told_once() -> None:
    weeks_of("nature", {"logistics": 200})
    weeks_of("severity", USUAL)
    assert counting.warn_of_drift(MONDAY + timedelta(days=3)) == []
    assert counting.warn_of_drift(MONDAY + timedelta(days=8)) == ["nature"]
    assert counting.warn_of_drift(MONDAY + timedelta(days=9)) == []
    event = Event.objects.get(name=events.DRIFTED)
    assert (event.data["series"], event.data["week"]) == ("nature", "2026-11-16")


@pytest.mark.django_db
def test_judging_all_weeks_is_one_query(django_assert_num_queries: object) -> None:
    weeks_of("nature", {"logistics": 200})
    weeks_of("channel", USUAL)
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = judged_weeks(MONDAY)
    assert found["nature"][-1].judgement.is_drifting
    assert not found["channel"][-1].judgement.is_warning
