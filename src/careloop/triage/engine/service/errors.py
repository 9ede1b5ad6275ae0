"""Why there is no answer."""

from __future__ import annotations

from careloop.triage.engine.errors import TriageError


class NoAnswer(TriageError):
    """The service gave nothing that can be used; ``why`` is one of ``unreachable``, ``too_slow``, ``refused``,
    ``busy``, ``failed``, ``too_long``, ``not_understood``, ``paused`` and ``budget``."""

    def __init__(self, why: str, sentence: str) -> None:
        super().__init__(sentence, why=why)
        self.why = why
