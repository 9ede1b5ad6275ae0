"""The sentence encoder of this installation: what CARELOOP_ENCODER names, opened once."""

from __future__ import annotations

from functools import cache

import structlog
from django.conf import settings

from careloop.common.events import record
from careloop.common.transaction import write
from careloop.triage import events
from careloop.triage.engine.encoder.encoder import Encoder, folders_of, open_encoder
from careloop.triage.engine.errors import TriageError

log = structlog.get_logger(__name__)


def encoder_in_use() -> Encoder | None:
    """The encoder, or nothing: none is named, or it cannot be used, which is recorded once as ``triage.model_failed``.

    Without it the linear part of a model answers alone.
    """
    return _opened(settings.CARELOOP_ENCODER)


@cache
def _opened(setting: str) -> Encoder | None:
    folders = folders_of(setting)
    if not folders:
        return None
    try:
        return open_encoder(folders)
    except TriageError as error:
        log.warning("encoder left out", folders=setting, reason=str(error))
        with write():
            record(events.MODEL_FAILED, subject="encoder", data={"version": setting, "reason": str(error)})
        return None
