"""A desk that is really served, with a lead and an agent, and the steps both journeys share."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import Browser, Page, expect

from careloop.cli.tests.desk import Desk, eventually

PASSWORD = "a long enough password"
PEOPLE = f"""
from careloop.accounts.models import Team, TeamMember, User
from careloop.accounts.services.presence import set_presence
team = Team.objects.get()
for name, role, language in (("lin", "agent", "zh-hans"), ("chen", "lead", "en")):
    user = User.objects.create_user(
        f"{{name}}@hemu.example", "{PASSWORD}", display_name=name.title(), role=role, language=language,
        languages=["zh", "en"],
    )
    TeamMember.objects.create(team=team, user=user)
    set_presence(user, "online")
team.lead = user
team.save()
"""
FACTS = """
from careloop.care.models import FollowUp
from careloop.conversations.models import Conversation
from careloop.sla.models import Clock
from careloop.surveys.models import SurveyAnswer
from careloop.triage.models import Prediction
one = Conversation.objects.get()
print(json.dumps({
    "reference": one.reference, "state": one.state, "kind": one.kind, "language": one.language,
    "messages": list(one.messages.order_by("id").values_list("kind", flat=True)),
    "natures": list(Prediction.objects.filter(head="nature", is_current=True).values_list("label", flat=True)),
    "clocks": sorted(Clock.objects.values_list("kind", "state")),
    "scores": list(SurveyAnswer.objects.values_list("c1_speed", "c2_result", "c3_overall")),
    "follow_ups": FollowUp.objects.count(),
}))
"""


def served(desk: Desk, *preparations: str) -> Desk:
    assert desk.run("migrate").returncode == 0
    for code in (PEOPLE, *preparations):
        desk.python(code)
    desk.start("serve")
    assert eventually(lambda: "Careloop is ready" in desk.log("serve")), desk.log("serve")
    return desk


def facts(desk: Desk) -> dict[str, Any]:
    found: dict[str, Any] = desk.python(FACTS)
    return found


def sign_in(browser: Browser, desk: Desk, email: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(f"http://127.0.0.1:{desk.port}/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/desk/**")
    return page


def open_and_answer(page: Page, desk: Desk, number: int, text: str) -> None:
    page.goto(f"http://127.0.0.1:{desk.port}/conversations/{number}/")
    page.fill("#composer textarea[name=text]", text)
    page.press("#composer textarea[name=text]", "Control+Enter")
    expect(page.locator("#conversation")).to_contain_text(text[:12])


def resolve(page: Page, desk: Desk, number: int) -> None:
    page.goto(f"http://127.0.0.1:{desk.port}/conversations/{number}/resolution/")
    form = page.locator("form[action$='/resolution/']")
    form.locator("input[name=solved][value=yes]").check(force=True)
    form.locator("input[name=satisfied][value=yes]").check(force=True)
    form.locator("input[name=outcome][value=replaced]").check(force=True)
    form.locator("input[name=cause][value=product]").check(force=True)
    form.locator("button.btn-primary").click()
    page.wait_for_load_state()


def rate(page: Page, address: str, scores: tuple[int, int, int]) -> None:
    page.goto(address)
    page.locator("input[name=solved][value=yes]").check(force=True)
    for field, score in zip(("c1_speed", "c2_result", "c3_overall"), scores, strict=True):
        page.locator(f"input[name={field}][value='{score}']").check(force=True)
    page.locator("button.btn-primary").click()
    page.wait_for_load_state()


def weekly_report(desk: Desk, week: str) -> dict[str, Any]:
    done = desk.run("report", "weekly", "--week", week, "--format", "json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def number_in(text: str) -> int:
    found = re.search(r"CL-(\d+)", text)
    assert found, text
    return int(found.group(1))
