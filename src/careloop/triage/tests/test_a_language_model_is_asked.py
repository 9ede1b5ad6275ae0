"""The language-model twin: what leaves the machine, what is believed of the answer, and what happens without one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careloop.triage.engine.classifier import understand
from careloop.triage.engine.service.asking import Service
from careloop.triage.engine.service.blending import AdvisedClassifier, advised, advised_classifier
from careloop.triage.engine.service.client import Address
from careloop.triage.engine.service.errors import NoAnswer
from careloop.triage.engine.service.guard import FAILURES, FIRST_PAUSE_SECONDS, Guard
from careloop.triage.engine.service.masking import mask
from careloop.triage.engine.service.protocol import MOST_BELIEVED, Opinion, opinions_in
from careloop.triage.tests.language_model import LanguageModel, serving

pytestmark = pytest.mark.offline
TEXT = "杯子到手就是裂的"


@pytest.fixture
def model() -> Iterator[LanguageModel]:
    with serving() as running:
        yield running


def service_of(model: LanguageModel, *, seconds: float = 5.0, guard: Guard | None = None) -> Service:
    return Service(Address(model.url, "small", "k3y", seconds), guard)


def why_not(service: Service, **more: Any) -> str:
    with pytest.raises(NoAnswer) as caught:
        service.ask(TEXT, ["nature"], **more)
    return caught.value.why


def answer(content: str) -> bytes:
    return json.dumps({"choices": [{"message": {"content": content}}]}).encode()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("写信到 mei.wang@example.com 或 MEI.WANG@example.com", "写信到 [EMAIL_1] 或 [EMAIL_1]"),
        ("电话13812345678，急！", "电话[PHONE_1]，急！"),
        ("call me at +44 20 7946 0958 please", "call me at [PHONE_1] please"),
        ("身份证11010519491231002X", "身份证[ID_1]"),
        ("card 4111 1111 1111 1111 was charged", "card [CARD_1] was charged"),
        ("订单SF-1029384756没到", "订单[NUMBER_1]没到"),
        ("see https://example.com/a?b=1 now", "see [LINK_1] now"),
        ("等了3天，花了299元", "等了3天，花了299元"),
        ("I bought 2 jars for 45.50 on 12 May", "I bought 2 jars for 45.50 on 12 May"),
    ],
)
def test_what_names_a_person_or_an_account_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_names_that_are_known_are_masked_and_others_stay() -> None:
    assert (
        mask("我是王小明，请转告林晓", names=["王小明", "林晓"]) == "我是[NAME_2]，请转告[NAME_1]"
        or mask("我是王小明，请转告林晓", names=["王小明", "林晓"]) == "我是[NAME_1]，请转告[NAME_2]"
    )
    assert mask("Mark my words, Anna", names=["Anna", "M"]) == "Mark my words, [NAME_1]"


@given(st.text(max_size=300), st.from_regex(r"\A1[3-9][0-9]{9}\Z"), st.text(max_size=300))
def test_a_phone_number_never_gets_out_whatever_stands_around_it(before: str, number: str, after: str) -> None:
    assert number not in mask(f"{before} {number} {after}")


def test_it_is_asked_in_the_words_of_the_protocol_with_the_text_as_data(model: LanguageModel) -> None:
    model.heads = {"nature": {"label": "quality", "confidence": 0.8, "reason": "裂"}}
    said = service_of(model).ask(f"{TEXT}，打给13812345678", ["nature"])
    assert said["nature"] == Opinion(("quality",), 0.8, "裂")
    assert model.headers[0]["Authorization"] == "Bearer k3y"
    assert model.requests[0]["model"] == "small"
    assert model.requests[0]["temperature"] == 0
    assert model.texts == [f"{TEXT}，打给[PHONE_1]"]
    assert "quality" in json.loads(model.requests[0]["messages"][1]["content"])["heads"]["nature"]


def test_the_same_question_is_asked_once_and_costs_once(model: LanguageModel) -> None:
    model.heads = {"nature": {"label": "quality"}}
    budget = count()
    service = service_of(model)
    for _ in range(3):
        service.ask(TEXT, ["nature"], spend=lambda: next(budget) < 5)
    assert (len(model.requests), next(budget)) == (1, 1)


def test_a_server_that_does_not_know_strict_answers_is_asked_without(model: LanguageModel) -> None:
    model.heads, model.knows_response_format = {"nature": {"label": "quality"}}, False
    service = service_of(model)
    assert service.ask(TEXT, ["nature"])["nature"].labels == ("quality",)
    service.ask("另一句话", ["nature"])
    assert ["response_format" in body for body in model.requests] == [True, False, False]


@pytest.mark.parametrize(
    ("status", "why"), [(401, "refused"), (404, "refused"), (429, "busy"), (500, "failed"), (503, "busy")]
)
def test_a_refusal_is_no_answer(model: LanguageModel, status: int, why: str) -> None:
    model.status = status
    assert why_not(service_of(model)) == why


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"<html>", b"{}", b"[]", b'{"choices": []}', b'{"choices": [{"message": {"content": null}}]}', b"\xff\xfe",
        answer("Surely! The nature is quality."), answer("[1]"), answer('{"heads": []}'),
        answer('{"heads": {"nature": 3}}'),
        answer('{"heads": {"nature": {"label": "spaceship"}}}'), answer('{"heads": {"severity": {"label": "severe"}}}'),
        answer("[" * 5000),
    ],
)  # fmt: skip
def test_an_answer_that_says_nothing_we_know_is_not_believed(model: LanguageModel, raw: bytes) -> None:
    model.raw = raw
    assert why_not(service_of(model)) == "not_understood"


def test_an_answer_in_a_fence_with_a_boastful_confidence_is_read_with_care() -> None:
    content = '```json\n{"heads": {"nature": {"label": "quality", "confidence": 1.0}, "emotion": "angry"}}\n```'
    said = opinions_in(answer(content), ["nature", "emotion"])
    assert said["nature"].confidence == MOST_BELIEVED
    assert said["emotion"].labels == ("angry",)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["heads", "nature", "crisis", "label", "labels", "confidence"]) | st.text(), inner
            )
        ),
        max_leaves=20,
    )
)
def test_no_answer_breaks_the_reading(content: object) -> None:
    with suppress(NoAnswer):
        said = opinions_in(answer(json.dumps({"heads": content})), ["nature", "crisis"])
        assert set(said) <= {"nature", "crisis"}


def test_a_service_that_drips_is_too_slow_and_one_that_pours_is_cut_off(model: LanguageModel) -> None:
    model.heads, model.slow_seconds = {"nature": {"label": "quality"}}, 0.05
    assert why_not(service_of(model, seconds=0.5)) == "too_slow"
    model.slow_seconds, model.raw = 0.0, b" " * 400_000
    assert why_not(service_of(model)) == "too_long"


def test_nobody_there_is_no_answer() -> None:
    assert why_not(Service(Address("http://127.0.0.1:9/v1", "small"))) == "unreachable"


def test_a_service_that_keeps_failing_is_left_alone_for_a_while(model: LanguageModel) -> None:
    now = [0.0]
    service = service_of(model, guard=Guard(lambda: now[0]))
    model.status = 500
    assert [why_not(service) for _ in range(FAILURES + 2)] == ["failed"] * FAILURES + ["paused"] * 2
    now[0] += FIRST_PAUSE_SECONDS + 1
    assert [why_not(service), why_not(service)] == ["failed", "paused"]
    now[0] += 2 * FIRST_PAUSE_SECONDS + 1
    model.status, model.heads = 200, {"nature": {"label": "quality"}}
    assert service.ask(TEXT, ["nature"])


def test_without_a_budget_nothing_is_sent(model: LanguageModel) -> None:
    assert why_not(service_of(model), spend=lambda: False) == "budget"
    assert model.requests == []


def test_a_key_is_never_shown() -> None:
    assert "k3y" not in repr(Address("http://127.0.0.1/v1", "small", "k3y"))


def test_it_may_say_that_a_matter_is_graver_and_never_that_it_is_milder() -> None:
    heads = understand("充电器半夜冒烟，差点着火，孩子就睡在旁边")
    assert heads["severity"].label == "severe"
    milder = advised(heads, {"severity": Opinion(("minor",), 0.9), "crisis": Opinion((), 0.9)}, "service-small")
    assert milder["severity"] == heads["severity"]
    assert milder["crisis"] == heads["crisis"]


def test_a_signal_it_sees_stands_beside_those_that_were_found() -> None:
    heads = understand("我买的东西到现在没有发货")
    graver = advised(heads, {"crisis": Opinion(("media",), 0.8, "要发网上")}, "service-small")["crisis"]
    assert set(graver.labels or ()) == {*(heads["crisis"].labels or ()), "media"}
    assert graver.source == "service"
    assert graver.why["media"] == ("service=要发网上",)


def test_blended_probabilities_add_up_and_name_who_said_so() -> None:
    heads = understand(TEXT)
    result = advised(heads, {"nature": Opinion(("logistics",), 0.9)}, "service-small")["nature"]
    assert sum(chance for _, chance in result.ranked) == pytest.approx(1.0, abs=0.02)
    assert (result.source, result.version) == ("service", "service-small")


def test_behind_the_one_interface_it_answers_like_any_classifier(model: LanguageModel) -> None:
    model.heads = {"nature": {"label": "logistics", "confidence": 0.9}}
    heads = advised_classifier(service_of(model)).predict_many([TEXT, TEXT])
    assert [each["nature"].source for each in heads] == ["service", "service"]
    assert len(model.requests) == 1


def test_a_failing_service_changes_nothing(model: LanguageModel) -> None:
    model.status = 500
    classifier: AdvisedClassifier = advised_classifier(service_of(model))
    assert classifier.predict(TEXT) == understand(TEXT)
