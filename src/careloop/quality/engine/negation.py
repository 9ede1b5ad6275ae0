"""Negation: "we will never say that" is not saying it."""

import re

from careloop.quality.engine.reply import Reply
from careloop.quality.engine.speech import speech


def is_negated(reply: Reply, start: int, window: int) -> bool:
    """Whether the words at `start` are negated, refused, or somebody else's: read from the text before them."""
    before = reply.words[reply.sentence_around(start).start : start]
    if speech("refused_saying", reply.language).search(before) or speech("reported", reply.language).search(before):
        return True
    return _in_window_zh(before, window) if reply.language == "zh" else _in_window_en(before, window)


def _in_window_zh(before: str, window: int) -> bool:
    near = re.split(r"[,，、:：;]", before)[-1][-window:]
    return speech("negation", "zh").search(near) is not None


def _in_window_en(before: str, window: int) -> bool:
    near = re.findall(r"[\w']+", re.split(r"[,:;]|\bbut\b", before)[-1])[-window:]
    return any(speech("negation", "en").match(word) for word in near)
