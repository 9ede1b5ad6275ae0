from __future__ import annotations

import pytest

from careloop.business_hours.loading import load_shipped_calendars
from careloop.sla.loading import load_shipped_targets


@pytest.fixture
def table(db: None) -> None:
    """The calendars and the response table as they ship."""
    load_shipped_calendars()
    load_shipped_targets()
