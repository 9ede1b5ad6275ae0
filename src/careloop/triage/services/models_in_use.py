"""Which trained models answer now: the file `triage/<head>.npz` in the models' folder, read again when it changes."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from django.conf import settings

from careloop.common.events import record
from careloop.common.transaction import write
from careloop.triage import events
from careloop.triage.engine.classifier import Classifier, classifier_from
from careloop.triage.engine.errors import TriageError
from careloop.triage.engine.linear import LinearModel, load

log = structlog.get_logger(__name__)


@dataclass
class _Loaded:
    """The models as they were last read, by the state of their files."""

    state: tuple[tuple[str, int, int], ...] | None = None
    classifier: Classifier = field(default_factory=lambda: classifier_from([]))
    lock: threading.Lock = field(default_factory=threading.Lock)


_loaded = _Loaded()


def models_dir() -> Path:
    """The folder of this installation's models; it need not exist."""
    return Path(settings.CARELOOP_MODELS_DIR) / "triage"


def classifier() -> Classifier:
    """The rules, blended with the models of this installation.

    A model that cannot be read is left out, and ``triage.model_failed`` is recorded once each time the files change.
    """
    state = _state()
    with _loaded.lock:
        if state != _loaded.state:
            _loaded.classifier = classifier_from(_usable(state))
            _loaded.state = state
        return _loaded.classifier


def _state() -> tuple[tuple[str, int, int], ...]:
    folder = models_dir()
    if not folder.is_dir():
        return ()
    files = sorted(folder.glob("*.npz"))
    return tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files)


def _usable(state: tuple[tuple[str, int, int], ...]) -> list[LinearModel]:
    models = []
    for path, _, _ in state:
        try:
            models.append(load(Path(path)))
        except TriageError as error:
            log.warning("model left out", path=path, reason=str(error))
            with write():
                record(events.MODEL_FAILED, subject="model", data={"file": Path(path).name, "reason": str(error)})
    return models
