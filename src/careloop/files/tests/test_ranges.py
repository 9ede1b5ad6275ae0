"""Which bytes a Range header asks for (RFC 9110, 14.1.2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careloop.files.ranges import NotSatisfiable, Part, part_of

pytestmark = pytest.mark.offline


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-1", Part(0, 1)),  # how Safari asks whether seeking works
        ("bytes=0-", Part(0, 99)),  # how Chrome begins
        ("bytes=40-59", Part(40, 59)),
        ("bytes=99-", Part(99, 99)),
        ("bytes=90-500", Part(90, 99)),
        ("bytes=-10", Part(90, 99)),
        ("bytes=-500", Part(0, 99)),
        ("BYTES=0-0", Part(0, 0)),
    ],
)
def test_a_single_range_is_found(header: str, expected: Part) -> None:
    assert part_of(header, 100) == expected


@pytest.mark.parametrize("header", ["", "bytes=", "bytes=-", "bytes=5-2", "bytes=0-1,5-6", "items=0-1", "bytes=a-b",
                                    "bytes=0-1;", "bytes 0-1", "bytes=٣-٤", "bytes=" + "9" * 30 + "-"])  # fmt: skip
def test_what_is_no_single_range_means_the_whole_file(header: str) -> None:
    assert part_of(header, 100) is None


@pytest.mark.parametrize(("header", "size"), [("bytes=100-", 100), ("bytes=100-200", 100), ("bytes=-0", 100),
                                              ("bytes=0-", 0), ("bytes=-5", 0)])  # fmt: skip
def test_a_range_behind_the_end_cannot_be_satisfied(header: str, size: int) -> None:
    with pytest.raises(NotSatisfiable):
        part_of(header, size)


@given(st.text(alphabet="bytes=0123456789-, ", max_size=30), st.integers(0, 2000))
def test_no_header_asks_for_bytes_that_are_not_there(header: str, size: int) -> None:
    try:
        part = part_of(header, size)
    except NotSatisfiable:
        return
    assert part is None or 0 <= part.first <= part.last < size
