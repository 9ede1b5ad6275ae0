"""Take a model from one installation to another: export a file without our signature, import one and sign it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.accounts.permissions import Permission, require
from careloop.common.errors import Conflict, InvalidInput
from careloop.common.events import record
from careloop.common.transaction import write
from careloop.triage import events
from careloop.triage.engine.errors import UnreadableModel
from careloop.triage.engine.linear import ModelInfo
from careloop.triage.models import ModelVersion, Origin
from careloop.triage.services import model_files
from careloop.triage.services.learning import check_trainable
from careloop.triage.services.promoting import stand_as_challenger

if TYPE_CHECKING:
    from careloop.accounts.models import User


def export_model(version: ModelVersion, path: Path) -> None:
    """Write the version's file there; what signs it here is worth nothing elsewhere. Raises UnreadableModel."""
    raw = model_files.verified(version.version)
    try:
        path.write_bytes(raw)
    except OSError as error:
        raise InvalidInput(
            "cannot_write", _("%(path)s cannot be written: %(why)s.") % {"path": path, "why": error.strerror or error}
        ) from error


def import_model(path: Path, *, by: User | None) -> ModelVersion:
    """Take a model file over: it is read, signed, and waits as a challenger until somebody promotes it.

    Whoever imports it vouches for it. Records ``triage.model_imported``. Raises UnreadableModel or OtherModelVersion
    for a file that is no model, UnusableExamples for a head that is not trained, Conflict for a version we have.
    """
    if by is not None:
        require(by, Permission.MODEL_PROMOTE)
    model, raw = model_files.read_foreign(path)
    info = model.info
    _check_description(info, path)
    check_trainable(info.head)
    if ModelVersion.objects.filter(version=info.version).exists():
        raise Conflict("version_known", _("There is a version of this name already."))
    size = model_files.keep(info.version, raw)
    with write():
        version = ModelVersion.objects.create(
            head=info.head, version=info.version, fingerprint=info.fingerprint[:64], rows=info.rows,
            classes=info.classes, candidate=info.candidate, scores=info.scores,
            code_version=info.careloop_version[:32], size_bytes=size, origin=Origin.IMPORT, trained_by=by,
            trained_at=timezone.now(),
        )  # fmt: skip
        stand_as_challenger(version, by=by)
        about = {"head": info.head, "version": info.version}
        record(events.MODEL_IMPORTED, by=by, subject="model_version", subject_id=version.pk, data=about)
    return version


def _check_description(info: ModelInfo, path: Path) -> None:
    """A stranger's file may describe itself with anything at all."""
    kinds = ((info.version, str), (info.head, str), (info.fingerprint, str), (info.candidate, str), (info.rows, int),
             (info.careloop_version, str), (info.classes, dict), (info.scores, dict))  # fmt: skip
    if not all(isinstance(value, kind) for value, kind in kinds) or not 0 <= info.rows < 2**31:
        raise UnreadableModel(f"{path} is not a Careloop model, or it is damaged.")
