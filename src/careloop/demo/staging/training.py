"""What the three months taught: models trained on the labels there were by then, judged and decided about.

Nothing is made up: every lesson is a real training in a process of its own, compares on held-out labels, and what
comes to answer answers the conversations that are told after it. A few hundred conversations are too few for a model
to be better beyond noise, so the night refuses the first; the second answers because somebody at the command line
let it, where it was not worse; the third waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from careloop.common.transaction import write
from careloop.demo.staging.backdating import Backdating
from careloop.triage.engine.heads import HANDLING_CLASS
from careloop.triage.models import ModelComparison, ModelStanding, ModelVersion, Origin, TrainingRun
from careloop.triage.services import training
from careloop.triage.services.promoting import promote

HEAD = HANDLING_CLASS
"""What the agents put right most."""
TOOK = timedelta(seconds=20)


@dataclass(frozen=True)
class Lesson:
    """One training, so long before the demo's today, and whether somebody lets its model answer."""

    ago: timedelta
    origin: Origin
    is_let_answer: bool = False


LESSONS = (
    Lesson(timedelta(days=28), Origin.NIGHT),
    Lesson(timedelta(days=8), Origin.COMMAND, is_let_answer=True),
    Lesson(timedelta(days=1), Origin.COMMAND),
)


def learn_until(moment: datetime, today: datetime, backdating: Backdating) -> None:
    """Carry out every lesson that lies before the moment and was not carried out yet."""
    for lesson in LESSONS:
        at = today - lesson.ago
        if at <= moment and not TrainingRun.objects.filter(head=HEAD, asked_at=at).exclude(finished_at=None).exists():
            _learn(lesson, at, backdating)


def _learn(lesson: Lesson, at: datetime, backdating: Backdating) -> None:
    began = timezone.now()
    with backdating.told(), backdating.step(at):
        run = training.carry_out(_ordered(lesson, at), at=at)
        if run.version is not None and lesson.is_let_answer and _is_not_worse(run.version):
            promote(run.version, by=None)
    _date(run, at, began)


def _ordered(lesson: Lesson, at: datetime) -> TrainingRun:
    """The run of this lesson; after an interrupted load it is there already."""
    found = TrainingRun.objects.filter(head=HEAD, asked_at=at).first()
    if found is not None:
        return found
    with write():
        run = training.begin(HEAD, by=None, origin=lesson.origin)
        TrainingRun.objects.filter(pk=run.pk).update(asked_at=at)
    return run


def _is_not_worse(version: ModelVersion) -> bool:
    comparison = version.comparison
    return comparison is not None and comparison.n > 0 and comparison.report["difference"] >= 0


def _date(run: TrainingRun, at: datetime, began: datetime) -> None:
    """What training stamps with the clock on the wall happened then."""
    done = at + TOOK
    TrainingRun.objects.filter(pk=run.pk).update(started_at=at, finished_at=done)
    ModelVersion.objects.filter(runs=run).update(trained_at=done)
    ModelComparison.objects.filter(at__gte=began).update(at=done)
    ModelStanding.objects.filter(at__gte=began).update(at=done)
    ModelStanding.objects.filter(until__gte=began).update(until=done)
