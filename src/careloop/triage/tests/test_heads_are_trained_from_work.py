"""A head is trained from what people said and let stand, apart from the desk, at night or when asked (issue 3)."""

from __future__ import annotations

import io
import json
import os
import signal
import time
from datetime import timedelta
from typing import Any

import numpy as np
import psutil
import pytest
from click.testing import CliRunner
from django.test import Client
from django.utils import timezone

from careloop.accounts.models import User
from careloop.common.errors import Conflict, InvalidInput, NotAllowed
from careloop.common.models import Event, Job
from careloop.common.remembering import forget_everything
from careloop.conversations.models import Inbox
from careloop.conversations.services.resolution import resolve
from careloop.customers.models import Customer
from careloop.triage import events
from careloop.triage.cli import triage
from careloop.triage.engine.errors import CannotTrain, OtherModelVersion, UnusableExamples
from careloop.triage.engine.learning import Request
from careloop.triage.models import ModelVersion, Prediction, TrainingRun
from careloop.triage.services import learning, learning_apart, model_files, training
from careloop.triage.services.classifying import classify
from careloop.triage.services.correcting import correct
from careloop.triage.services.learning_apart import Learned
from careloop.triage.services.promoting import champion_standing, promote, roll_back
from careloop.triage.tasks import retrain_where_due, train_head
from careloop.triage.tests.factories import model_file, version_of, won_comparison
from careloop.triage.tests.test_predictions_are_kept_and_corrected import begin

pytestmark = pytest.mark.django_db
SAID = (("坏了裂了", "quality"), ("没收到快递", "logistics"))


@pytest.fixture(autouse=True)
def _names_of_built_files(monkeypatch: pytest.MonkeyPatch) -> None:
    built = {name: name for name in ("app.css", "app.js", "charts.js", "icons.svg", "mark.svg")}
    monkeypatch.setattr("careloop.workspace.assets._manifest", lambda: built)


@pytest.fixture
def labelled(mei: Customer, email_inbox: Inbox, lin: User) -> None:
    """Eight conversations whose nature Lin set."""
    for thing in ("面霜", "精华", "口红", "面膜"):
        for text, label in SAID:
            message = begin(email_inbox, mei, thing + text)
            classify(message)
            correct(Prediction.objects.current().get(conversation=message.conversation, head="nature"), label, by=lin)


@pytest.fixture
def quick_child(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> dict[str, Any]:
    """The child process, played: its answer is a model that won, unless the test says otherwise."""
    report = won_comparison()
    path = model_file(tmp_path / "child", "nature-new")
    info = {
        "version": "nature-new", "fingerprint": "f" * 16, "rows": 8, "classes": {"quality": 4, "logistics": 4},
        "candidate": "char 1-2", "scores": {}, "careloop_version": "0.1.0",
    }  # fmt: skip
    answer = {"info": info, "comparison": report, "by_people": 8, "trained_until": timezone.now().isoformat()}

    def played(request: Request, champion: bytes | None, is_stopped: Any) -> Learned:
        answer["asked"] = request
        if failure := answer.get("fails"):
            raise CannotTrain(str(failure))
        return Learned(path.read_bytes(), answer)

    monkeypatch.setattr(training, "learn_apart", played)
    return answer


def test_a_head_is_trained_in_a_process_of_its_own(labelled: None, admin: User) -> None:
    run = training.carry_out(training.ask_for_training("nature", by=admin))
    version = ModelVersion.objects.get()
    assert (run.outcome, run.version) == ("trained", version)
    assert (version.rows, version.rows_by_people, version.trained_by, version.origin) == (8, 8, admin, "desk")
    assert version.classes == {"logistics": 4, "quality": 4}
    assert version.trained_until is not None
    assert version.standing is not None
    assert version.standing.state == "challenger"
    assert model_files.read_model(version.version).labels == ["logistics", "quality"]
    assert not list(model_files.models_dir().glob("learning-*"))


def test_the_child_knows_no_secret_and_no_database() -> None:
    told = set(learning_apart.PASSED_ON) - {"CARELOOP_ENCODER"}  # where its encoder lies
    assert not [name for name in told if "CARELOOP" in name or "SECRET" in name]


def test_the_desk_orders_it_as_a_background_job(admin: User, quick_child: dict[str, Any], labelled: None) -> None:
    run = training.ask_for_training("nature", by=admin)
    assert Job.objects.filter(task="careloop.triage.tasks.train_head").count() == 1
    train_head.call(Event.objects.get(name=events.TRAINING_ASKED).pk)
    train_head.call(Event.objects.get(name=events.TRAINING_ASKED).pk)
    run.refresh_from_db()
    assert run.outcome == "trained"
    assert ModelVersion.objects.count() == 1


def test_one_head_is_trained_once_at_a_time(admin: User) -> None:
    run = training.ask_for_training("nature", by=admin)
    with pytest.raises(Conflict):
        training.ask_for_training("nature", by=admin)
    TrainingRun.objects.filter(pk=run.pk).update(asked_at=timezone.now() - timedelta(hours=4))
    assert training.ask_for_training("nature", by=admin).pk != run.pk


@pytest.mark.parametrize("head", ["crisis", "nothing"])
def test_what_is_no_head_is_not_trained(admin: User, head: str) -> None:
    with pytest.raises(InvalidInput):
        training.ask_for_training(head, by=admin)


def test_only_administrators_train(lin: User, chen: User) -> None:
    for person in (lin, chen):
        with pytest.raises(NotAllowed):
            training.ask_for_training("nature", by=person)


def test_training_without_labels_says_what_to_do(admin: User) -> None:
    run = training.carry_out(training.ask_for_training("nature", by=admin))
    assert run.outcome == "unusable"
    assert "correct some predictions" in run.sentence
    assert Event.objects.get(name=events.TRAINING_FAILED).data["head"] == "nature"


def test_a_training_that_fails_leaves_the_champion_alone(
    admin: User, quick_child: dict[str, Any], labelled: None
) -> None:
    promote(version_of(), by=admin)
    quick_child["fails"] = "Training took too long."
    run = training.carry_out(training.ask_for_training("nature", by=admin))
    assert (run.outcome, run.sentence) == ("failed", "Training took too long.")
    standing = champion_standing("nature")
    assert standing is not None
    assert standing.version.version == "nature-1"


def test_a_training_stops_when_asked(admin: User, labelled: None) -> None:
    run = training.ask_for_training("nature", by=admin)
    TrainingRun.objects.filter(pk=run.pk).update(started_at=timezone.now())
    training.stop_training(run, by=admin)
    assert training.carry_out(run).outcome == "stopped"
    assert not ModelVersion.objects.exists()


def test_a_child_that_is_killed_is_told_and_training_begins_again(
    admin: User, labelled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[int] = []

    def kill(_run: TrainingRun) -> bool:
        for child in psutil.Process().children():
            if "careloop.triage.engine.learning" in child.cmdline():
                child.send_signal(signal.SIGKILL)
                killed.append(child.pid)
        return False

    promote(version_of(), by=admin)
    with monkeypatch.context() as while_it_learns:
        while_it_learns.setattr(training, "_is_stopped", kill)
        run = training.carry_out(training.ask_for_training("nature", by=admin))
    assert len(killed) == 1
    assert run.outcome == "failed"
    assert "was killed" in run.sentence
    standing = champion_standing("nature")
    assert standing is not None
    assert standing.version.version == "nature-1"
    assert not list(model_files.models_dir().glob("learning-*"))
    assert training.carry_out(training.ask_for_training("nature", by=admin)).outcome == "trained"


def broken_off(head: str = "nature") -> TrainingRun:
    """A run whose desk was killed three minutes ago."""
    ago = timezone.now() - timedelta(minutes=3)
    return TrainingRun.objects.create(
        head=head, origin="desk", asked_at=ago, started_at=ago, seen_at=ago, asked_by=None
    )  # fmt: skip


def test_a_run_nobody_carries_out_any_more_counts_as_broken_off(
    admin: User, quick_child: dict[str, Any], labelled: None
) -> None:
    run = broken_off()
    assert run.is_broken_off
    TrainingRun.objects.filter(pk=run.pk).update(seen_at=timezone.now())
    run.refresh_from_db()
    assert not run.is_broken_off
    with pytest.raises(Conflict):
        training.ask_for_training("nature", by=admin)
    TrainingRun.objects.filter(pk=run.pk).update(seen_at=run.started_at)
    again = training.carry_out(training.ask_for_training("nature", by=admin))
    run.refresh_from_db()
    assert (run.outcome, again.outcome) == ("lost", "trained")
    assert training.carry_out(run).outcome == "lost", "a job that comes back late changes nothing"


def test_stopping_what_was_broken_off_ends_it_at_once(admin: User) -> None:
    run = broken_off()
    training.stop_training(run, by=admin)
    run.refresh_from_db()
    assert run.outcome == "lost"


def test_the_night_trains_again_what_was_broken_off(labelled: None, settings: Any) -> None:
    settings.CARELOOP_RETRAIN_AFTER = 8
    run = broken_off()
    TrainingRun.objects.filter(pk=run.pk).update(asked_at=timezone.now() - timedelta(days=1))
    assert retrain_where_due.call() == ["nature"]


def test_while_it_learns_a_run_says_that_it_goes_on(
    admin: User, labelled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "SECONDS_BETWEEN_SIGNS", 0)
    run = training.ask_for_training("nature", by=admin)
    training.carry_out(run)
    run.refresh_from_db()
    assert run.seen_at is not None
    assert run.started_at is not None
    assert run.seen_at > run.started_at


def test_words_left_behind_by_a_killed_desk_are_deleted(admin: User, labelled: None) -> None:
    left = model_files.models_dir() / "learning-left"
    fresh = model_files.models_dir() / "learning-fresh"
    for folder in (left, fresh):
        folder.mkdir(parents=True)
        (folder / "request.json").write_text("a customer's words")
    long_ago = time.time() - 3 * learning_apart.SECONDS_AT_MOST
    os.utime(left, (long_ago, long_ago))
    training.carry_out(training.ask_for_training("nature", by=admin))
    assert (left.exists(), fresh.exists()) == (False, True)


def in_another_format(version: str) -> None:
    """As another Careloop would have written and signed it."""
    raw = model_files.verified(version)
    with np.load(io.BytesIO(raw)) as read:
        arrays = {name: read[name] for name in read.files}
    description = json.loads(arrays["description"].tobytes()) | {"format_version": 1}
    arrays["description"] = np.frombuffer(json.dumps(description).encode(), dtype=np.uint8)
    written = io.BytesIO()
    np.savez_compressed(written, **arrays)
    model_files.keep(version, written.getvalue())


def test_a_champion_of_an_old_format_is_told_and_trained_again(
    admin: User, labelled: None, client: Client, mei: Customer, email_inbox: Inbox
) -> None:
    promote(version_of(), by=admin)
    in_another_format("nature-1")
    forget_everything()
    client.force_login(admin)
    page = client.get("/triage/models/nature/").content.decode()
    assert "has model format 1" in page
    assert "Train again" in page
    assert "its file cannot be used" in client.get("/triage/models/").content.decode()
    assert all(row.source == "rules" for row in classify(begin(email_inbox, mei, "眼霜坏了")))
    run = training.carry_out(training.ask_for_training("nature", by=admin))
    assert run.outcome == "trained"
    assert run.version is not None
    promote(run.version, by=admin)
    with pytest.raises(OtherModelVersion, match="format 1"):
        roll_back("nature", by=admin)
    with pytest.raises(OtherModelVersion):
        promote(ModelVersion.objects.get(version="nature-1"), by=admin)


def test_a_training_that_waits_is_stopped_at_once(admin: User) -> None:
    run = training.ask_for_training("nature", by=admin)
    training.stop_training(run, by=admin)
    run.refresh_from_db()
    assert run.outcome == "stopped"
    assert training.carry_out(run) == run
    assert training.ask_for_training("nature", by=admin).pk != run.pk


def test_the_night_promotes_what_is_better_beyond_noise(quick_child: dict[str, Any], labelled: None) -> None:
    run = training.carry_out(training.ask_for_training("nature", by=None, origin="night"))
    standing = champion_standing("nature")
    assert standing is not None
    assert (standing.version, standing.by, standing.why) == (run.version, None, "better")


def test_the_night_refuses_everything_else(quick_child: dict[str, Any], labelled: None) -> None:
    quick_child["comparison"] = quick_child["comparison"] | {"verdict": "noise"}
    run = training.carry_out(training.ask_for_training("nature", by=None, origin="night"))
    assert champion_standing("nature") is None
    assert run.version is not None
    assert [row.state for row in run.version.standings.all()] == ["challenger", "refused"]
    assert Event.objects.get(name=events.MODEL_REFUSED).data["why"] == "noise"


def test_the_night_trains_only_when_enough_new_labels_came(labelled: None, settings: Any) -> None:
    settings.CARELOOP_RETRAIN_AFTER = 9
    assert retrain_where_due.call() == []
    settings.CARELOOP_RETRAIN_AFTER = 8
    assert retrain_where_due.call() == ["nature"]
    assert retrain_where_due.call() == []
    TrainingRun.objects.update(finished_at=timezone.now(), outcome="trained")
    assert retrain_where_due.call() == []


def test_answers_let_stand_when_resolving_are_learned_from_too(
    labelled: None, mei: Customer, email_inbox: Inbox, lin: User
) -> None:
    message = begin(email_inbox, mei, "眼霜坏了，请处理")
    classify(message)
    resolve(message.conversation, by=lin, solved=True, satisfied=True, outcome="explained", cause="product")
    rows = learning.rows_to_learn_from("nature")
    stood = [row for row in rows if not row.by_person]
    assert len(rows) == 9
    assert [(row.text, row.channel) for row in stood] == [("眼霜坏了，请处理", "email")]
    assert len(learning.labelled_examples("nature")) == 8


def test_a_head_without_a_label_of_a_person_teaches_nothing(mei: Customer, email_inbox: Inbox) -> None:
    classify(begin(email_inbox, mei, "眼霜坏了"))
    with pytest.raises(UnusableExamples, match="set by a person yet"):
        learning.rows_to_learn_from("nature")


def test_the_champion_is_compared_with_and_its_labels_are_not_judged_on(
    labelled: None, admin: User, quick_child: dict[str, Any]
) -> None:
    until = timezone.now() - timedelta(days=3)
    promote(version_of(trained_until=until), by=admin)
    run = training.carry_out(training.ask_for_training("nature", by=admin))
    assert quick_child["asked"].champion_trained_until == until.isoformat()
    assert run.version is not None
    comparison = run.version.comparison
    assert comparison is not None
    assert comparison.champion is not None
    assert comparison.champion.version == "nature-1"


def test_old_files_are_deleted_and_their_rows_stay(
    admin: User, labelled: None, quick_child: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "FILES_KEPT_A_HEAD", 1)
    first, second = version_of("nature-1"), version_of("nature-2")
    promote(second, by=admin)
    training.carry_out(training.ask_for_training("nature", by=admin))
    assert model_files.fault_of(first.version)
    assert not model_files.fault_of(second.version)
    assert ModelVersion.objects.count() == 3


def test_the_command_trains_compares_and_says_the_rule(labelled: None, quick_child: dict[str, Any]) -> None:
    answer = CliRunner().invoke(triage, ["train", "--head", "nature"])
    assert answer.exit_code == 0, answer.output
    assert "verdict" in answer.output
    assert "p below 0.01" in answer.output
    assert ModelVersion.objects.get().origin == "command"


def test_the_command_says_why_it_cannot_train() -> None:
    answer = CliRunner().invoke(triage, ["train", "--head", "nature"])
    assert answer.exit_code == 2
    assert "correct some predictions" in answer.output
