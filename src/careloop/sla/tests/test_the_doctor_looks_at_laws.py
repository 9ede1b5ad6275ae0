"""What the doctor says of laws that are switched on."""

from __future__ import annotations

import pytest
from django.utils import timezone

from careloop.accounts.models import User
from careloop.business_hours.models import Calendar
from careloop.sla.checks import laws
from careloop.sla.models import RegimeInUse
from careloop.sla.services.switching import switch_on

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("table")]


def said() -> list[tuple[str, str]]:
    return [(finding.level, finding.sentence) for finding in laws()]


def test_a_new_desk_is_under_no_law() -> None:
    assert said() == [("ok", "No law is switched on.")]


def test_business_days_without_holidays_and_unconfirmed_rows_are_warned_of(admin: User) -> None:
    switch_on("sg_fi", by=admin)
    switch_on("hk_hkma", by=admin)
    levels = [level for level, _ in said()]
    assert levels == ["ok", "warning", "warning"]
    assert "hk_hkma is unconfirmed." in {sentence for _, sentence in said()}


def test_a_calendar_with_holidays_to_come_is_well_and_one_without_is_not(admin: User) -> None:
    switch_on("cn_air", by=admin, calendar=Calendar.objects.get(is_default=True))
    has_holidays = Calendar.objects.get(is_default=True).holidays.filter(date__gt=timezone.localdate()).exists()
    assert has_holidays
    switch_on("sg_fi", by=admin, calendar=Calendar.objects.get(slug="around-the-clock"))
    assert [level for level, _ in said()] == ["ok", "warning"]


def test_a_law_that_no_longer_ships_is_a_failure(admin: User) -> None:
    RegimeInUse.objects.create(regime="gone", since=timezone.now(), by=admin)
    assert ("failure", "gone is switched on and no longer ships.") in said()
