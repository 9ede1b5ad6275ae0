"""How many queries the pages beside the desk make, of a lead who sees all: recorded, the same however many rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from careloop.accounts.models import User
from careloop.audit.tests.factories import endangered
from careloop.care.tests.factories import followed_up
from careloop.conversations.models import Inbox
from careloop.customers.models import Customer
from careloop.improvements.models import GroupedQuestion, QuestionGroup, QuestionRun
from careloop.improvements.services.registering import move, propose
from careloop.knowledge.services.writing import Wording, publish, write_article
from careloop.routing.models import Simulation
from careloop.routing.services.simulating import ask
from careloop.routing.tests.factories import waiting
from careloop.sla.loading import load_shipped_targets
from careloop.surveys.models import SurveyWithheld
from careloop.triage import overview
from careloop.triage.loading import load_shipped_taxonomy
from careloop.triage.models import TaxonomyLabel, WeekOfAnswers
from careloop.triage.services import taxonomy
from careloop.triage.services.promoting import promote
from careloop.triage.services.taxonomy import Wording as Label
from careloop.triage.tests.factories import version_of
from careloop.triage.tests.review_helpers import begin, doubtful
from careloop.workspace.tests.recording import compare, queries

Fill = Callable[["Rooms", int], None]
MANY = 6


class Rooms:
    """Fills one room after the other; every row has a number of its own."""

    def __init__(self, lead: User, inbox: Inbox, customer: Customer) -> None:
        self.lead, self.inbox, self.customer = lead, inbox, customer

    def articles(self, number: int) -> None:
        wordings = {
            "zh": Wording(f"退款 {number}", "二十四小时内打款。"),
            "en": Wording(f"Refund {number}", "In a day."),
        }
        article = write_article(section="returns", audience="public", keywords="", wordings=wordings, by=self.lead)
        publish(article, by=self.lead)

    def questions(self, number: int) -> None:
        now = timezone.now()
        group = QuestionGroup.objects.create(
            words={"面膜": 2}, first_asked_at=now, last_asked_at=now, recent=2 + number
        )
        for _ in range(2):
            row = begin(self.inbox, self.customer, f"面膜 {number}").conversation
            GroupedQuestion.objects.create(group=group, conversation=row, asked_at=now)
        QuestionRun.objects.create(at=now, since=now - timedelta(days=28), asked_in_window=9)

    def improvements(self, number: int) -> None:
        row = propose(f"Explain masks {number}", by=self.lead)
        move(row, to="doing", by=self.lead, note="begun")

    def follow_ups(self, number: int) -> None:
        conversation = begin(self.inbox, self.customer, f"退款没到 {number}").conversation
        followed_up(conversation, self.lead)

    def queue(self, number: int) -> None:
        waiting(self.customer, self.inbox, severity="severe", nature="quality")
        ask(by=self.lead, months=1)
        Simulation.objects.update(state=Simulation.State.STOPPED, finished_at=timezone.now())

    def reads(self, number: int) -> None:
        conversation = begin(self.inbox, self.customer, f"没意思 {number}").conversation
        endangered(conversation, "self_harm")
        reader = Client()
        reader.force_login(self.lead)
        assert reader.get(f"/conversations/{conversation.number}/").status_code == 200

    def withheld(self, number: int) -> None:
        conversation = begin(self.inbox, self.customer, f"没意思 {number}").conversation
        endangered(conversation, "self_harm")
        followed_up(conversation, self.lead)
        assert SurveyWithheld.objects.count() == number + 1

    def models(self, number: int) -> None:
        promote(version_of(f"nature-{number}"), by=None)
        version_of(f"severity-{number}", head="severity")
        week = overview.last_monday() - timedelta(weeks=number)
        for series in ("nature", "severity", "channel"):
            WeekOfAnswers.objects.create(series=series, week=week, counts={"quality": 40}, corrected=3, unsure=4)

    def reviews(self, number: int) -> None:
        doubtful(
            self.inbox,
            self.customer,
            ("发票抬头", "快递的事", "退款还没到", "几点关门", "灯不亮", "积分", "漏液")[number],
        )

    def labels(self, number: int) -> None:
        parent = TaxonomyLabel.objects.get(key="quality")
        label = taxonomy.add(parent, f"mine_{number}", Label(f"Mine {number}", f"我的{number}"), by=self.lead)
        if number % 2:
            taxonomy.merge(label, TaxonomyLabel.objects.get(key="damaged"), by=self.lead)


PAGES: dict[str, tuple[str, Fill]] = {
    "articles": ("/knowledge/", Rooms.articles),
    "help centre": ("/help/", Rooms.articles),
    "questions without an article": ("/questions/", Rooms.questions),
    "improvements": ("/improvements/", Rooms.improvements),
    "follow-ups": ("/follow-ups/?view=team", Rooms.follow_ups),
    "priority": ("/priority/", Rooms.queue),
    "sensitive reads": ("/audit/reads/", Rooms.reads),
    "surveys withheld": ("/surveys/withheld/", Rooms.withheld),
    "models": ("/triage/models/", Rooms.models),
    "model": ("/triage/models/nature/", Rooms.models),
    "review": ("/triage/review/", Rooms.reviews),
    "taxonomy": ("/triage/taxonomy/", Rooms.labels),
    "taxonomy label": ("/triage/taxonomy/?label=mine_0", Rooms.labels),
}


@pytest.fixture
def rooms(chen: User, email_inbox: Inbox, mei: Customer) -> Any:
    load_shipped_targets()
    load_shipped_taxonomy()
    return Rooms(chen, email_inbox, mei)


@pytest.mark.parametrize("screen", PAGES)
def test_a_rooms_page_makes_as_many_queries_as_recorded_however_many_rows(
    as_chen: Client, rooms: Rooms, screen: str
) -> None:
    address, fill = PAGES[screen]
    fill(rooms, 0)
    queries(as_chen, address)  # what a process remembers between requests is not counted
    few = queries(as_chen, address)
    for number in range(1, MANY + 1):
        fill(rooms, number)
    compare(screen, few, queries(as_chen, address))
