"""A stored file over HTTP: whole, in parts, unchanged, gone."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from careloop.common.errors import NotFound
from careloop.files.answering import file_answer
from careloop.files.models import Blob
from careloop.files.services import root, store

pytestmark = pytest.mark.django_db
FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 8


@pytest.fixture
def film() -> Blob:
    return store(FILM)


def ask(blob: Blob, method: str = "get", *, is_shown: bool = True, **headers: str) -> HttpResponse:
    request: Any = getattr(RequestFactory(), method)("/f", headers={k.replace("_", "-"): v for k, v in headers.items()})
    return file_answer(request, blob, name="影片.mp4", content_type="video/mp4", is_shown=is_shown)


def test_the_whole_file_says_that_parts_may_be_asked_for(film: Blob) -> None:
    answer = ask(film)
    assert (answer.status_code, answer.content) == (200, FILM)
    assert (answer["Accept-Ranges"], answer["Content-Type"]) == ("bytes", "video/mp4")
    assert answer["ETag"] == f'"{film.sha256}"'


def test_a_part_is_a_part(film: Blob) -> None:
    answer = ask(film, Range="bytes=100-199")
    assert (answer.status_code, answer.content) == (206, FILM[100:200])
    assert answer["Content-Range"] == f"bytes 100-199/{len(FILM)}"
    assert answer["Content-Type"] == "video/mp4"


def test_all_parts_together_are_the_file(film: Blob) -> None:
    parts = [ask(film, Range=f"bytes={at}-{at + 499}").content for at in range(0, len(FILM), 500)]
    assert b"".join(parts) == FILM


def test_behind_the_end_there_is_nothing(film: Blob) -> None:
    answer = ask(film, Range=f"bytes={len(FILM)}-")
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer["Content-Range"] == f"bytes */{len(FILM)}"


@pytest.mark.parametrize(("if_range", "status"), [("same", 206), ('"other"', 200), ("W/same", 200),
                                                  ("Sun, 22 Nov 2026 00:00:00 GMT", 200)])  # fmt: skip
def test_a_part_of_another_file_is_never_joined_to_it(film: Blob, if_range: str, status: int) -> None:
    if_range = if_range.replace("same", f'"{film.sha256}"')
    assert ask(film, Range="bytes=0-9", If_Range=if_range).status_code == status


def test_what_the_browser_has_is_not_sent_again(film: Blob) -> None:
    answer = ask(film, If_None_Match=f'"{film.sha256}"')
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer["ETag"] == f'"{film.sha256}"'


def test_only_get_knows_parts(film: Blob) -> None:
    assert ask(film, "head", Range="bytes=0-9").status_code == 200


@pytest.mark.parametrize("range_", ["", "bytes=0-9", "bytes=9999999-"])
def test_nothing_of_it_is_ever_run(film: Blob, range_: str) -> None:
    answer = ask(film, Range=range_, is_shown=False)
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("range_", ["", "bytes=0-9"])
def test_a_file_that_is_gone_is_not_found(film: Blob, range_: str) -> None:
    (root() / film.path).unlink()
    with pytest.raises(NotFound):
        ask(film, Range=range_)


def test_a_file_that_was_changed_is_not_handed_out_in_parts_either(film: Blob) -> None:
    ask(film, Range="bytes=0-9")
    (root() / film.path).write_bytes(b"x" * len(FILM))
    with pytest.raises(NotFound):
        ask(film, Range="bytes=0-9")
