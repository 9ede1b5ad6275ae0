"""What can go wrong between a file and a model, as types.

TriageError
├── UnusableExamples   the labelled file cannot be read, lacks a column, or cannot teach anything
├── UnreadableModel    the model file is missing, cut short, or no model at all
└── OtherModelVersion  the model file was written by another version of the format
"""

from careloop.common.errors import CareloopError


class TriageError(CareloopError):
    """Root of the family; each message is one sentence that says what to do next."""

    def __init__(self, message: str, **data: object) -> None:
        super().__init__(f"triage.{_snake(type(self).__name__)}", message, data=dict(data))


class UnusableExamples(TriageError):
    pass


class UnreadableModel(TriageError):
    pass


class OtherModelVersion(TriageError):
    pass


class CannotTrain(TriageError):
    pass


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
