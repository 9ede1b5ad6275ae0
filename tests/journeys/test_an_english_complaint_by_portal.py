"""James complains on the portal, follows it on his private page, is answered, rates, and is in the weekly report."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect

from careloop.cli.tests.desk import Desk, eventually
from tests.journeys.company import (
    facts,
    number_in,
    open_and_answer,
    rate,
    resolve,
    served,
    sign_in,
    weekly_report,
)

pytestmark = [pytest.mark.slow, pytest.mark.browser]

REPLY = (
    "I'm so sorry, James. Opening a parcel to a cracked bottle is really disappointing. I have sent a new one today, "
    "and I will check myself that it reaches you by Friday. There is a travel size in the box with our apologies."
)


def test_from_the_portal_to_the_weekly_report(desk: Desk, browser: Browser) -> None:
    served(desk)
    base = f"http://127.0.0.1:{desk.port}"
    customer = browser.new_context(locale="en-GB").new_page()
    customer.goto(f"{base}/portal/")
    customer.locator("input[name=kind][value=complaint]").check(force=True)
    customer.fill("textarea[name=text]", "The serum arrived broken and the box was soaked. I am very disappointed.")
    customer.fill("input[name=name]", "James Porter")
    customer.fill("input[name=email]", "james.porter@example.com")
    customer.locator("form button.btn-primary").click()
    customer.wait_for_load_state()
    number = number_in(customer.content())
    private = customer.locator("a[href*='/p/']").first.get_attribute("href")
    assert private
    customer.goto(private if private.startswith("http") else base + private)

    agent = sign_in(browser, desk, "chen@hemu.example")
    open_and_answer(agent, desk, number, REPLY)
    # Without a reload: the answer arrives on the customer's open page.
    expect(customer.locator("body")).to_contain_text("cracked bottle", timeout=20_000)

    resolve(agent, desk, number)
    assert eventually(lambda: facts(desk)["state"] == "resolved")
    customer.reload()
    survey = customer.locator("a[href*='/s/']").first.get_attribute("href")
    assert survey
    rate(customer, survey if survey.startswith("http") else base + survey, (4, 5, 3))

    assert eventually(lambda: facts(desk)["scores"] and facts(desk)["follow_ups"]), facts(desk)
    found = facts(desk)
    assert (found["kind"], found["language"], found["scores"]) == ("complaint", "en", [[4, 5, 3]])
    assert found["natures"] == ["quality"] or found["natures"] == ["logistics"]
    assert ["first_response", "met"] in found["clocks"]
    year, week, _ = datetime.now(UTC).astimezone().isocalendar()
    report = weekly_report(desk, f"{year}-W{week:02d}")
    assert report["volume"]["n"] == 1
    assert report["satisfaction"]["mean_score"] == 4.0  # the seed's example, mission 22
    assert report["resolution"]["share"] == 1.0
