"""Whatever is typed, the engine answers, and its offsets stay inside the text."""

from hypothesis import given, settings
from hypothesis import strategies as st

from careloop.common.tests.proportion import takes_time_in_proportion
from careloop.quality.engine import Context, check_reply

PIECES = st.sampled_from(
    [
        "抱歉",
        "不归我们管",
        "您说“",
        "”",
        '"',
        "'",
        "> ",
        "\n",
        "保证",
        "。",
        "，",
        " ",
        "I'm sorry",
        "you should have ",
        "guarantee",
        "{name}",
        "🙂",
        "　",
        "ﬁ",
        "不",
        "never ",
        "继续用",
        "痒",
        "退款",
        "because ",
        "\u0130",
        "ß",
    ]
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=40).map("".join))
LANGUAGE = st.sampled_from(["zh", "en"])
KIND = st.sampled_from(["", "complaint", "question"])


# The first example compiles the lexicons, which a busy machine does not do within hypothesis' deadline.
@settings(deadline=None)
@given(text=TEXTS, language=LANGUAGE, kind=KIND, customer=TEXTS)
def test_offsets_stay_inside_the_text_and_answers_repeat(text: str, language: str, kind: str, customer: str) -> None:
    context = Context(customer_text=customer)

    found = check_reply(text, language=language, kind=kind, context=context)

    assert all(0 <= each.start <= each.end <= len(text) for each in found)
    assert all(each.better for each in found)
    assert found == check_reply(text, language=language, kind=kind, context=context)


@settings(deadline=None)
@given(text=TEXTS, language=LANGUAGE)
def test_a_quoted_draft_says_nothing(text: str, language: str) -> None:
    quoted = "\n".join(f"> {line}" for line in text.split("\n"))

    assert check_reply(quoted, language=language, kind="complaint") == [] or "\r" in text or "\x0b" in text


def test_a_very_long_draft_is_checked_in_reasonable_time() -> None:
    text = "I understand that you were told the parcel would be with you because of the delay and we "

    assert takes_time_in_proportion(lambda times: check_reply(text * times, language="en", kind="complaint"), 400)
