"""The sentence encoder of this installation: what CARELOOP_ENCODER names, opened once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import structlog
from django.conf import settings

from careloop.common.events import record
from careloop.common.text import detect_language
from careloop.common.transaction import write
from careloop.triage import events
from careloop.triage.engine.encoder.encoder import Encoder, Vectors, folders_of, open_encoder, reader_of
from careloop.triage.engine.errors import TriageError

log = structlog.get_logger(__name__)

LANGUAGES = ("zh", "en")


def encoder_in_use() -> Encoder | None:
    """The encoder, or nothing: none is named, or it cannot be used, which is recorded once as ``triage.model_failed``.

    Without it the linear part of a model answers alone.
    """
    return _opened(settings.CARELOOP_ENCODER)


def vectors_in_use(texts: Sequence[str]) -> Vectors | None:
    """Vectors for the search of answers (``CARELOOP_VECTORS``), one row a text; None without an encoder.

    Of several encoders the one that reads Chinese and English. A text that it does not read gets zeros, which are like
    nothing: to an English encoder all Chinese texts look alike.
    """
    encoder = encoder_in_use()
    if encoder is None:
        return None
    reader = reader_of(encoder, LANGUAGES)
    return reader.vectors(texts) * np.array([[_reads(reader, text)] for text in texts], dtype=np.float32)


def _reads(encoder: Encoder, text: str) -> bool:
    found = detect_language(text).language
    needed = {"mixed": "zh"}.get(found, found)
    return not encoder.languages or needed not in LANGUAGES or needed in encoder.languages


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
