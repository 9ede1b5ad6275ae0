"""What the doctor looks at, looks at only."""

from __future__ import annotations

from pathlib import Path

import pytest

from careloop.config.doctor import encoding_finding
from careloop.config.writing import SoleWriter


@pytest.mark.offline
def test_whether_somebody_works_is_looked_at_without_taking_the_place(tmp_path: Path) -> None:
    place = SoleWriter(str(tmp_path / "careloop.db"))
    assert not place.is_taken()
    assert list(tmp_path.iterdir()) == []
    assert place.is_ours()
    assert SoleWriter(str(tmp_path / "careloop.db")).is_taken()


@pytest.mark.offline
@pytest.mark.parametrize(("encoding", "level"), [("UTF8", "ok"), ("SQL_ASCII", "failure"), ("LATIN1", "failure")])
def test_a_database_that_cannot_keep_chinese_is_a_failure(encoding: str, level: str) -> None:
    assert encoding_finding(encoding).level == level
