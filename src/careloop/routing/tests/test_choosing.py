"""Who gets it: the pure choice, rule by rule and against an obvious second implementation."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from careloop.routing.choosing import Choice, Need, Person, choose

LIN = Person(1, True, 2, 5, frozenset({"zh", "en"}), frozenset({"quality"}), last_turn=100.0)
WEI = Person(2, True, 0, 5, frozenset({"zh"}), frozenset(), last_turn=50.0)
ANN = Person(3, True, 0, 5, frozenset({"en"}), frozenset({"logistics"}), last_turn=10.0)
TEAM = [LIN, WEI, ANN]


def test_the_one_whose_turn_it_is_gets_it() -> None:
    assert choose(Need(language="zh"), TEAM) == Choice(WEI.id, "round_robin")


def test_only_who_speaks_the_language_is_asked() -> None:
    assert choose(Need(language="en"), TEAM) == Choice(ANN.id, "round_robin")


def test_a_skill_that_somebody_has_is_required() -> None:
    assert choose(Need(language="zh", skill="quality"), TEAM) == Choice(LIN.id, "skill")


def test_a_skill_nobody_has_is_not_required() -> None:
    assert choose(Need(language="zh", skill="account"), TEAM) == Choice(WEI.id, "round_robin")


def test_the_customers_last_agent_comes_first() -> None:
    assert choose(Need(language="zh", last_agent=LIN.id), TEAM) == Choice(LIN.id, "sticky")


def test_a_last_agent_who_is_full_is_passed_over() -> None:
    assert choose(Need(language="zh", last_agent=1), [replace(LIN, load=5), WEI]) == Choice(WEI.id, "round_robin")


def test_a_serious_complaint_goes_to_the_lead_even_offline() -> None:  # mission 76
    assert choose(Need(lead=9, is_class_d=True, is_danger=True), []) == Choice(9, "class_d")


def test_danger_goes_to_somebody_full_rather_than_wait() -> None:  # mission 59
    full = [replace(person, load=9) for person in TEAM]
    assert choose(Need(language="en", is_danger=True), full).person in {LIN.id, ANN.id}


def test_danger_with_nobody_online_goes_to_the_lead() -> None:
    away = [replace(LIN, is_online=False)]
    assert choose(Need(is_danger=True, lead=9), away) == Choice(9, "danger_lead")
    assert choose(Need(is_danger=True), away) == Choice(None, "nobody_online")


def test_who_stays_in_the_queue_says_why() -> None:
    away = [replace(person, is_online=False) for person in TEAM]
    full = [replace(person, load=5) for person in TEAM]
    assert choose(Need(), []).reason == "nobody"
    assert choose(Need(), away).reason == "nobody_online"
    assert choose(Need(language="ja"), TEAM).reason == "no_language"
    assert choose(Need(language="zh", skill="logistics"), TEAM).reason == "no_skill"
    assert choose(Need(), full).reason == "all_full"


words = st.sets(st.sampled_from(["a", "b"]), max_size=2).map(frozenset)
people = st.lists(
    st.builds(
        Person,
        id=st.integers(1, 6),
        is_online=st.booleans(),
        load=st.integers(0, 3),
        capacity=st.integers(0, 3),
        languages=words,
        skills=words,
        last_turn=st.integers(0, 5).map(float),
    ),
    max_size=6,
    unique_by=lambda person: person.id,
)
needs = st.builds(
    Need,
    language=st.sampled_from(["", "a", "b"]),
    skill=st.sampled_from(["", "a", "b"]),
    last_agent=st.none() | st.integers(1, 6),
    lead=st.none() | st.integers(1, 6),
    is_class_d=st.booleans(),
    is_danger=st.booleans(),
)


@given(need=needs, team=people)
def test_whoever_gets_ordinary_work_fits_in_every_way(need: Need, team: list[Person]) -> None:
    choice = choose(need, team)
    if choice.person is None or choice.reason not in ("sticky", "skill", "round_robin"):
        return
    person = next(person for person in team if person.id == choice.person)
    assert person.is_online
    assert person.load < person.capacity
    assert not need.language or not person.languages or need.language in person.languages
    has_skill = need.skill in person.skills or all(need.skill not in other.skills for other in team)
    assert has_skill or choice.reason == "sticky" or not need.skill


@given(need=needs, team=people)
def test_nobody_is_passed_over_who_waited_longer_for_a_turn(need: Need, team: list[Person]) -> None:
    choice = choose(need, team)
    if choice.reason not in ("skill", "round_robin"):
        return
    chosen = next(person for person in team if person.id == choice.person)
    for other in team:
        others_turn = choose(need, [other, *(person for person in team if person.id not in (other.id, chosen.id))])
        if others_turn.person == other.id and others_turn.reason == choice.reason:
            assert (chosen.last_turn, chosen.id) <= (other.last_turn, other.id) or choice.reason == "skill"
