"""Keep bytes so that a crash at any moment leaves either the whole file or none."""

from __future__ import annotations

import hashlib
import os
import tempfile
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction

from careloop.common.errors import NotFound
from careloop.files.models import Blob
from careloop.files.ranges import Part
from careloop.files.sniffing import sniff

OUR_FILE_MODE = 0o600


def root() -> Path:
    return Path(settings.CARELOOP_FILES_DIR)


def store(data: bytes, content_type: str = "") -> Blob:
    """Write the bytes (fsynced, renamed into place) and their row; the same bytes give the same row.

    The type is sniffed from the bytes; what the sender claimed is used only where the bytes say nothing.
    May be called inside or outside a transaction: a file without a row is harmless.
    """
    digest = hashlib.sha256(data).hexdigest()
    found = Blob.objects.filter(sha256=digest).first()
    if found is not None and (root() / found.path).exists():
        return found
    path = Path(digest[:2]) / digest[2:4] / digest
    _write(root() / path, data)
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return Blob.objects.create(
                sha256=digest, size=len(data), content_type=sniff(data, content_type), path=path.as_posix()
            )
    except IntegrityError:
        return Blob.objects.get(sha256=digest)


def read(blob: Blob) -> bytes:
    """The bytes, checked against their hash.

    Raises :class:`NotFound` (``file_missing``) when they are gone or no longer what was stored.
    """
    try:
        data = (root() / blob.path).read_bytes()
    except FileNotFoundError:
        data = b""
    if hashlib.sha256(data).hexdigest() != blob.sha256:
        raise _missing(blob)
    return data


def read_part(blob: Blob, part: Part) -> bytes:
    """Some of the bytes. The whole file is checked against its hash once, not again for every part of a film.

    Raises :class:`NotFound` (``file_missing``) as ``read`` does.
    """
    try:
        with (root() / blob.path).open("rb") as file:
            state = os.fstat(file.fileno())
            if not _is_whole(blob.sha256, str(file.name), state.st_ino, state.st_size, state.st_mtime_ns):
                raise _missing(blob)
            file.seek(part.first)
            return file.read(part.length)
    except FileNotFoundError:
        raise _missing(blob) from None


@lru_cache(maxsize=256)
def _is_whole(sha256: str, path: str, _inode: int, _size: int, _mtime_ns: int) -> bool:
    """Whether the file is what was stored; remembered while nobody writes to it."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256


def _missing(blob: Blob) -> NotFound:
    return NotFound("file_missing", f"The stored file {blob.sha256[:12]} is missing or damaged.")


def _write(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, OUR_FILE_MODE)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
