"""Text arithmetic every room may use: folding for comparison, Chinese character detection, language detection.

Nothing here imports Django or knows what a conversation is.
"""

from careloop.common.text.cjk import count_han, is_han
from careloop.common.text.fold import fold
from careloop.common.text.language import detect_language, reply_language

__all__ = ["count_han", "detect_language", "fold", "is_han", "reply_language"]
