"""Train a head from the team's own work: order it, carry it out apart, keep what came of it, decide."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.accounts.permissions import Permission, require
from careloop.common.errors import Conflict, InvalidInput
from careloop.common.events import record
from careloop.common.transaction import attempt, write, writes
from careloop.triage import events
from careloop.triage.engine.comparing import BETTER
from careloop.triage.engine.errors import TriageError, UnusableExamples
from careloop.triage.engine.learning import Request
from careloop.triage.models import ModelComparison, ModelVersion, Origin, TrainingRun
from careloop.triage.services import model_files
from careloop.triage.services.learning import TRAINABLE, labels_since, rows_to_learn_from
from careloop.triage.services.learning_apart import Learned, Stopped, learn_apart
from careloop.triage.services.promoting import champion_standing, promote, refuse, stand_as_challenger

if TYPE_CHECKING:
    from careloop.accounts.models import User

ABANDONED_AFTER = timedelta(hours=3)
FILES_KEPT_A_HEAD = 10
SECONDS_BETWEEN_SIGNS = 10


@writes
def ask_for_training(head: str, *, by: User | None, origin: str = Origin.DESK) -> TrainingRun:
    """Order a training; it is carried out in the background. Records ``triage.training_asked``.

    Raises NotAllowed, InvalidInput for a head that is not trained, Conflict while one is under way.
    """
    run = begin(head, by=by, origin=origin)
    record(events.TRAINING_ASKED, by=by, subject="training_run", subject_id=run.pk, data={"head": head})
    return run


@writes
def begin(head: str, *, by: User | None, origin: str) -> TrainingRun:
    """A run of this head, for whoever carries it out at once; else as `ask_for_training`."""
    if by is not None:
        require(by, Permission.MODEL_PROMOTE)
    if head not in TRAINABLE:
        raise InvalidInput("unknown_head", _("This is not a head that can be trained."), data={"head": head[:24]})
    now = timezone.now()
    _close_what_nobody_carries_out(head, now)
    try:
        with attempt():
            return TrainingRun.objects.create(head=head, asked_by=by, asked_at=now, origin=origin)
    except IntegrityError:
        raise Conflict("training_under_way", _("This head is being trained right now.")) from None


@writes
def stop_training(run: TrainingRun, *, by: User) -> None:
    """Ask a run to stop; it does within a second or two, at once when nobody carries it out. The model in use stays."""
    require(by, Permission.MODEL_PROMOTE)
    waiting = TrainingRun.objects.filter(pk=run.pk, finished_at=None)
    if run.is_lost(timezone.now()):
        _finish(run, TrainingRun.Outcome.LOST)
    elif waiting.filter(started_at=None).update(stop_asked_at=timezone.now(), started_at=timezone.now()):
        run.refresh_from_db()
        _finish(run, TrainingRun.Outcome.STOPPED)
    else:
        waiting.filter(stop_asked_at=None).update(stop_asked_at=timezone.now())


def carry_out(run: TrainingRun, *, at: datetime | None = None) -> TrainingRun:
    """Gather the labels, train and compare in a child process, keep the version, and decide. Safe to run twice.

    ``at`` is the moment to learn as of, for history that is told later: what was said after it is not known then.

    A nightly run promotes what is better beyond noise and refuses everything else; after any other run the version
    waits as a challenger for a person. Records ``triage.model_trained``, or ``triage.training_failed`` with the
    sentence that the run keeps too; it raises nothing that the labels or the training process can cause.
    """
    if run.finished_at is not None:
        return run
    now = timezone.now()
    TrainingRun.objects.filter(pk=run.pk).update(started_at=now, seen_at=now)
    try:
        version = _learn(run, at or timezone.now())
    except Stopped:
        return _finish(run, TrainingRun.Outcome.STOPPED)
    except UnusableExamples as error:
        return _finish(run, TrainingRun.Outcome.UNUSABLE, str(error))
    except TriageError as error:
        return _finish(run, TrainingRun.Outcome.FAILED, str(error))
    if run.origin == Origin.NIGHT:
        _decide(version)
    _forget_old_files(run.head)
    return run


def ask_where_due(now: datetime | None = None) -> list[str]:
    """Order a nightly training of every head that got enough new labels since its last run; which heads.

    Enough is CARELOOP_RETRAIN_AFTER labels set by people or imports.
    """
    asked = []
    for head in TRAINABLE:
        last = TrainingRun.objects.filter(head=head).order_by("-pk").first()
        is_under_way = last is not None and last.finished_at is None and not _is_given_up(last, now or timezone.now())
        since = last.asked_at if last else None
        if not is_under_way and labels_since(head, since) >= settings.CARELOOP_RETRAIN_AFTER:
            ask_for_training(head, by=None, origin=Origin.NIGHT)
            asked.append(head)
    return asked


@dataclass(frozen=True)
class _Champion:
    version: ModelVersion | None = None
    raw: bytes | None = None


def _learn(run: TrainingRun, at: datetime) -> ModelVersion:
    if _is_stopped(run):
        raise Stopped
    champion = _champion(run.head)
    until = champion.version.trained_until if champion.version else None
    request = Request(
        head=run.head,
        rows=rows_to_learn_from(run.head, until=at),
        now=at.isoformat(),
        held_out_weeks=settings.CARELOOP_HELD_OUT_WEEKS,
        champion_trained_until=until.isoformat() if until else "",
    )
    learned = learn_apart(request, champion.raw, _Watch(run))
    return _keep(run, learned, champion)


def _champion(head: str) -> _Champion:
    """What answers now. One whose file cannot be used answers nothing, so the rules are the champion then."""
    standing = champion_standing(head)
    if standing is None:
        return _Champion()
    try:
        return _Champion(standing.version, model_files.usable(standing.version.version))
    except TriageError:
        return _Champion()


class _Watch:
    """Asked twice a second whether to stop; says on the way, every few seconds, that the training goes on."""

    def __init__(self, run: TrainingRun) -> None:
        self.run = run
        self.said = time.monotonic()

    def __call__(self) -> bool:
        if time.monotonic() - self.said > SECONDS_BETWEEN_SIGNS:
            TrainingRun.objects.filter(pk=self.run.pk).update(seen_at=timezone.now())
            self.said = time.monotonic()
        return _is_stopped(self.run)


def _is_stopped(run: TrainingRun) -> bool:
    return TrainingRun.objects.filter(pk=run.pk).exclude(stop_asked_at=None).exists()


def _keep(run: TrainingRun, learned: Learned, champion: _Champion) -> ModelVersion:
    """The file first, then the rows in one transaction: a row without its file cannot be promoted."""
    info, comparison = learned.answer["info"], learned.answer["comparison"]
    size = model_files.keep(info["version"], learned.raw)
    now = timezone.now()
    with write():
        version = ModelVersion.objects.create(
            head=run.head, version=info["version"], fingerprint=info["fingerprint"], rows=info["rows"],
            rows_by_people=learned.answer["by_people"], classes=info["classes"], candidate=info["candidate"],
            scores=info["scores"], code_version=info["careloop_version"], size_bytes=size, origin=run.origin,
            trained_by=run.asked_by, trained_at=now, trained_until=learned.answer["trained_until"],
        )  # fmt: skip
        ModelComparison.objects.create(
            challenger=version, champion=champion.version, at=now, n=comparison["n"], verdict=comparison["verdict"],
            report=comparison,
        )  # fmt: skip
        stand_as_challenger(version, by=None)
        about = {"head": run.head, "version": version.version, "verdict": comparison["verdict"]}
        record(events.MODEL_TRAINED, by=run.asked_by, subject="model_version", subject_id=version.pk, data=about)
        _close(run, TrainingRun.Outcome.TRAINED, "", version)
    version.refresh_from_db()
    return version


def _decide(version: ModelVersion) -> None:
    comparison = version.comparisons.get()
    if comparison.verdict == BETTER:
        promote(version, by=None, why=BETTER)
    else:
        refuse(version, by=None, why=comparison.verdict)


@writes
def _finish(run: TrainingRun, outcome: str, sentence: str = "") -> TrainingRun:
    about = {"head": run.head, "outcome": str(outcome), "sentence": sentence}
    record(events.TRAINING_FAILED, by=run.asked_by, subject="training_run", subject_id=run.pk, data=about)
    return _close(run, outcome, sentence)


def _close(run: TrainingRun, outcome: str, sentence: str, version: ModelVersion | None = None) -> TrainingRun:
    run.finished_at, run.outcome, run.sentence, run.version = timezone.now(), outcome, sentence, version
    run.save(update_fields=["finished_at", "outcome", "sentence", "version"])
    return run


def _forget_old_files(head: str) -> None:
    """Keep the files of the latest versions, of the champion, and of what it can be rolled back to."""
    standing = champion_standing(head)
    needed = {standing.version_id, standing.replaced_id} if standing else set()
    old = ModelVersion.objects.filter(head=head).order_by("-pk")[FILES_KEPT_A_HEAD:]
    for version in old:
        if version.pk not in needed:
            model_files.forget(version.version)


def _close_what_nobody_carries_out(head: str, now: datetime) -> None:
    for run in TrainingRun.objects.filter(head=head, finished_at=None):
        if _is_given_up(run, now):
            _finish(run, TrainingRun.Outcome.LOST)


def _is_given_up(run: TrainingRun, now: datetime) -> bool:
    """Broken off, or never begun for so long that the order itself must have been lost."""
    return run.is_lost(now) or (run.started_at is None and run.asked_at < now - ABANDONED_AFTER)
