"""The tokenizer of BERT, by a table of texts; the expected pieces were checked against the package `tokenizers`."""

from __future__ import annotations

import pytest

from careloop.triage.engine.encoder.views import views_of
from careloop.triage.engine.encoder.wordpiece import WordPiece

pytestmark = pytest.mark.offline

VOCABULARY = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "card", "cards", "##s", "un", "##lock", "##ed", "naive", "don", "'", "t", "!",
    ".", "信", "用", "ａ",
]  # fmt: skip


@pytest.fixture
def tokenizer() -> WordPiece:
    return WordPiece.of_lines("\n".join(VOCABULARY) + "\n", lower=True, longest=12)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("Card", ["card"]),
        ("cards", ["cards"]),
        ("unlocked", ["un", "##lock", "##ed"]),
        ("unlockeds", ["un", "##lock", "##ed", "##s"]),
        ("naïve", ["naive"]),
        ("don't!", ["don", "'", "t", "!"]),
        ("card\u200b card\x00", ["card", "card"]),
        ("信用x", ["信", "用", "[UNK]"]),
        ("card\u3000card", ["card", "card"]),
        ("Ａ", ["ａ"]),
        ("unknownword", ["[UNK]"]),
        ("card" * 30, ["[UNK]"]),
    ],
)
def test_a_text_is_cut_into_known_pieces(tokenizer: WordPiece, text: str, pieces: list[str]) -> None:
    assert tokenizer.encode(text) == [VOCABULARY.index(piece) for piece in ("[CLS]", *pieces, "[SEP]")]


def test_a_long_text_is_cut_and_still_ends(tokenizer: WordPiece) -> None:
    pieces = tokenizer.encode("card " * 100_000)
    assert len(pieces) == 12
    assert pieces[-1] == VOCABULARY.index("[SEP]")


def test_a_model_of_large_and_small_letters_keeps_them() -> None:
    cased = WordPiece.of_lines("\n".join([*VOCABULARY, "Card"]), lower=False, longest=12)
    assert cased.encode("Card card")[1:-1] == [len(VOCABULARY), VOCABULARY.index("card")]


@pytest.mark.parametrize(
    ("text", "views"),
    [
        ("", ()),
        ("One sentence", (("One sentence",), ("One sentence",), ("One sentence",))),
        ("Late\nIt is. Why?", (("Late\nIt is. Why?",), ("Late",), ("Late", "It is.", "Why?"))),
        ("坏了！退钱。", (("坏了！退钱。",), ("坏了！退钱。",), ("坏了！", "退钱。"))),
        ("costs 3.50 now", (("costs 3.50 now",), ("costs 3.50 now",), ("costs 3.50 now",))),
    ],
)  # fmt: skip
def test_a_text_is_looked_at_as_a_whole_by_its_first_line_and_by_its_sentences(
    text: str, views: tuple[tuple[str, ...], ...]
) -> None:
    assert views_of(text) == views
