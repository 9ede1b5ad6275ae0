"""Where the greeting of a reply ends."""

from careloop.quality.engine.reply import Reply
from careloop.quality.engine.speech import speech


def after_greeting(reply: Reply) -> int:
    """The offset where the first sentence after the greeting begins; 0 without a greeting."""
    greeting = speech("greeting", reply.language).match(reply.words)
    return greeting.end() if greeting else 0
