"""The files of models: signed by this installation, checked before anything in them is read.

The signature is an HMAC-SHA256 of the file's bytes, beside it under `<version>.npz.sig`; its key is derived from the
installation's secret key and the version's name, so that one version's file cannot stand in for another's. A file
without it, or with another, is never opened: mail goes on by the rules.
"""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from careloop.triage.engine.errors import TriageError, UnreadableModel
from careloop.triage.engine.hybrid import AnyModel, load
from careloop.triage.engine.linear import check_format
from careloop.triage.services.encoder_in_use import encoder_in_use

LARGEST_FILE = 200 * 1024**2
SALT = "careloop.triage.model"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def models_dir() -> Path:
    """The folder of this installation's models; it need not exist."""
    return Path(settings.CARELOOP_MODELS_DIR) / "triage"


def file_of(version: str) -> Path:
    """Where the file of a version lies. Raises UnreadableModel for a name that is no plain file name."""
    if not _NAME.fullmatch(version):
        raise UnreadableModel(f"“{version[:64]}” is no name of a model version.")
    return models_dir() / f"{version}.npz"


def keep(version: str, raw: bytes) -> int:
    """Write the file and its signature, each whole or not at all; returns its size in bytes."""
    path = file_of(version)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(path, raw)
    _write(_signature_file(path), _signature(version, raw, settings.SECRET_KEY).encode())
    return len(raw)


def verified(version: str) -> bytes:
    """The bytes of a version's file. Raises UnreadableModel unless they carry this installation's signature."""
    path = file_of(version)
    raw = _read(path)
    try:
        signature = _signature_file(path).read_text("ascii", errors="replace").strip()
    except OSError:
        signature = ""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    # Every key is tried, so that the time taken does not tell which one fits.
    fits = [constant_time_compare(_signature(version, raw, key), signature) for key in keys]
    if not any(fits):
        what = "another signature than this installation's" if signature else "no signature"
        raise UnreadableModel(
            f"{path.name} carries {what} and is not used; train it again, or take it over with"
            " careloop triage models import."
        )
    return raw


def usable(version: str) -> bytes:
    """The bytes of a version's file that this Careloop can also read.

    Raises UnreadableModel, and OtherModelVersion for a file of an older or newer format.
    """
    raw = verified(version)
    check_format(file_of(version), io.BytesIO(raw))
    return raw


def read_model(version: str) -> AnyModel:
    """The model of a version, after its signature was checked. Raises UnreadableModel, OtherModelVersion."""
    return load(file_of(version), encoder_in_use(), io.BytesIO(verified(version)))


def fault_of(version: str) -> str:
    """Why the file of a version cannot be used, in a sentence; empty when it can."""
    try:
        usable(version)
    except TriageError as error:
        return str(error)
    return ""


def forget(version: str) -> None:
    """Delete a version's file and signature; its row stays as history."""
    path = file_of(version)
    path.unlink(missing_ok=True)
    _signature_file(path).unlink(missing_ok=True)


def read_foreign(path: Path) -> tuple[AnyModel, bytes]:
    """A model from elsewhere, with its bytes; whoever takes it over vouches for it. Raises UnreadableModel."""
    raw = _read(path)
    return load(path, encoder_in_use(), io.BytesIO(raw)), raw


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            raw = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise UnreadableModel(f"The model {path} cannot be read: {error.strerror or error}.") from error
    if len(raw) > LARGEST_FILE:
        raise UnreadableModel(f"{path} is larger than {LARGEST_FILE // 1024**2} MiB and no model of Careloop.")
    return raw


def _signature(version: str, raw: bytes, key: str | bytes) -> str:
    return salted_hmac(f"{SALT}:{version}", raw, secret=key, algorithm="sha256").hexdigest()


def _signature_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.sig")


def _write(path: Path, raw: bytes) -> None:
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    unfinished.write_bytes(raw)
    unfinished.replace(path)
