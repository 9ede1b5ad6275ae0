"""Photos, videos and papers that a customer attaches: looked at before anything is stored."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from careloop.files import services as files
from careloop.files.sniffing import sniff
from careloop.portal.shape import MOST_FILES, KeptFile

HEAD_BYTES = 8192
TAKEN_FAMILIES = ("image/", "video/", "audio/")
TAKEN_TYPES = frozenset({"application/pdf", "text/plain"})
# Pictures that are programs, or that browsers read as pages.
NEVER_TAKEN = frozenset({"image/svg+xml"})
FORM_BYTES = 1024 * 1024


def largest_request() -> int:
    """The most bytes one form may carry; checked before the body is read."""
    return 2 * int(settings.CARELOOP_LARGEST_UPLOAD) + FORM_BYTES


def check(uploads: Sequence[UploadedFile]) -> None:
    """Raises ValidationError with one sentence for each file that cannot be taken."""
    if len(uploads) > MOST_FILES:
        raise ValidationError(
            ngettext("Please attach at most %(most)d file.", "Please attach at most %(most)d files.", MOST_FILES)
            % {"most": MOST_FILES}
        )
    problems = [problem for problem in map(_problem, uploads) if problem]
    if problems:
        raise ValidationError(problems)


def keep(uploads: Sequence[UploadedFile]) -> list[KeptFile]:
    """Store the checked files, one at a time; a file that no message names yet is harmless."""
    kept = []
    for upload in uploads:
        upload.seek(0)
        blob = files.store(upload.read(), upload.content_type or "")
        kept.append(KeptFile(sha256=blob.sha256, name=_name(upload)))
    return kept


def readable(size: int) -> str:
    """A size as people say it: 25 MB. Rounded down, so that nobody is promised too much."""
    return f"{size // 1024**2} MB" if size >= 1024**2 else f"{size // 1024} KB"


def is_taken(content_type: str) -> bool:
    return content_type not in NEVER_TAKEN and (content_type in TAKEN_TYPES or content_type.startswith(TAKEN_FAMILIES))


def _problem(upload: UploadedFile) -> str:
    name, largest = _name(upload), int(settings.CARELOOP_LARGEST_UPLOAD)
    if not upload.size:
        return _("“%(name)s” is empty.") % {"name": name}
    if upload.size > largest:
        return _("“%(name)s” is larger than %(largest)s. A shorter video or a smaller photo will do.") % {
            "name": name,
            "largest": readable(largest),
        }
    head = upload.read(HEAD_BYTES)
    upload.seek(0)
    if not is_taken(sniff(head, upload.content_type or "")):
        return _("“%(name)s” is not a photo, video, sound, PDF or plain text.") % {"name": name}
    return ""


def _name(upload: UploadedFile) -> str:
    return (upload.name or "file").replace("\x00", "")[-200:]
