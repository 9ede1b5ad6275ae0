"""HTML of strangers: nothing runs, nothing is loaded, nothing is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from careloop.channels.email.parsing.html import html_to_text, sanitise
from careloop.channels.email.parsing.mail import parse_mail
from careloop.common.tests.proportion import takes_time_in_proportion


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg><script>alert(1)</script></svg>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href=' java\nscript:alert(1)'>x</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<form action='https://evil.example'><input name=p></form>",
        "<iframe src='https://evil.example'></iframe>",
        "<meta http-equiv=refresh content='0;url=https://evil.example'>",
        "<base href='https://evil.example'>",
        "<link rel=stylesheet href='https://evil.example'>",
        "<style>@import url(https://evil.example)</style>",
        "<p style=\"background:url('https://evil.example')\">x</p>",
        "<table background='https://evil.example'><tr><td>x</td></tr></table>",
        "<video src='https://evil.example' poster='https://evil.example'></video>",
        "<math><mtext><img src='https://evil.example' onerror=alert(1)></mtext></math>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    ],
)
def test_nothing_runs_and_nothing_is_loaded(html: str) -> None:
    safe = sanitise(html).lower()
    for harmful in (
        "<script",
        "<iframe",
        "<form",
        "<meta",
        "<base",
        "<link",
        "<style",
        "<svg",
        " onerror=alert",
        "javascript:",
        "url(",
        ' src="http',
        "background=",
    ):
        assert harmful not in safe


def test_a_remote_image_waits_for_a_click_and_an_inline_one_names_its_part() -> None:
    safe = sanitise(
        '<img alt="a > b" src="https://t.example/p.gif?x=1&amp;y=2">'
        '<img src="cid:logo@x"><img src="data:image/png;base64,AA==">'
    )
    assert 'data-remote-src="https://t.example/p.gif?x=1&amp;y=2"' in safe
    assert 'src="cid:logo@x"' in safe
    assert safe.count(' src="') == 2


def test_links_tell_their_target_nothing() -> None:
    safe = sanitise('<a href="https://x.example">x</a>')
    assert 'rel="noopener noreferrer nofollow"' in safe
    assert 'target="_blank"' in safe


def test_text_keeps_lists_links_tables_and_quotations_apart() -> None:
    html = (
        "<p>One<br>two</p><ul><li>a</li><li>b</li></ul><table><tr><td>x</td><td>y</td></tr></table>"
        "<a href='https://s.example/o/1'>order</a><blockquote>quoted<br>twice</blockquote><p>end</p>"
    )
    assert (
        html_to_text(html) == "One\ntwo\n\n- a\n- b\n\nx y\n\norder <https://s.example/o/1>\n\n> quoted\n> twice\n\nend"
    )


@given(st.text(alphabet="<>/!-[]=\"' abdivscriptimgsrc:\n&;#x0", max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_markup_is_read_without_raising(html: str) -> None:
    html_to_text(html)
    assert "<script" not in sanitise(html).lower()


@pytest.mark.parametrize(
    "piece",
    ["<div>", "<b><i>", "<blockquote>", "<img src='https://x'", "<table><tr><td>", "&amp;", "<a href='x'>"],
)
def test_huge_markup_is_read_in_reasonable_time(piece: str) -> None:
    head = b"From: a@b.example\nContent-Type: text/html\n\n"
    assert takes_time_in_proportion(lambda size: parse_mail(head + (piece * (size // len(piece))).encode()), 200_000)
