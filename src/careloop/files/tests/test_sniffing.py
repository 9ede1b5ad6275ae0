"""What a file is, whatever its name says."""

from __future__ import annotations

import pytest

from careloop.files.sniffing import SAFE_INLINE, sniff


@pytest.mark.parametrize(
    ("brand", "found"),
    [
        (b"heic", "image/heic"),
        (b"mif1", "image/heic"),
        (b"avif", "image/avif"),
        (b"qt  ", "video/quicktime"),
        (b"M4A ", "audio/mp4"),
        (b"isom", "video/mp4"),
    ],
)
def test_a_phones_photo_is_not_taken_for_a_video(brand: bytes, found: str) -> None:
    assert sniff(b"\x00\x00\x00\x18ftyp" + brand + b"\x00" * 40) == found


@pytest.mark.parametrize("kind", ["image/heic", "image/avif", "video/quicktime"])
def test_what_not_every_browser_shows_is_handed_over(kind: str) -> None:
    assert kind not in SAFE_INLINE


def test_a_claim_is_believed_only_for_plain_text() -> None:
    assert sniff("你好".encode(), "text/plain; charset=utf-8") == "text/plain"
    assert sniff(b"\x01\x02\x03", "image/png") == "application/octet-stream"
