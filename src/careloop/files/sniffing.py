"""What kind of file these bytes are, whatever their name says."""

from __future__ import annotations

import puremagic

UNKNOWN = "application/octet-stream"

# Shown inside the page; everything else is only offered for download.
SAFE_INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "video/mp4", "video/webm"})
# What the first brand of an ISO base media file says (ISO/IEC 14496-12 and 23008-12); phones take photos in it too.
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"mif1"), "image/heic"),
    b"avif": "image/avif",
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
}
_TEXT = frozenset({"text/plain", "text/csv"})


def sniff(data: bytes, claimed: str = "") -> str:
    """The media type the bytes show, else a harmless claimed type, else ``application/octet-stream``."""
    found = _by_magic(data)
    if found:
        return found
    claimed = claimed.split(";", maxsplit=1)[0].strip().lower()
    return claimed if claimed in _TEXT else UNKNOWN


def _by_magic(data: bytes) -> str:
    head = data[:16]
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    try:
        return puremagic.from_string(data[:4096], mime=True) or ""
    except (puremagic.PureError, ValueError):
        return ""
