"""Tasks for the tests of the queue. What they did is told to `told`."""

import threading
import time
from typing import Any

from django_tasks import TaskContext, task

from careloop.common.jobs import RetryLater, retrying
from careloop.common.models import RecurringRun

told: list[Any] = []
gate = threading.Event()


class Hopeless(Exception):
    """No further attempt can cure it."""


@task()
def tell(word: str) -> str:
    told.append(word)
    return word


@task()
def tell_and_pass_on(word: str) -> None:
    told.append(word)
    tell.enqueue(f"{word} passed on")


@task(takes_context=True)
def tell_attempt(context: TaskContext) -> None:
    told.append(context.attempt)


@task()
@retrying(max_attempts=3, base_seconds=10, max_seconds=15, permanent=(Hopeless,))
def fail(word: str) -> None:
    told.append(word)
    if word == "hopeless":
        raise Hopeless(word)
    if word == "later":
        raise RetryLater(120)
    raise RuntimeError(word)


@task()
@retrying(max_attempts=5, base_seconds=0.05, max_seconds=0.05)
def fail_twice(word: str) -> None:
    told.append(word)
    if told.count(word) < 3:
        raise RuntimeError(word)


@task()
def wait_for_the_gate() -> None:
    told.append("waiting")
    gate.wait(20)
    told.append("gone on")


@task()
def sleep(seconds: float) -> None:
    time.sleep(seconds)


@task()
def count_in_the_database() -> None:
    """Something that writes: one row more."""
    RecurringRun.objects.create(name=f"row {time.monotonic_ns()} {threading.get_ident()}", due_at="2030-01-01T00:00Z")
