"""The whole way, nothing played: corrections, nights, real trainings; what is better beyond noise answers (mission 11).

A team has names for things that no rule knows: a courier's robot, a member price, a pump of the third kind. What its
people said of such messages is written here, in both languages. The nights of three fortnights follow each other:
the first model beats the rules, the second beats the first when new names have come, and the third, which has nothing
new to tell, is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product

import pytest
from django.utils import timezone

from careloop.accounts.models import User
from careloop.common.jobs.running import run_pending_jobs
from careloop.common.models import Job
from careloop.conversations.models import Inbox
from careloop.customers.models import Customer
from careloop.triage.models import ModelStanding, ModelVersion, Prediction, TrainingRun
from careloop.triage.services.classifying import classify
from careloop.triage.services.correcting import confirm, correct
from careloop.triage.services.promoting import champion_standing
from careloop.triage.tasks import retrain_where_due
from careloop.triage.tests.test_predictions_are_kept_and_corrected import begin

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

Names = dict[str, tuple[str, ...]]
FIRST: Names = {
    "logistics": ("小蓝车", "驿小柜", "the bluecart", "the petal locker"),
    "price": ("满月价", "叠叠券", "the moonprice", "the stackpass"),
    "quality": ("三代泵头", "磁吸内盖", "the third pump", "the snaplid"),
    "account": ("成长芽", "花瓣值", "my sprouts", "my petal level"),
}
LATER: Names = {
    "logistics": ("晨达专线", "小橘站点", "the dawnrun", "the tangerine point"),
    "price": ("拼拼价", "返场卡", "the huddle rate", "the encore card"),
    "quality": ("雾面瓶身", "双子喷嘴", "the frosted body", "the twin nozzle"),
    "account": ("星露等级", "园丁身份", "my dew rank", "my gardener badge"),
}
IN_CHINESE = (
    "{}怎么还是老样子", "麻烦看一下{}", "{}又来了，说说怎么办", "上次说的{}有结果吗", "{}这事谁在跟", "跟你们反映下{}",
    "又要问{}了", "{}没人管吗", "请回复我{}的事", "说好的{}呢", "{}到底怎样了", "我还在等{}的答复",
)  # fmt: skip
IN_ENGLISH = (
    "again about {}", "could somebody look at {}", "{}, once more", "any news on {}", "who handles {}",
    "writing about {}",
    "another word on {}", "is nobody minding {}", "please answer me on {}", "what about {}", "so how is {} now",
    "still waiting to hear on {}",
)  # fmt: skip


def said_of(names: Names, part: slice = slice(None)) -> list[tuple[str, str]]:
    """Messages with what they are about, the labels taking turns as they do in a team's day."""
    ways = {True: IN_ENGLISH[part], False: IN_CHINESE[part]}
    numbers = range(len(IN_CHINESE[part]))
    by_label = [
        [(ways[name.isascii()][number].format(name), label) for number, name in product(numbers, of_label)]
        for label, of_label in names.items()
    ]
    return [row for turn in zip(*by_label, strict=True) for row in turn]


def politely(text: str) -> str:
    return f"{text}, thanks a lot" if text.isascii() else f"您好，{text}，谢谢"


def days_ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def spread(count: int, first: float, last: float) -> Iterator[datetime]:
    """Moments from so many days ago to so many."""
    return (days_ago(first + (last - first) * number / count) for number in range(count))


class Team:
    """What a team does in a fortnight, and the night after it."""

    def __init__(self, inbox: Inbox, customer: Customer, person: User) -> None:
        self.inbox, self.customer, self.person = inbox, customer, person

    def says(self, rows: list[tuple[str, str]], first: float, last: float) -> None:
        for (text, label), at in zip(rows, spread(len(rows), first, last), strict=True):
            message = begin(self.inbox, self.customer, text)
            classify(message)
            row = Prediction.objects.current().get(conversation=message.conversation, head="nature")
            confirm(row, by=self.person, at=at) if row.label == label else correct(row, label, by=self.person, at=at)

    def sleeps(self, days: float) -> ModelVersion:
        """The nightly job, that many days ago; what it made."""
        assert retrain_where_due.call() == ["nature"]
        assert run_pending_jobs() >= 1
        run = TrainingRun.objects.latest("pk")
        assert (run.outcome, run.origin) == ("trained", "night"), run.sentence
        TrainingRun.objects.filter(pk=run.pk).update(asked_at=days_ago(days))
        assert run.version is not None
        return run.version


def answer_now(team: Team, text: str) -> Prediction:
    return next(row for row in classify(begin(team.inbox, team.customer, text)) if row.head == "nature")


def test_the_night_promotes_what_learned_the_teams_words_and_refuses_what_learned_nothing_new(
    email_inbox: Inbox, mei: Customer, lin: User
) -> None:
    team = Team(email_inbox, mei, lin)
    Job.objects.all().delete()

    team.says(said_of(FIRST), 50, 15)
    first = team.sleeps(days=14.5)
    report = first.comparison
    assert report is not None
    assert (report.verdict, report.champion) == ("better", None), report.report
    assert report.n >= 50
    assert report.report["p_value"] < 0.01
    standing = champion_standing("nature")
    assert standing is not None
    assert (standing.version, standing.by, standing.why) == (first, None, "better")
    told = answer_now(team, "小蓝车的事请回个话")
    assert (told.label, told.source, told.model_version) == ("logistics", "linear", first.version)

    team.says(said_of(LATER), 14, 7)
    second = team.sleeps(days=6.5)
    report = second.comparison
    assert report is not None
    assert (report.verdict, report.champion) == ("better", first), report.report
    standing = champion_standing("nature")
    assert standing is not None
    assert (standing.version, standing.replaced) == (second, first)
    assert first.standings.get(until=None).state == ModelStanding.State.RETIRED

    team.says([(politely(text), label) for text, label in said_of(LATER, slice(0, 8))], 6, 0.01)
    third = team.sleeps(days=0)
    report = third.comparison
    assert report is not None
    assert report.champion == second
    assert report.verdict != "better", report.report
    assert third.standings.get(until=None).state == ModelStanding.State.REFUSED
    standing = champion_standing("nature")
    assert standing is not None
    assert standing.version == second
