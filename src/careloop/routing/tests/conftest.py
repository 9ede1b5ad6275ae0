from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from careloop.accounts.models import User
from careloop.accounts.services.presence import set_presence
from careloop.business_hours.loading import load_shipped_calendars
from careloop.sla.loading import load_shipped_targets


@pytest.fixture
def table(db: None) -> None:
    """The calendars and the response table as they ship."""
    load_shipped_calendars()
    load_shipped_targets()


@pytest.fixture
def lin_online(lin: User) -> User:
    set_presence(lin, "online", at=timezone.now() - timedelta(hours=1))
    return lin
