"""The steps of one conversation with their moments: who speaks after how long. Imports neither Django nor us."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Literal

from careloop.demo.content import Client, Person, Thread
from careloop.demo.rhythm import ZONE, after_working
from careloop.demo.wording import pick, worded

Kind = Literal["customer", "assign", "reply", "note", "resolve", "survey", "snooze", "followup"]
FIRST_REPLY_MINUTES = {"A": 11, "B": 24, "C": 30, "D": 28}
LATE_SHARE = 0.05
FORGOTTEN_SHARE = 0.08
UNHAPPY_UP_TO = 2
SPEAKERS = {
    "chen": re.compile(
        r"我是(?:客户关怀组)?主管陈静|我是陈静|陈静已?(?:当日)?回电|Chen Jing, I lead|I'm Chen Jing|this is Chen Jing"
    ),
    "lin": re.compile(r"我是(?:接手的)?林晓|我叫林晓|I'm Lin Xiao"),
    "emma": re.compile(r"I'm Emma\b"),
}  # fmt: skip
"""A line that introduces its speaker is said by that person, who takes the conversation over."""


@dataclass(frozen=True)
class Step:
    kind: Kind
    at: datetime
    text: str = ""
    by: str = ""
    scores: tuple[int, int, int] | None = None


class Pace:
    """Draws the moments of one conversation; the same number always draws the same."""

    def __init__(
        self, number: int, thread: Thread, variant: int, client: Client, agent: Person, slots: Mapping[str, str]
    ) -> None:
        self.number, self.thread, self.variant, self.client = number, thread, variant, client
        self.agent, self.slots = agent, slots

    @property
    def is_simple(self) -> bool:
        """A question that is answered while the customer is still there."""
        return self.thread.truth["class"] == "A"

    def words(self, text: str) -> str:
        return worded(text, self.slots, self.variant)

    def steps(self, start: datetime, fate: str) -> list[Step]:
        """All steps up to where this fate stops."""
        self.rng = Random(self.number)  # noqa: S311
        self.holder = self.agent.key
        told = self._talk(start)
        if fate == "unassigned":
            return told[:1]
        if fate in ("assigned", "overdue"):
            return [told[0], self._assigned_soon(told[0])]
        if fate in ("waiting", "snoozed", "undelivered"):
            return self._until_reply(told, fate)
        told = self._ending(told, fate == "surveyed" or self.rng.random() < 0.2)
        return [*told, self._relapse(told[-1])] if fate == "reopened" else self._looked_after(told)

    def _talk(self, start: datetime) -> list[Step]:
        said = [Step("customer", start, self.words(pick(self.thread.open, self.variant)))]
        for place, turn in enumerate(self.thread.talk):
            ((who, lines),) = turn.items()
            text = self.words(pick(lines, self.variant))
            is_last = place == len(self.thread.talk) - 1
            said.extend(self._turn(who, text, said, is_last))
        return said

    def _turn(self, who: str, text: str, said: list[Step], is_last: bool) -> list[Step]:
        before = said[-1].at
        if who == "customer":
            return [Step("customer", self._customer_answers(before, is_last), text)]
        speaker = next((key for key, words in SPEAKERS.items() if words.search(text)), self.holder)
        at = self._agent_answers(before, is_first=all(step.kind != "reply" for step in said))
        if who == "note":
            return [Step("note", before + (at - before) / 3, text, speaker)]
        taken = [Step("assign", self._taken_at(before, at), by=speaker)] if self._changes(said, speaker) else []
        self.holder = speaker
        return [*taken, Step("reply", at, text, speaker)]

    def _changes(self, said: list[Step], speaker: str) -> bool:
        return speaker != self.holder or all(step.kind != "assign" for step in said)

    def _taken_at(self, before: datetime, at: datetime) -> datetime:
        """Taken into hand a few minutes before the answer, never before there was something to answer."""
        return max(before + (at - before) / 4, at - timedelta(minutes=self.rng.uniform(2, 12)))

    def _agent_answers(self, before: datetime, *, is_first: bool) -> datetime:
        if self.thread.urgent:
            return after_working(before, timedelta(minutes=self.rng.uniform(1.4, 4.6)))
        if self.thread.slow and is_first:
            return after_working(before, timedelta(hours=self.rng.uniform(13, 18)))
        minutes = FIRST_REPLY_MINUTES[self.thread.truth["class"]] * self.rng.lognormvariate(0, 0.5)
        if self.client.vip:
            minutes = min(minutes, 24) * 0.6
        elif self.rng.random() < LATE_SHARE:
            minutes *= 7
        return after_working(before, timedelta(minutes=minutes if is_first else minutes * 0.7))

    def _customer_answers(self, before: datetime, is_last: bool) -> datetime:
        """Soon, or the next day when something had to arrive first; nobody writes at four in the morning."""
        waits_for_goods = is_last and self.thread.order != "none" and len(self.thread.talk) > 2
        chats = self.rng.lognormvariate(-2.3, 0.6) if self.is_simple else self.rng.lognormvariate(-0.6, 0.8)
        hours = self.rng.uniform(7, 21) if waits_for_goods else chats
        return self._by_day(before + timedelta(hours=hours))

    def _by_day(self, at: datetime) -> datetime:
        hour = at.astimezone(ZONE).hour
        return at + timedelta(hours=7 - hour, minutes=self.rng.uniform(5, 90)) if hour < 7 else at

    def _assigned_soon(self, opening: Step) -> Step:
        at = opening.at + timedelta(minutes=self.rng.uniform(1, 25))
        return Step("assign", at, by=self.agent.key)

    def _until_reply(self, told: list[Step], fate: str) -> list[Step]:
        """Up to one of our replies; a snooze follows it."""
        replies = [place for place, step in enumerate(told) if step.kind == "reply"]
        last = replies[0] if fate == "undelivered" else self.rng.choice(replies)
        kept = told[: last + 1]
        if fate != "snoozed":
            return kept
        return [*kept, Step("snooze", kept[-1].at + timedelta(minutes=2), by=kept[-1].by)]

    def _ending(self, told: list[Step], is_surveyed: bool) -> list[Step]:
        at = after_working(
            told[-1].at, timedelta(minutes=self.rng.uniform(1, 6) if self.is_simple else self.rng.uniform(4, 45))
        )
        told.append(Step("resolve", at, by=self.holder))
        if self.thread.thanks and self.rng.random() < 0.6:
            words = self.words(pick(self.thread.thanks, self.variant))
            told.append(Step("customer", at + timedelta(minutes=self.rng.uniform(5, 50)), words))
        if is_surveyed and self.thread.survey:
            *scores, comment = self.thread.survey[self.variant % len(self.thread.survey)]
            later = self._by_day(at + timedelta(hours=self.rng.uniform(0.9, 19)))
            told.append(Step("survey", later, comment, scores=(scores[0], scores[1], scores[2])))
            told.extend(self._made_good(later, scores[2]))
        return told

    def _made_good(self, at: datetime, overall: int) -> list[Step]:
        """A customer who says no is answered by the lead, who closes it again."""
        if overall > UNHAPPY_UP_TO:
            return []
        taken = after_working(at, timedelta(minutes=self.rng.uniform(15, 60)))
        answered = taken + timedelta(minutes=self.rng.uniform(4, 15))
        closed = after_working(answered, timedelta(minutes=self.rng.uniform(60, 240)))
        words = self.words(self.thread.recover)
        return [
            Step("assign", taken, by="chen"),
            Step("reply", answered, words, "chen"),
            Step("resolve", closed, by="chen"),
        ]

    def _looked_after(self, told: list[Step]) -> list[Step]:
        """Within three days somebody asks how it went; now and then nobody does, and it stands there late."""
        if self.rng.random() < FORGOTTEN_SHARE:
            return told
        closed = next(step for step in reversed(told) if step.kind == "resolve")
        at = after_working(closed.at, timedelta(hours=self.rng.uniform(6, 14)))
        asked = Step("followup", at, self.words(self.thread.followup), closed.by)
        return sorted([*told, asked], key=lambda step: step.at)

    def _relapse(self, last: Step) -> Step:
        at = self._by_day(last.at + timedelta(days=self.rng.uniform(2, 6)))
        return Step("customer", at, self.words(pick(self.thread.after, self.variant)))
