"""What laws grant, counted in days of their own place. The named cases are those of the domain brief."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careloop.sla.regimes import (
    BadRegime,
    Regime,
    Term,
    WorkingDays,
    after_pause,
    close_at,
    end_of,
    read_regime,
    read_term,
    shipped_regimes,
)

LAWS = shipped_regimes()
LONDON = WorkingDays("Europe/London")
NEW_YORK = WorkingDays("America/New_York")
SHANGHAI = WorkingDays(
    "Asia/Shanghai",
    closed=frozenset(date(2026, 10, day) for day in range(1, 8)),
    worked=frozenset({date(2026, 9, 20), date(2026, 10, 10)}),
)


def received(days: WorkingDays, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(days.zone))  # type: ignore[arg-type, misc]


def last_day(law: Regime, term: Term, at: datetime, days: WorkingDays) -> date:
    due = law.due(term, at, days).astimezone(days.place)
    assert (due.hour, due.minute, due.second) == (23, 59, 59)
    return due.date()


def test_eight_weeks_from_the_fifth_of_january_end_on_the_second_of_march() -> None:  # domain 2.2
    law = LAWS["uk_fca_general"]
    assert last_day(law, law.final, received(LONDON, 2026, 1, 5, 9), LONDON) == date(2026, 3, 2)


def test_received_on_thursday_the_third_business_day_closes_next_tuesday() -> None:  # domain 2.2
    law = LAWS["uk_fca_summary"]
    assert last_day(law, law.final, received(LONDON, 2026, 1, 8, 17), LONDON) == date(2026, 1, 13)


def test_forty_five_days_run_from_the_notice_and_not_from_the_provisional_credit() -> None:  # domain 2.2
    law, notice = LAWS["us_reg_e"], received(NEW_YORK, 2026, 3, 2, 12)
    credit = last_day(law, law.final, notice, NEW_YORK)
    longer = law.extension("provisional_credit")
    assert longer is not None
    assert last_day(law, longer.term, notice, NEW_YORK) == date(2026, 4, 16)
    assert date(2026, 4, 16) - date(2026, 3, 2) == timedelta(days=45)
    assert credit == date(2026, 3, 16)


def test_sixty_days_run_from_the_same_day_as_the_fifteen() -> None:  # domain 2.2
    law, sent = LAWS["us_cfpb"], received(NEW_YORK, 2026, 6, 1, 8)
    longer = law.extension("in_progress")
    assert longer is not None
    days = [last_day(law, term, sent, NEW_YORK) for term in (law.final, longer.term)]
    assert days == [date(2026, 6, 16), date(2026, 7, 31)]


def test_swapped_workdays_count_and_the_golden_week_does_not() -> None:
    law = LAWS["cn_air"]
    found = last_day(law, law.final, received(SHANGHAI, 2026, 9, 18, 10), SHANGHAI)
    assert found == date(2026, 10, 8)  # nine in September, the worked Sunday the 20th among them, and then the 8th
    assert SHANGHAI.step(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert SHANGHAI.step(date(2026, 10, 9), 1) == date(2026, 10, 10)


def test_the_day_of_receipt_is_that_of_the_place_and_not_of_greenwich() -> None:
    law = LAWS["cn_miit_firm"]
    late_evening_in_london = datetime(2026, 5, 1, 18, 30, tzinfo=UTC)  # 2 May in Shanghai
    assert last_day(law, law.final, late_evening_in_london, SHANGHAI) == date(2026, 5, 17)


def test_hours_run_to_the_minute_over_a_change_of_the_clocks() -> None:
    days, law = WorkingDays("Europe/London"), LAWS["cn_tel_fault"]
    start = received(days, 2026, 3, 28, 12)
    assert law.due(law.final, start, days) - start == timedelta(hours=48)


def test_months_end_on_the_last_day_where_there_is_no_such_day() -> None:
    law, days = LAWS["eu_air"], WorkingDays("Europe/Brussels")
    assert last_day(law, law.final, received(days, 2025, 12, 31, 9), days) == date(2026, 2, 28)


def test_a_deadline_is_close_a_business_day_before_or_with_a_fifth_left_whichever_is_longer() -> None:  # domain 5.1
    start = received(LONDON, 2026, 1, 5)
    monday = end_of(date(2026, 1, 12), LONDON)
    assert close_at(start, monday, LONDON) == end_of(date(2026, 1, 9), LONDON)  # over the weekend
    march = end_of(date(2026, 3, 2), LONDON)
    assert close_at(start, march, LONDON) == march - 0.2 * (march - start)
    assert close_at(start, start + timedelta(hours=20), LONDON) == start


@pytest.mark.parametrize(("unit", "due"), [("c", date(2026, 1, 27)), ("bd", date(2026, 1, 27))])
def test_what_was_paused_is_added_in_whole_days(unit: str, due: date) -> None:
    paused, resumed = received(LONDON, 2026, 1, 8, 9), received(LONDON, 2026, 1, 15, 9)
    assert after_pause(end_of(date(2026, 1, 20), LONDON), paused, resumed, unit, LONDON) == end_of(due, LONDON)  # type: ignore[arg-type]


def test_a_pause_over_a_weekend_gives_no_business_day() -> None:
    friday, sunday = received(LONDON, 2026, 1, 9, 18), received(LONDON, 2026, 1, 11, 18)
    due = end_of(date(2026, 1, 20), LONDON)
    assert after_pause(due, friday, sunday, "bd", LONDON) == due
    assert after_pause(due, friday, sunday, "c", LONDON) == end_of(date(2026, 1, 22), LONDON)


def test_a_row_counts_the_day_of_receipt_or_rolls_on_where_it_says_so() -> None:
    law = row(day_of_receipt_counts=True, final="3 c")
    assert last_day(law, law.final, received(LONDON, 2026, 1, 8), LONDON) == date(2026, 1, 10)
    law = row(rolls_to_business_day=True, final="2 c")
    assert last_day(law, law.final, received(LONDON, 2026, 1, 8), LONDON) == date(2026, 1, 12)


def test_a_row_holds_from_its_day_on() -> None:
    law = LAWS["uk_ofcom"]
    assert not law.in_force(date(2026, 3, 31))
    assert law.in_force(date(2026, 4, 1))


def row(**changes: object) -> Regime:
    known: dict[str, object] = {
        "id": "x", "jurisdiction": "GB", "zone": "Europe/London", "sectors": ["retail"], "addressee": "firm",
        "starts": "complaint", "name": {"en": "Law", "zh": "法"}, "authority": {"en": "A", "zh": "甲"},
        "final": "8 wk", "cite": "1", "source": "s", "checked_on": date(2026, 11, 22), "confidence": "C",
    }  # fmt: skip
    return read_regime(known | changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"final": "8 weeks"}, "is no term"),
        ({"final": "0 c"}, "is no term"),
        ({"addressee": "us"}, "none of firm"),
        ({"confidence": "P"}, "says what is uncertain"),
        ({"name": {"en": "only"}}, "in Chinese"),
        ({"zone": "Europe/Nowhere"}, "Nowhere"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused_by_name(changes: dict[str, object], said: str) -> None:
    with pytest.raises(BadRegime, match=said) as refused:
        row(**changes)
    assert "regime x" in str(refused.value)


def test_every_shipped_row_names_its_source_and_what_is_uncertain() -> None:
    assert len(LAWS) == 34  # as docs/legal-deadlines.md says
    assert len({law.jurisdiction for law in LAWS.values()}) == 8
    assert Counter(law.confidence for law in LAWS.values()) == {"C": 19, "P": 11, "U": 4}
    for law in LAWS.values():
        assert law.cite
        assert law.source
        assert bool(law.uncertain) == (law.confidence != "C"), law.id


@given(
    term=st.builds(Term, st.integers(1, 90), st.sampled_from(["h", "c", "bd", "wk", "mo"])),
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 6, 30)),
)
def test_a_deadline_comes_after_its_start_and_is_close_in_between(term: Term, start: datetime) -> None:
    begun = start.replace(tzinfo=UTC)
    due = LAWS["cn_air"].due(term, begun, SHANGHAI)
    assert begun < due
    assert begun <= close_at(begun, due, SHANGHAI) <= due


def test_a_term_is_written_as_it_is_read() -> None:
    assert str(read_term("35 bd")) == "35 bd"
