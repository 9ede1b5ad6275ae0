"""The adapter reads what the portal kept, and refuses the rest with a reason."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from careloop.files import services as files
from careloop.intake.contract import Parsed, Unreadable
from careloop.portal.adapter import PortalAdapter, subject_of
from careloop.portal.shape import PortalMessage

GENTLE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

lines = st.text(max_size=60).filter(lambda text: text.isprintable() or "\n" in text or "\x00" in text)
bodies = st.fixed_dictionaries(
    {"kind": st.sampled_from(["complaint", "question", "feedback", "more"]), "text": lines},
    optional={
        "language": st.sampled_from(["zh", "en", "fr"]), "remedy": lines, "order_number": lines, "name": lines,
        "email": lines, "phone": lines, "form_key": lines, "conversation": st.integers() | st.none(),
        "files": st.lists(st.fixed_dictionaries({"sha256": lines, "name": lines}), max_size=2),
        "known_as": st.fixed_dictionaries({"kind": st.sampled_from(["email", "x"]), "value": lines}),
    },
)  # fmt: skip


def read(body: Any) -> Parsed:
    return PortalAdapter().parse(json.dumps(body).encode(), {})


@pytest.mark.django_db
@GENTLE
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_with_a_reason(raw: bytes) -> None:
    with pytest.raises(Unreadable, match=r".+"):
        PortalAdapter().parse(raw, {})


@pytest.mark.django_db
@GENTLE
@given(bodies)
def test_any_object_is_read_cleanly_or_refused(body: dict[str, Any]) -> None:
    try:
        parsed = read(body)
    except Unreadable:
        return
    assert parsed.text.strip()
    assert parsed.claims
    assert "\x00" not in parsed.text + parsed.subject + parsed.name
    assert len(parsed.subject) <= 60


@pytest.mark.django_db
@GENTLE
@given(st.text(min_size=1, max_size=200).filter(lambda text: text.isprintable() and text.strip()))
def test_what_was_written_is_what_is_read(text: str) -> None:
    message = PortalMessage(kind="question", text=text, email="a@example.com")
    assert PortalAdapter().parse(message.model_dump_json().encode(), {}).text == text.strip()


@pytest.mark.django_db
def test_a_file_is_found_by_its_hash() -> None:
    blob = files.store(b"hello", "text/plain")
    kept = {"sha256": blob.sha256, "name": "说明.txt"}
    parsed = read({"kind": "question", "text": "看附件", "email": "a@example.com", "files": [kept]})
    assert [(each.name, each.data) for each in parsed.files] == [("说明.txt", b"hello")]


@pytest.mark.django_db
def test_a_file_that_is_gone_is_a_reason() -> None:
    kept = {"sha256": "0" * 64, "name": "gone.png"}
    with pytest.raises(Unreadable, match=r"gone\.png is no longer in the file store"):
        read({"kind": "question", "text": "看附件", "email": "a@example.com", "files": [kept]})


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("面霜过敏了。脸很红", "面霜过敏了"),
        ("\n\n Where is my order? I wait.", "Where is my order"),
        ("v2.5 of the app crashes", "v2.5 of the app crashes"),
        ("字" * 80, "字" * 59 + "…"),
        ("!!!", "!!!"),
    ],
)
def test_the_subject_is_the_first_sentence(text: str, subject: str) -> None:
    assert subject_of(text) == subject
