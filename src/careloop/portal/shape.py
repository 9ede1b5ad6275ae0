"""What the portal keeps: one JSON object a message; files are named by their hash and lie in the file store."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

LONGEST_TEXT = 10_000
MOST_FILES = 6

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254)]
Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]


class KeptFile(BaseModel):
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    name: Line = ""


class KnownAs(BaseModel):
    """The identity by which the customer behind a private link is found again."""

    kind: Literal["email", "phone", "wechat", "external"]
    value: Line


class PortalMessage(BaseModel):
    """A new matter, or (with ``conversation``) more words about one."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["complaint", "question", "feedback", "more"]
    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)]
    language: Literal["zh", "en"] = "en"
    remedy: Text = ""
    order_number: Line = ""
    name: Line = ""
    email: Line = ""
    phone: Line = ""
    files: list[KeptFile] = Field(default_factory=list, max_length=MOST_FILES)
    # The form's own key: what is sent again from one form stays in one thread.
    form_key: Annotated[str, StringConstraints(max_length=64)] = ""
    conversation: Annotated[int, Field(gt=0, lt=2**63)] | None = None
    known_as: KnownAs | None = None
