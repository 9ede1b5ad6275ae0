"""Which trained models answer now: the champions, read from their signed files, and again when one changes."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import structlog

from careloop.common.events import record
from careloop.common.remembering import forget_on_change, remembered
from careloop.common.transaction import write
from careloop.triage import events
from careloop.triage.engine.classifier import Classifier, classifier_from
from careloop.triage.engine.errors import TriageError
from careloop.triage.engine.hybrid import AnyModel
from careloop.triage.models import ModelStanding, ModelVersion
from careloop.triage.services.model_files import file_of, models_dir, read_model

log = structlog.get_logger(__name__)

CHAMPIONS = "triage champions"
State = tuple[tuple[str, str, int, int], ...]


@dataclass
class _Loaded:
    """The models as they were last read, by the champions and the state of their files."""

    state: State | None = None
    classifier: Classifier = field(default_factory=lambda: classifier_from([]))
    lock: threading.Lock = field(default_factory=threading.Lock)


_loaded = _Loaded()


def classifier() -> Classifier:
    """The rules, blended with the champions of this installation.

    A champion whose file is missing, not signed by this installation or not readable is left out, and
    ``triage.model_failed`` is recorded once each time the files change; the rules answer for its head.
    """
    state = _state()
    with _loaded.lock:
        if state != _loaded.state:
            _loaded.classifier = classifier_from(_usable(state))
            _loaded.state = state
        return _loaded.classifier


def watch_changes() -> None:
    """Called once, when the room is ready."""
    forget_on_change(CHAMPIONS, ModelStanding)


def _champions() -> list[str]:
    return list(ModelVersion.objects.champions().order_by("head").values_list("version", flat=True))


def _state() -> State:
    return tuple(_state_of(version) for version in remembered(CHAMPIONS, _champions))


def _state_of(version: str) -> tuple[str, str, int, int]:
    try:
        found = file_of(version).stat()
    except (OSError, TriageError):
        return version, str(models_dir()), 0, 0
    return version, str(models_dir()), found.st_mtime_ns, found.st_size


def _usable(state: State) -> list[AnyModel]:
    models = []
    for version, *_ in state:
        try:
            models.append(read_model(version))
        except TriageError as error:
            log.warning("model left out", version=version, reason=str(error))
            with write():
                record(events.MODEL_FAILED, subject="model", data={"version": version, "reason": str(error)})
    return models
