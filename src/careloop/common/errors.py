"""Our own errors. Each carries a stable code, a translated sentence and an HTTP status.

    CareloopError
    ├── InvalidInput     400  what was sent cannot be used; says why and what to do
    ├── NotAllowed       403  the person may not; says the reason
    ├── NotFound         404  nothing there that this person may see
    ├── Conflict         409  somebody was faster, or the state does not allow it
    ├── TooLarge         413  more bytes than this door takes
    ├── TooMany          429  more often than this door takes
    └── OutsideFailure   502  a service outside this process failed

The API, the page and the htmx partial render them in one place: ``careloop.common.http``.
Bugs are not in this family: they fail loudly.
"""

from __future__ import annotations

from typing import Any


class CareloopError(Exception):
    """Root of the family; raise a subclass where one fits."""

    status = 400

    def __init__(
        self, code: str, message: object, *, status: int | None = None, data: dict[str, Any] | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.data = data or {}
        if status is not None:
            self.status = status

    def __str__(self) -> str:
        return str(self.message)

    def as_dict(self) -> dict[str, Any]:
        """The one documented shape of an error in JSON."""
        return {"error": {"code": self.code, "message": str(self.message), "details": self.data}}


class InvalidInput(CareloopError):
    status = 400


class NotAllowed(CareloopError):
    status = 403


class NotFound(CareloopError):
    status = 404


class Conflict(CareloopError):
    status = 409


class TooLarge(CareloopError):
    status = 413


class TooMany(CareloopError):
    status = 429


class OutsideFailure(CareloopError):
    status = 502
