"""One network address may hand in only so much an hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import RequestFactory

from careloop.common.errors import TooMany
from careloop.common.http import address_of
from careloop.portal.limiter import forget_knocks, knock
from careloop.portal.models import Knocks

NOON = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)


@pytest.mark.django_db
def test_the_share_of_the_hour_ends_and_the_next_hour_begins(settings: Any) -> None:
    settings.CARELOOP_PORTAL_PER_HOUR = 2
    knock("192.0.2.7", at=NOON)
    knock("192.0.2.7", at=NOON)
    with pytest.raises(TooMany):
        knock("192.0.2.7", at=NOON)
    knock("192.0.2.8", at=NOON)
    knock("192.0.2.7", at=NOON + timedelta(hours=1))


@pytest.mark.django_db
def test_one_household_of_ipv6_counts_as_one(settings: Any) -> None:
    settings.CARELOOP_PORTAL_PER_HOUR = 1
    knock("2001:db8:1:2:aaaa::1", at=NOON)
    with pytest.raises(TooMany):
        knock("2001:db8:1:2:bbbb::2", at=NOON)


@pytest.mark.django_db
def test_the_address_itself_is_not_kept() -> None:
    knock("192.0.2.7", at=NOON)
    row = Knocks.objects.get()
    assert all("192.0.2.7" not in str(getattr(row, field.name)) for field in Knocks._meta.fields)


@pytest.mark.django_db
def test_old_counts_are_forgotten() -> None:
    knock("192.0.2.7", at=NOON)
    assert forget_knocks(at=NOON + timedelta(days=2)) == 1


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (0, "198.51.100.9", "10.0.0.1"),
        (1, "203.0.113.5, 198.51.100.9", "198.51.100.9"),
        (2, "203.0.113.5, 198.51.100.9, 10.0.0.2", "198.51.100.9"),
        (1, "", "10.0.0.1"),
    ],
)
def test_only_our_own_proxies_are_believed(settings: Any, proxies: int, forwarded: str, found: str) -> None:
    settings.CARELOOP_TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": forwarded})
    assert address_of(request) == found
