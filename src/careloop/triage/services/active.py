"""Which models are in use: the files in the models folder, one a head; none is a normal state."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import structlog
from django.conf import settings

from careloop.common.errors import CareloopError
from careloop.triage.engine.classifier import Classifier, classifier_from
from careloop.triage.engine.linear import LinearModel, load

log = structlog.get_logger(__name__)

SUFFIX = ".npz"


def active_classifier() -> Classifier:
    """The rules, blended with every readable model in ``CARELOOP_MODELS_DIR``.

    A model that cannot be read is named in the log and left out: mail keeps flowing by the rules.
    """
    folder = Path(settings.CARELOOP_MODELS_DIR)
    found = sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []
    return _classifier(tuple((path, path.stat().st_mtime_ns) for path in found))


@lru_cache(maxsize=2)
def _classifier(stamped: tuple[tuple[Path, int], ...]) -> Classifier:
    return classifier_from([model for path, _ in stamped if (model := _read(path)) is not None])


def _read(path: Path) -> LinearModel | None:
    try:
        return load(path)
    except (CareloopError, OSError) as error:
        log.warning("model left out", file=path.name, reason=str(error))
        return None
