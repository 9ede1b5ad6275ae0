"""Mails in files: a single mail (eml), a mailbox (mbox, RFC 4155), a folder of either, or a Maildir."""

import re
from collections.abc import Iterator
from pathlib import Path

_FROM_LINE = re.compile(rb"^From [^\n]*\b\d{4}\b[^\n]*$", re.M)
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.M)


def mail_files(path: Path) -> list[Path]:
    """``path`` itself, or every file below it in order when it is a folder; hidden files are left out."""
    if not path.is_dir():
        return [path]
    found = (each for each in path.rglob("*") if each.is_file())
    return sorted(each for each in found if not any(part.startswith(".") for part in each.relative_to(path).parts))


def mails_in(raw: bytes) -> Iterator[bytes]:
    """Each mail of a file. A file that starts with a mailbox "From " line is a mailbox, else it is one mail."""
    if not raw.startswith(b"From "):
        yield raw
        return
    starts = [match.start() for match in _FROM_LINE.finditer(raw) if _begins_mail(raw, match.start())] or [0]
    for start, end in zip(starts, [*starts[1:], len(raw)], strict=True):
        _, _, mail = raw[start:end].partition(b"\n")
        yield _QUOTED_FROM.sub(rb"\1", mail)


def _begins_mail(raw: bytes, start: int) -> bool:
    """A "From " line counts only at the top or after a blank line, so that text beginning so stays text."""
    return start == 0 or raw[:start].endswith((b"\n\n", b"\n\r\n"))
