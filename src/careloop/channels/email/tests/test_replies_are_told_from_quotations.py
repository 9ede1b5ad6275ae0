"""The expected results of two published suites (talon, reply_parser) and the separators of Chinese mail programs."""

import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from careloop.channels.email.parsing.html import html_to_text
from careloop.channels.email.parsing.mail import parse_mail
from careloop.channels.email.parsing.quotes import Split, split_reply
from careloop.channels.email.tests.real_files import MAIL_FOLDER, needs_real_mail, real_files
from careloop.common.tests.proportion import takes_time_in_proportion


def _expected(path: str) -> dict[str, dict[str, object]]:
    file = MAIL_FOLDER / path
    found: dict[str, dict[str, object]] = json.loads(file.read_text()) if file.is_file() else {}
    return found


def _flat(text: str) -> str:
    return re.sub(r"\s", "", text)


@needs_real_mail
@pytest.mark.parametrize("name", sorted(_expected("talon/expected_replies.json")))
def test_talon_replies_keep_the_expected_text(name: str) -> None:
    parsed = parse_mail((MAIL_FOLDER / "talon" / name).read_bytes())
    assert _flat(parsed.text) == _flat(str(_expected("talon/expected_replies.json")[name]))


@needs_real_mail
@pytest.mark.parametrize("path", real_files("talon/html_replies"), ids=lambda path: path.name)
def test_talon_html_replies_leave_the_answer_only(path: Path) -> None:
    mail = b"From: a@b.example\nSubject: Re\nContent-Type: text/html; charset=utf-8\n\n" + path.read_bytes()
    assert _flat(parse_mail(mail).text) == "Hi.Iamfine.Thanks,Alex"


@needs_real_mail
@pytest.mark.parametrize("name", sorted(_expected("reply_parser/expected.json")))
def test_reply_parser_bodies_come_out_as_upstream_asserts(name: str) -> None:
    text = (MAIL_FOLDER / "reply_parser" / name).read_text()
    started = time.perf_counter()
    split = split_reply(text)
    seconds = time.perf_counter() - started
    for assertion, value in _expected("reply_parser/expected.json")[name].items():
        assert _holds(assertion, value, split, seconds, text), assertion


def _holds(assertion: str, value: object, split: Split, seconds: float, text: str) -> bool:
    """Upstream speaks of fragments; ours are the reply (0), what was quoted (1) and the signature."""
    if assertion == "reply":
        return split.reply == value
    if assertion == "max_seconds":
        return seconds < float(str(value))
    if assertion == "fragments" and value == 1:
        return _flat(split.reply) == _flat(text)
    if assertion.startswith("fragment0"):
        return _piece(split.reply, assertion, str(value))
    if assertion.startswith("fragment1"):
        return _piece(split.quoted, assertion, str(value))
    return assertion in ("fragments", "quoted", "signature", "hidden") and _ends_hidden(split)


def _piece(text: str, assertion: str, value: str) -> bool:
    return text.startswith(value) if assertion.endswith("starts") else value in text


def _ends_hidden(split: Split) -> bool:
    """Where upstream lists flags per fragment: the visible text ends before the trailing quotation and signature."""
    return bool(split.quoted) and not split.reply.rstrip().endswith("signature")


REPLIES = sorted((Path(__file__).parent / "payloads" / "replies").glob("*.txt"))


@pytest.mark.parametrize("path", REPLIES, ids=lambda path: path.stem)
def test_mail_programs_leave_the_answer_only(path: Path) -> None:
    """The answer is the first line of each sample, all below is quoted."""
    text = path.read_text()
    split = split_reply(text)
    assert split.reply == text.partition("\n")[0]
    assert split.quoted


@pytest.mark.parametrize(
    "footer",
    [
        "发自我的iPhone",
        "发自我的 iPhone",
        "来自我的华为手机",
        "发自我的小米手机",
        "从我的iPhone发送",
        "来自网易邮箱大师",
        "发送自 Outlook for iOS",
        "获取 Outlook for iOS",
        "Sent from my iPhone",
        "Sent from Yahoo Mail on Android",
    ],
)
def test_a_footer_of_the_mail_program_is_no_part_of_the_answer(footer: str) -> None:
    assert split_reply(f"还没收到退款。\n\n{footer}") == Split("还没收到退款。", "", footer)


KEPT_WHOLE = [
    "On the phone your colleague wrote:\nwe will refund you",
    "请看订单日期：2026-03-02\n主题：退款\n问题：脸上过敏",
    "从深圳发送的快递还没到",
    "Sent from my desk, is much easier then my mobile phone.",
    "- 第一点\n- 第二点",
    "From: the moment I opened it, it was broken.",
    "---\n客服态度很差\n---",
    "在线客服写道：请等三天",
    "I wrote to you on 2 March and on 5 March and nobody wrote back:\nplease answer",
]


@pytest.mark.parametrize("text", KEPT_WHOLE)
def test_what_only_looks_like_a_separator_stays_in_the_answer(text: str) -> None:
    assert _flat(split_reply(text).reply) == _flat(text)


def test_an_answer_below_the_quotation_is_found() -> None:
    split = split_reply("On 2 March 2026, Care <c@x.example> wrote:\n> When did you order?\n\nLast Monday.")
    assert split.reply == "Last Monday."
    assert split.quoted.startswith("On 2 March")


def test_answers_between_quoted_lines_keep_their_context() -> None:
    split = split_reply("On 2 March 2026, Care wrote:\n> Which order?\n\n1042\n\n> Which colour?\n\nRed\n\n> Regards")
    assert "> Which colour?\n\nRed" in split.reply
    assert split.quoted == "> Regards"


def test_a_forwarded_mail_without_a_comment_is_visible_whole() -> None:
    head = "---------- Forwarded message ---------\nFrom: a@b.example\nDate: today\nSubject: x\nTo: c@d.example"
    text = f"{head}\n\nIt leaks."
    assert "It leaks." in split_reply(text).reply


def test_html_quotations_of_chinese_web_mail_are_cut() -> None:
    html = (
        "<div>还没收到退款。</div><div><br></div><div style='border-top:solid #ccc 1px;border:none'>发件人： 客服<br>"
        "发送时间： 2026-03-02<br>收件人： 王<br>主题： Re: 退款</div><blockquote>您好</blockquote>"
    )
    assert split_reply(html_to_text(html)).reply == "还没收到退款。"


LINE = st.sampled_from(
    [
        "> quoted",
        "On 2 Mar 2026, X <a@b.c> wrote:",
        "发件人: x",
        "发送时间: y",
        "收件人: z",
        "-- ",
        "",
        "hello",
        "发自我的iPhone",
        "_____________",
        "在 2026-1-1，X 写道：",
        "-----原始邮件-----",
        "From: x",
        "To: y",
    ]
)


@given(st.lists(st.one_of(LINE, st.text(max_size=30)), max_size=30))
@settings(max_examples=300, deadline=None)
def test_no_line_is_lost_whatever_the_order(lines: list[str]) -> None:
    text = "\n".join(lines)
    split = split_reply(text)
    held = _flat(split.reply + split.quoted + split.signature)
    assert sorted(held) == sorted(_flat(text.replace("\u2028", "\n")))


@pytest.mark.parametrize(
    "line", ["On ", "> ", "a", "发件人: ", "On 1 ", "-", "\u00a0", "sent from my a ", "wrote:\n", "On\n"]
)
def test_a_very_long_body_is_split_in_linear_time(line: str) -> None:
    assert takes_time_in_proportion(lambda size: split_reply(line * (size // len(line))), 400_000)
