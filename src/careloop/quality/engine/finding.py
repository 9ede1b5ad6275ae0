"""What a check says about a place in a draft."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much weight a finding has: `block` stops the sending, `warn` asks to look again, `hint` only suggests."""

    BLOCK = "block"
    WARN = "warn"
    HINT = "hint"

    @property
    def gravity(self) -> int:
        """3 for block, 2 for warn, 1 for hint."""
        return {"block": 3, "warn": 2, "hint": 1}[self.value]


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark: which check, how grave, characters [start, end) of the text given, and a better wording.

    When something is missing the range is empty and stands where the better wording belongs.
    """

    check: str
    level: Level
    start: int
    end: int
    better: str

    def overlaps(self, other: "Finding") -> bool:
        """Whether both mark at least one character in common."""
        return self.start < other.end and other.start < self.end

    def as_dict(self) -> dict[str, str | int]:
        """The five fields as plain values, for JSON."""
        return {
            "check": self.check,
            "level": self.level.value,
            "start": self.start,
            "end": self.end,
            "better": self.better,
        }
