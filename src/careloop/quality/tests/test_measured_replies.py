"""Precision and recall of the six main checks on hand-written replies (issue 2; mission 68, 70, 95, 103, 104)."""

import click
import pytest

from careloop.quality.tests.corpus_reader import MEASURED, Score, rows, score

FLOOR = 0.9
HELD_FLOOR = 0.75
# Precision goes first: a learned warning is given only where good sentences are left alone, and recall pays for it.
HELD_PRECISION = 0.85
HELD_RECALL = {"blame_shifting": 0.5, "over_promise": 0.55, "curt_or_robotic": 0.65}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("check", MEASURED)
def test_each_check_has_at_least_sixty_replies_in_each_language(check: str, language: str) -> None:
    written = list(rows(check, language))

    assert len(written) >= 60
    assert 0.4 <= sum(row.expected for row in written) / len(written) <= 0.6


@pytest.mark.parametrize("part", ["frozen", "dev", "audit", "last", "unseen_tuned"])
def test_precision_and_recall_stay_above_their_floor(part: str, capsys: pytest.CaptureFixture[str]) -> None:
    table = {(check, lang): score(check, lang, part) for check in MEASURED for lang in ("zh", "en")}

    with capsys.disabled():
        click.echo(_printed(part, table))

    assert {key: got for key, got in table.items() if got.precision < FLOOR or got.recall < FLOOR} == {}


def test_replies_nothing_was_learned_from_are_judged_nearly_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    table = {(check, lang): score(check, lang, "unseen_held") for check in MEASURED for lang in ("zh", "en")}

    with capsys.disabled():
        click.echo(_printed("unseen_held", table))

    assert {key: got for key, got in table.items() if got.precision < HELD_PRECISION} == {}
    assert {key: got for key, got in table.items() if got.recall < HELD_RECALL.get(key[0], HELD_FLOOR)} == {}


def _printed(part: str, table: dict[tuple[str, str], Score]) -> str:
    head = f"\n{part:<22}    n  precision  recall"
    lines = [
        f"{check:<19} {language} {got.rows:>4} {got.precision:>10.2f} {got.recall:>7.2f}"
        for (check, language), got in table.items()
    ]
    return "\n".join([head, *lines])
