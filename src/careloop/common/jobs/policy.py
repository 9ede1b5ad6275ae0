"""How often, and after how long, a failed task is tried again. Imports neither Django nor us."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
ATTRIBUTE = "retry_policy"


class RetryLater(Exception):
    """Raised by a task that was told when to come back, such as by a Retry-After header."""

    def __init__(self, seconds: float, reason: str = "") -> None:
        self.seconds = seconds
        super().__init__(reason or f"try again in {seconds:g} s")


@dataclass(frozen=True)
class RetryPolicy:
    """After attempt n the next one waits base × 2ⁿ⁻¹ seconds, at most `max_seconds`, less up to a half."""

    max_attempts: int = 5
    base_seconds: float = 2.0
    max_seconds: float = 3600.0
    permanent: tuple[type[BaseException], ...] = ()

    def gives_up_on(self, error: BaseException) -> bool:
        """An error that no further attempt can cure."""
        return isinstance(error, self.permanent)

    def delay_seconds(self, attempt: int, error: BaseException | None = None) -> float:
        """How long to wait after the given attempt, counted from 1; the jitter spreads a herd."""
        if isinstance(error, RetryLater):
            return error.seconds
        whole = min(self.max_seconds, self.base_seconds * 2.0 ** min(attempt - 1, 60))
        return whole * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing.


DEFAULT_POLICY = RetryPolicy()


def retrying(
    *,
    max_attempts: int = DEFAULT_POLICY.max_attempts,
    base_seconds: float = DEFAULT_POLICY.base_seconds,
    max_seconds: float = DEFAULT_POLICY.max_seconds,
    permanent: tuple[type[BaseException], ...] = (),
) -> Callable[[Decorated], Decorated]:
    """Declare how a task is tried again; goes under `@task()`. A `permanent` error makes it dead at once."""
    policy = RetryPolicy(max_attempts, base_seconds, max_seconds, permanent)

    def declare(function: Decorated) -> Decorated:
        # Above @task() it meets the Task, whose fields are frozen; the function inside carries the policy.
        setattr(getattr(function, "func", function), ATTRIBUTE, policy)
        return function

    return declare


def policy_of(function: Callable[..., Any]) -> RetryPolicy:
    """The declared policy of a task's function, else the default: five attempts."""
    policy: RetryPolicy = getattr(function, ATTRIBUTE, DEFAULT_POLICY)
    return policy
