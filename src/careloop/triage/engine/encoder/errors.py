"""What can go wrong with an encoder, as types.

TriageError
├── UnusableEncoder   the folder or package is missing, damaged, of another version, or of a kind that is not known
└── EncoderMissing    something asks for an encoder, and onnxruntime or the encoder itself is not there
"""

from careloop.triage.engine.errors import TriageError


class UnusableEncoder(TriageError):
    pass


class EncoderMissing(TriageError):
    pass
