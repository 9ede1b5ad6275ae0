"""Catalogues: compiled without gettext, complete, and free of errors."""

import gettext
from collections.abc import Sequence
from pathlib import Path

import pytest
from babel.messages.pofile import PoFileError

from careloop.common.translations import PACKAGE, catalogues, compile_all, read

PO = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=1; plural=0;\\n"

msgid "Good morning"
msgstr "早上好"
"""


def room_with(po: str, folder: Path) -> Path:
    source = folder / "room" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(po)
    return source


def test_a_catalogue_is_compiled_once(tmp_path: Path) -> None:
    source = room_with(PO, tmp_path)
    assert compile_all(tmp_path) == [source.with_suffix(".mo")]
    assert compile_all(tmp_path) == []
    with source.with_suffix(".mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Good morning") == "早上好"


def test_a_catalogue_with_an_error_is_named(tmp_path: Path) -> None:
    room_with('msgid "half a string\n', tmp_path)
    with pytest.raises(PoFileError):
        compile_all(tmp_path)


@pytest.mark.parametrize("source", catalogues(), ids=lambda source: str(source.relative_to(PACKAGE).parts[0]))
def test_every_sentence_has_its_chinese(source: Path) -> None:
    catalogue = read(source)
    missing = [message.id for message in catalogue if message.id and not all(_strings(message.string))]
    assert missing == []
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []


def _strings(string: str | Sequence[str] | None) -> Sequence[str]:
    return [string or ""] if isinstance(string, str | None) else string


def test_the_same_words_are_translated_alike_in_every_room() -> None:
    """Django reads all rooms as one catalogue: of two texts for the same words, the last would win everywhere."""
    texts: dict[tuple[str | None, str], dict[str, str]] = {}
    for source in catalogues(PACKAGE):
        for message in read(source):
            if message.id and message.string:
                key = (message.context, str(message.id))
                texts.setdefault(key, {}).setdefault(str(message.string), source.parents[3].name)
    assert {key: told for key, told in texts.items() if len(told) > 1} == {}
