"""Which trained models answer now: the champions, read from their signed files, and again when one changes."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
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
    left_out: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


_loaded = _Loaded()


def classifier() -> Classifier:
    """The rules, blended with the champions of this installation.

    A champion whose file is missing, not signed by this installation or not readable is left out, and
    ``triage.model_failed`` is recorded once each time the files change; the rules answer for its head.
    """
    return _read(remembered(CHAMPIONS, _champions))[0]


def left_out(champions: Mapping[str, ModelVersion]) -> Mapping[str, str]:
    """Of these champions by head, the versions whose file cannot be used, each with the sentence that says why."""
    return _read([champions[head].version for head in sorted(champions)])[1]


def _read(versions: Sequence[str]) -> tuple[Classifier, Mapping[str, str]]:
    """From the files, when they or the champions are others than last time."""
    state = tuple(_state_of(version) for version in versions)
    with _loaded.lock:
        if state != _loaded.state:
            _loaded.left_out = {}
            _loaded.classifier = classifier_from(_usable(state))
            _loaded.state = state
        return _loaded.classifier, _loaded.left_out


def watch_changes() -> None:
    """Called once, when the room is ready."""
    forget_on_change(CHAMPIONS, ModelStanding)


def _champions() -> list[str]:
    return list(ModelVersion.objects.champions().order_by("head").values_list("version", flat=True))


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
            _loaded.left_out[version] = str(error)
            log.warning("model left out", version=version, reason=str(error))
            with write():
                record(events.MODEL_FAILED, subject="model", data={"version": version, "reason": str(error)})
    return models
