"""Every reason and error of the mail room can be said in the reader's language, names and numbers included."""

from __future__ import annotations

import ast
import inspect
import re
from types import ModuleType

import pytest
from django.utils import translation

from careloop.channels.email import bounced, limits, mailbox, oauth, relay, sending, sentences
from careloop.channels.email.parsing import automatic
from careloop.channels.email.parsing import mail as parsing
from careloop.common import translations

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(autouse=True, scope="module")
def _compiled() -> None:
    translations.compile_all()


@pytest.mark.parametrize("template", sentences.SENTENCES)
def test_every_sentence_has_its_chinese(template: str) -> None:
    filled = re.sub(r"\{(\w+)\}", r"<\1>", template)
    with translation.override("zh-hans"):
        said = sentences.in_language(filled)
    assert CHINESE.search(said)
    assert re.findall(r"<\w+>", said) == re.findall(r"<\w+>", filled)
    with translation.override("en"):
        assert sentences.in_language(filled) == filled


def test_words_of_a_foreign_server_stay() -> None:
    with translation.override("zh-hans"):
        assert sentences.in_language("554 5.7.1 spam") == "554 5.7.1 spam"


@pytest.mark.parametrize("module", [parsing, automatic, sending, limits, relay, mailbox, oauth, bounced])
def test_no_reason_in_the_code_is_missing_from_the_table(module: ModuleType) -> None:
    for text in _sentences_in(module):
        assert sentences.in_language(text) != text or _known(text), text


def _known(text: str) -> bool:
    return any(pattern.fullmatch(text) for _, pattern in sentences._patterns())


def _sentences_in(module: ModuleType) -> list[str]:
    """The first arguments of what is raised or returned as a reason: English sentences with their slots filled."""
    tree = ast.parse(inspect.getsource(module))
    raised = (node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise))
    texts = [_filled(made.args[0]) for made in raised if isinstance(made, ast.Call) and made.args]
    return [text for text in texts if text.endswith(".") and " " in text and "sending pauses" not in text]


def _filled(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "<x>" for part in node.values)
    return ""
