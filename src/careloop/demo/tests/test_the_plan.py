"""The written company and the plan made of it, without a database."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from careloop.demo.casting import VIP_SPEND
from careloop.demo.content import clients, people, products, threads
from careloop.demo.pacing import UNHAPPY_UP_TO
from careloop.demo.plan import COUNTS, DAYS, Fate, Plan, build
from careloop.demo.wording import UnknownSlot, worded

pytestmark = pytest.mark.offline

NOW = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)


def plan() -> Plan:
    return build(NOW)


def test_the_company_has_two_teams_a_lead_five_agents_and_sixty_customers() -> None:
    roles = Counter(person.role for person in people().values())
    assert roles == {"lead": 1, "agent": 5}
    assert {team for person in people().values() for team in person.teams} == {"care", "wholesale"}
    assert Counter(client.lang for client in clients().values()) == {"zh": 38, "en": 22}
    assert len(products()) >= 16


def test_at_least_ninety_threads_are_written_by_hand() -> None:
    assert len({thread.key for thread in threads()}) >= 90


def test_every_line_fills_its_slots_and_variants_match() -> None:
    for thread in threads():
        for turn in thread.talk:
            for lines in turn.values():
                assert isinstance(lines, str) or len(lines) == len(thread.open), thread.key
        assert not thread.survey or all(len(row) == 4 for row in thread.survey), thread.key


def test_the_plan_makes_three_hundred_conversations_in_every_state() -> None:
    fates = Counter(each.fate for each in plan().conversations)
    assert len(plan().conversations) + len(plan().visits) == 300
    assert set(fates) == set(Fate)
    assert all(fates[fate] == count for fate, count in COUNTS.items())


def test_about_sixty_in_a_hundred_are_chinese() -> None:
    languages = Counter(each.thread.lang for each in plan().conversations)
    assert 0.57 < languages["zh"] / len(plan().conversations) < 0.63


def test_no_two_conversations_begin_alike_or_read_the_same() -> None:
    openings = [each.steps[0].text for each in plan().conversations]
    assert len(set(openings)) == len(openings)
    whole = ["\n".join(step.text for step in each.steps) for each in plan().conversations]
    assert len(set(whole)) == len(whole)


def test_no_slot_is_left_open_in_any_text() -> None:
    for each in plan().conversations:
        for step in each.steps:
            assert not set("<|>") & set(step.text), (each.key, step.text)
            assert step.text or step.kind in ("assign", "resolve", "snooze", "survey", "followup"), each.key


def test_everything_lies_in_the_past_in_order() -> None:
    for each in plan().conversations:
        moments = [step.at for step in each.steps]
        assert moments == sorted(moments), each.key
        assert moments[-1] < NOW, each.key
        assert NOW - moments[0] < timedelta(days=DAYS + 30), each.key


def test_the_same_seed_and_moment_give_the_same_plan() -> None:
    assert build.__wrapped__(NOW) == plan()
    assert build(NOW, seed=7) != plan()


def test_vips_are_those_who_spent_more_than_a_thousand_yuan_and_few() -> None:
    for days in range(0, 60, 3):
        spent: Counter[str] = Counter()
        for order in build(NOW + timedelta(days=days)).orders:
            spent[order.client] += order.kept
        passed = {key for key, total in spent.items() if total > VIP_SPEND}
        assert passed == {client.key for client in clients().values() if client.vip}
        assert 0.05 <= len(passed) / len(clients()) <= 0.10


def test_an_order_number_belongs_to_one_order_on_whatever_day_the_demo_is_loaded() -> None:
    for days in range(0, 60, 2):
        numbers = [order.number for order in build(NOW + timedelta(days=days, hours=days)).orders]
        assert len(set(numbers)) == len(numbers)


def test_a_slot_nobody_fills_is_refused() -> None:
    with pytest.raises(UnknownSlot):
        worded("<who> are you", {}, 0)
    assert worded("<one|two> <name>", {"name": "Mei"}, 3) == "two Mei"


def test_every_bad_mark_has_somebody_who_makes_it_good() -> None:
    for thread in threads():
        assert thread.recover or all(row[2] > UNHAPPY_UP_TO for row in thread.survey), thread.key
