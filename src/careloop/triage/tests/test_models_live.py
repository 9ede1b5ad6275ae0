"""Versions are signed, promoted, rolled back, carried to other desks; a doubtful file never answers (issue 3)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import IntegrityError, transaction

from careloop.accounts.models import User
from careloop.common.errors import Conflict, InvalidInput, NotAllowed
from careloop.common.models import Event
from careloop.conversations.models import Inbox
from careloop.customers.models import Customer
from careloop.triage import events
from careloop.triage.cli import triage
from careloop.triage.engine.errors import UnreadableModel, UnusableExamples
from careloop.triage.models import ModelStanding, ModelVersion, Prediction
from careloop.triage.services import model_files
from careloop.triage.services.carrying_over import export_model, import_model
from careloop.triage.services.classifying import classify
from careloop.triage.services.promoting import champion_standing, promote, refuse, roll_back
from careloop.triage.tests.factories import model_file, version_of
from careloop.triage.tests.test_predictions_are_kept_and_corrected import begin

pytestmark = pytest.mark.django_db


def nature_of(mei: Customer, inbox: Inbox, text: str = "眼霜裂了坏了") -> Prediction:
    return next(row for row in classify(begin(inbox, mei, text)) if row.head == "nature")


def standings(version: ModelVersion) -> list[str]:
    return [row.state for row in version.standings.all()]


def test_a_challenger_does_not_answer_until_it_is_promoted(mei: Customer, email_inbox: Inbox, admin: User) -> None:
    version = version_of()
    assert nature_of(mei, email_inbox).source == "rules"
    promote(version, by=admin)
    answer = nature_of(mei, email_inbox)
    assert (answer.label, answer.source, answer.model_version) == ("quality", "linear", "nature-1")
    event = Event.objects.get(name=events.MODEL_PROMOTED)
    assert (event.actor_id, event.data["version"], event.data["before"]) == (admin.pk, "nature-1", "")


def test_a_promoted_version_retires_the_one_before_and_rolling_back_undoes_it(admin: User) -> None:
    first, second = version_of("nature-1"), version_of("nature-2")
    promote(first, by=admin)
    promote(second, by=admin)
    assert standings(first) == ["challenger", "refused", "champion", "retired"]
    back = roll_back("nature", by=admin)
    assert back is not None
    assert back.version == first
    assert standings(second) == ["challenger", "champion", "retired"]
    assert roll_back("nature", by=admin) is None
    assert champion_standing("nature") is None
    with pytest.raises(Conflict, match="nothing to roll back"):
        roll_back("nature", by=admin)
    assert Event.objects.filter(name=events.MODEL_ROLLED_BACK).count() == 2


def test_after_rolling_back_the_rules_answer_again(mei: Customer, email_inbox: Inbox, admin: User) -> None:
    promote(version_of(), by=admin)
    roll_back("nature", by=admin)
    assert nature_of(mei, email_inbox).source == "rules"


def test_every_standing_says_who_when_and_why(admin: User) -> None:
    version = version_of()
    promote(version, by=admin)
    row = version.standings.get(until=None)
    assert (row.state, row.by, row.why) == ("champion", admin, "by_hand")
    assert version.standings.get(state="challenger").until == row.at or row.at is not None


def test_the_database_allows_one_champion_a_head(admin: User) -> None:
    first, second = version_of("nature-1"), version_of("nature-2")
    promote(first, by=admin)
    with pytest.raises(IntegrityError), transaction.atomic():
        second.standings.filter(until=None).update(state=ModelStanding.State.CHAMPION)


def test_a_champion_cannot_be_promoted_twice(admin: User) -> None:
    version = version_of()
    promote(version, by=admin)
    with pytest.raises(Conflict):
        promote(version, by=admin)


def test_only_administrators_decide(lin: User, chen: User) -> None:
    version = version_of()
    for person in (lin, chen):
        for verb in (
            lambda by: promote(version, by=by),
            lambda by: roll_back("nature", by=by),
            lambda by: refuse(version, by=by, why="by_hand"),
            lambda by: import_model(Path("x"), by=by),
        ):
            with pytest.raises(NotAllowed):
                verb(person)


@pytest.mark.parametrize("damage", ["altered", "unsigned", "foreign", "gone", "swapped"])
def test_a_doubtful_file_is_left_out_with_a_sentence_and_mail_goes_on(
    mei: Customer, email_inbox: Inbox, admin: User, damage: str, settings: Any
) -> None:
    promote(version_of(), by=admin)
    path = model_files.file_of("nature-1")
    signature = path.with_name(path.name + ".sig")
    if damage == "altered":
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    elif damage == "unsigned":
        signature.unlink()
    elif damage == "foreign":
        settings.SECRET_KEY = "the key of another installation"
    elif damage == "gone":
        path.unlink()
    else:
        other = version_of("nature-2")
        path.write_bytes(model_files.verified(other.version))
        signature.write_text(model_files.file_of("nature-2").with_name("nature-2.npz.sig").read_text())
    assert nature_of(mei, email_inbox).source == "rules"
    assert nature_of(mei, email_inbox, "还是坏的").source == "rules"
    event = Event.objects.get(name=events.MODEL_FAILED)
    assert event.data["version"] == "nature-1"
    assert "nature-1.npz" in event.data["reason"]


def test_a_file_signed_with_the_key_before_is_still_read(settings: Any) -> None:
    version_of()
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a new key"
    assert model_files.verified("nature-1")


def test_a_version_without_a_good_file_is_not_promoted(admin: User) -> None:
    version = version_of()
    model_files.file_of("nature-1").write_bytes(b"something else")
    with pytest.raises(UnreadableModel, match="signature"):
        promote(version, by=admin)
    assert champion_standing("nature") is None


@pytest.mark.parametrize("name", ["../nature", "/etc/passwd", "", "a/b", "." * 3, "x" * 65])
def test_a_version_is_never_a_way_to_another_folder(name: str) -> None:
    with pytest.raises(UnreadableModel):
        model_files.file_of(name)


def test_a_model_is_carried_to_another_desk(tmp_path: Path, admin: User, settings: Any) -> None:
    version = version_of()
    export_model(version, tmp_path / "carried.npz")
    version.delete()
    settings.SECRET_KEY, settings.CARELOOP_MODELS_DIR = "another desk", tmp_path / "elsewhere"
    taken = import_model(tmp_path / "carried.npz", by=admin)
    assert (taken.version, taken.origin, taken.trained_by) == ("nature-1", "import", admin)
    assert standings(taken) == ["challenger"]
    promote(taken, by=admin)
    with pytest.raises(Conflict):
        import_model(tmp_path / "carried.npz", by=admin)


def test_a_file_that_is_no_model_is_not_imported(tmp_path: Path, admin: User) -> None:
    (tmp_path / "x.npz").write_bytes(b"no model")
    with pytest.raises(UnreadableModel):
        import_model(tmp_path / "x.npz", by=admin)
    with pytest.raises(UnreadableModel):
        import_model(tmp_path / "missing.npz", by=admin)
    with pytest.raises(UnusableExamples, match="crisis"):
        import_model(model_file(tmp_path, "crisis-1", head="crisis"), by=admin)
    with pytest.raises(InvalidInput):
        export_model(version_of(), tmp_path / "no folder" / "x.npz")


def ask(*words: str) -> Any:
    return CliRunner().invoke(triage, words)


def test_the_commands_list_promote_roll_back_and_carry(tmp_path: Path) -> None:
    assert "rules answer alone" in ask("models", "list").output
    version_of()
    assert ask("models", "promote", "nature-1").exit_code == 0
    listed = json.loads(ask("models", "list", "--head", "nature", "--json").output)
    assert (listed[0]["version"], listed[0]["state"]) == ("nature-1", "champion")
    assert "champion" in ask("models", "list").output
    assert ask("models", "export", "nature-1", str(tmp_path / "out.npz")).exit_code == 0
    assert "rules alone" in ask("models", "rollback", "nature").output
    refused = ask("models", "import", str(tmp_path / "out.npz"))
    assert (refused.exit_code, "already" in refused.output) == (2, True)
    for words in (("promote", "nothing"), ("rollback", "nature"), ("import", str(tmp_path / "none.npz"))):
        assert ask("models", *words).exit_code == 2
