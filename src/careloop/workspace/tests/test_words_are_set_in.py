"""Words, icons and plain addresses are set into a part when it is loaded, once for each language."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils.translation import override
from jinja2 import Environment

from careloop.workspace import drawing
from careloop.workspace.set_words import PartsOfOneLanguage

ZH = {"Send": "发送", "Odd": "{{ 1 }}", "Both <b>bold</b>": "<b>粗</b>"}


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    return Draw(tmp_path)


class Draw:
    """Draws a part that says this, and counts how often words are asked for while drawing."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked = folder, 0

    def __call__(self, source: str) -> str:
        (self.folder / "part.html").write_text(source, encoding="utf-8")
        loader = PartsOfOneLanguage(self.folder, {"_": lambda word: ZH[word], "icon": lambda *names: "|".join(names)})
        template = Environment(loader=loader, autoescape=True).get_template("part.html")
        return template.render(_=self.ask, icon=self.ask, name="list", count=3)

    def ask(self, *words: str) -> str:
        self.asked += 1
        return f"asked for {' '.join(words)}"


def test_words_and_icons_are_there_before_anything_is_drawn(draw: Draw) -> None:
    assert draw('<b title="{{ _("Send") }}">{{ icon("phone", "icon--s") }}{{ icon("x") }}</b>') == (
        '<b title="发送">phone|icon--sx</b>'
    )
    assert draw.asked == 0


def test_words_may_carry_markup(draw: Draw) -> None:
    assert draw('{{ _("Both <b>bold</b>") }}') == "<b>粗</b>"


LEFT = (
    "{{ icon(name) }}",
    '{{ _("Send") % {"n": 1} }}',
    '{{ _("Send")|upper }}',
    '{% set it = _("Send") %}{{ it }}',
)


@pytest.mark.parametrize("source", LEFT)
def test_what_depends_on_a_value_is_asked_for_when_it_is_drawn(draw: Draw, source: str) -> None:
    assert "ASKED FOR" in draw(source).upper()
    assert draw.asked == 1


def test_words_that_look_like_a_template_are_never_read_as_one(draw: Draw) -> None:
    draw('{{ _("Odd") }}')
    assert draw.asked == 1


def test_each_reader_gets_the_words_of_their_language() -> None:
    with override("zh-hans"):
        chinese = drawing.draw_alone("nothing_open.html")
    with override("en"):
        english = drawing.draw_alone("nothing_open.html")
    assert "Choose a conversation" in english
    assert "Choose a conversation" not in chinese
    assert "{{" not in english + chinese
