"""Every API endpoint under schemathesis: whatever is sent, never a 5xx, always the documented shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, settings

from careloop.config.wsgi import application

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SUPPRESSED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@pytest.fixture(autouse=True)
def _the_connection_of_the_test_stays_open() -> Iterator[None]:
    """A served application closes its connection after a request; Django's own test client keeps it, and so do we."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@schema.parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=SUPPRESSED)
def test_nothing_that_is_sent_breaks_the_api(case: Any, api_token: str, complaint: Any, api_inbox: Any) -> None:
    if "reference" in case.path_parameters and len(str(case.path_parameters["reference"])) % 2:
        case.path_parameters["reference"] = complaint.reference
    response = case.call(headers={"Authorization": f"Bearer {api_token}"})
    assert response.status_code < 500, response.text
    if response.status_code >= 400 and "application/json" in str(response.headers.get("content-type")):
        assert set(response.json()["error"]) == {"code", "message", "details"}


def test_the_documentation_of_the_api_opens(client: Client) -> None:
    page = client.get("/api/v1/docs").content.decode()
    assert "<script>" not in page
    assert "//cdn." not in page
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    for path, methods in paths.items():
        for method, operation in methods.items():
            assert operation.get("summary"), f"{method} {path} has no summary"
            assert operation["summary"] in page
            assert all(each["name"] in page for each in operation.get("parameters", []))
