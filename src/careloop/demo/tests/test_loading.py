"""The demo on a database: through the real road, in every state, twice without doubles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.utils import timezone

from careloop.accounts.models import Presence, Shift, Team, User
from careloop.care.models import FollowUp
from careloop.common.errors import Conflict
from careloop.common.models import Event, Job
from careloop.conversations.models import Conversation, Delivery, Message, Resolution, Snooze
from careloop.customers.models import Customer, Order, Product
from careloop.demo import sign_ins
from careloop.demo.staging.backdating import Backdating
from careloop.demo.staging.loading import Loaded, began_at, load
from careloop.demo.staging.resetting import reset
from careloop.demo.staging.training import learn_until
from careloop.intake.models import RawMessage
from careloop.sla.models import Clock
from careloop.surveys.models import SurveyAnswer
from careloop.triage import overview
from careloop.triage.models import ModelStanding, ModelVersion, Prediction, ReviewAnswer, ReviewItem
from careloop.triage.services.asking import BY_MACHINE
from careloop.triage.services.promoting import champion_standing
from careloop.triage.services.trimming import KEPT_FOR, must_stay

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[Loaded]:
    """The demo, loaded once for this file and taken away at the end."""
    with django_db_blocker.unblock():
        yield load()
        reset()


def test_the_cast_is_there(loaded: Loaded) -> None:
    assert User.objects.filter(role="lead").count() == 1
    assert User.objects.filter(role="agent").count() == 5
    assert set(Team.objects.values_list("slug", flat=True)) == {"care", "wholesale"}
    assert Customer.objects.filter(identities__kind="external").distinct().count() == 60
    assert Product.objects.count() >= 16
    assert Order.objects.count() > 150


def test_there_are_three_hundred_conversations_in_both_languages(loaded: Loaded) -> None:
    languages = Counter(Conversation.objects.values_list("language", flat=True))
    assert sum(languages.values()) == loaded.conversations == 300
    assert 0.55 < languages["zh"] / 300 < 0.65


def test_every_state_is_present(loaded: Loaded) -> None:
    states = Counter(Conversation.objects.values_list("state", flat=True))
    assert set(states) == {"open", "waiting", "snoozed", "resolved"}
    assert states["resolved"] > 200
    assert Conversation.objects.filter(state="open", assignee=None).exists()
    assert Conversation.objects.filter(state="open", assignee__isnull=False).exists()
    assert Resolution.objects.filter(reopened_at__isnull=False, conversation__state="open").count() >= 6
    assert Delivery.objects.filter(state=Delivery.State.FAILED).count() == 3
    assert Conversation.objects.filter(needs_review=True, related_to__isnull=False).count() == 3
    assert Clock.objects.filter(state=Clock.State.BREACHED, stopped_at=None).exists()
    assert SurveyAnswer.objects.count() > 100
    assert Resolution.objects.filter(survey__answer=None, conversation__state="resolved").exists()


def test_what_sleeps_wakes_in_the_future(loaded: Loaded) -> None:
    assert all(row.wake_at > timezone.now() for row in Snooze.objects.filter(woken_at=None))


def test_history_lies_in_the_past_and_spans_three_months(loaded: Loaded) -> None:
    now = timezone.now()
    first = Conversation.objects.earliest("created_at").created_at
    assert timedelta(days=75) < now - first < timedelta(days=100)
    assert not Message.objects.filter(created_at__gt=now).exists()
    assert not Conversation.objects.filter(last_activity_at__gt=now).exists()
    for event in Event.objects.filter(name="conversation.resolved")[:50]:
        assert Resolution.objects.filter(pk=event.subject_id or 0, at=event.at).exists()


def test_nothing_of_the_past_waits_to_be_sent(loaded: Loaded) -> None:
    assert not Job.objects.exists()
    assert not Delivery.objects.filter(state=Delivery.State.PENDING).exists()
    assert not RawMessage.objects.exclude(state=RawMessage.State.ACCEPTED).exists()


def test_vips_are_few_and_spent_more(loaded: Loaded) -> None:
    vips = Customer.objects.filter(value_tier="vip")
    assert 3 <= vips.count() <= 6
    for vip in vips:
        assert sum(order.total for order in vip.orders.exclude(status="refunded")) > 1000


def test_everybody_has_shifts_and_presence(loaded: Loaded) -> None:
    for user in User.objects.filter(email__endswith="@hemu.example"):
        assert Shift.objects.filter(user=user).count() > 60
        assert Presence.objects.filter(user=user, until=None).count() == 1


def test_passwords_are_random_and_let_people_in(loaded: Loaded) -> None:
    assert len({each.password for each in loaded.sign_ins}) == 6
    for each in loaded.sign_ins:
        assert User.objects.get(email=each.email).check_password(each.password)


def test_loading_again_changes_nothing(loaded: Loaded) -> None:
    again = load()
    assert not again.is_new
    assert again.conversations == 300


def test_reset_refuses_where_somebody_elses_work_is(loaded: Loaded) -> None:
    Customer.objects.create(name="A real customer")
    with pytest.raises(Conflict) as refused:
        reset()
    assert refused.value.code == "not_demo_only"
    assert Conversation.objects.count() == 300


def test_the_command_names_addresses_and_sign_ins(loaded: Loaded, settings: Any, tmp_path: Path) -> None:
    from careloop.demo.commands import demo

    settings.DATA_DIR = tmp_path
    sign_ins.remember(tmp_path, loaded.sign_ins)
    told = CliRunner().invoke(demo, ["load", "--quiet"])
    assert told.exit_code == 0
    assert "300 conversations" in told.stdout
    assert "lin.xiao@hemu.example" in told.stdout
    assert loaded.sign_ins[0].password in told.stdout


def test_sign_ins_are_readable_by_their_owner_only(loaded: Loaded, tmp_path: Path) -> None:
    sign_ins.remember(tmp_path, loaded.sign_ins)
    assert (tmp_path / sign_ins.FILE).stat().st_mode & 0o777 == 0o600
    assert sign_ins.remembered(tmp_path) == loaded.sign_ins


def test_resolved_complaints_were_asked_about_or_still_wait(loaded: Loaded) -> None:
    states = Counter(FollowUp.objects.values_list("state", flat=True))
    assert states["done"] > 40
    assert min(states["open"], states["skipped"]) > 0
    now = timezone.now()
    assert not FollowUp.objects.filter(closed_at__gt=now).exists()
    assert all(row.closed_at > row.created_at for row in FollowUp.objects.filter(state="done") if row.closed_at)


def test_predictions_and_questions_carry_the_moment_of_their_message(loaded: Loaded) -> None:
    late = timedelta(minutes=1)
    # What is told more closely follows the nature that a person set, at their moment.
    by_machine = Prediction.objects.filter(source__in=BY_MACHINE).exclude(head="nature_detail")
    by_machine = by_machine.exclude(message=None).select_related("message")
    assert by_machine.count() > 3000
    assert not [row for row in by_machine if row.message and abs(row.at - row.message.created_at) > late]
    assert ReviewItem.objects.earliest("at").at < timezone.now() - timedelta(days=60)


def test_the_weeks_of_three_months_are_counted(loaded: Loaded) -> None:
    weeks = overview.weeks_of("handling_class")
    assert len(weeks) >= 11
    assert sum(week.n for week in weeks) > 200
    assert sum(week.corrected for week in weeks) > 20
    assert overview.chart_of(weeks) is not None
    lines = {line.head: line for line in overview.lines()}
    assert lines["handling_class"].spark


def test_models_were_trained_of_what_was_said_by_then(loaded: Loaded) -> None:
    first, second, third = ModelVersion.objects.filter(head="handling_class").order_by("pk")
    assert first.rows < second.rows < third.rows
    assert timezone.now() - first.trained_at > timedelta(days=27)
    for version in (first, second, third):
        assert version.trained_until is not None
        assert version.trained_until < version.trained_at
        assert version.comparison is not None
    assert [row.state for row in first.standings.all()][:2] == ["challenger", "refused"]
    assert not ModelStanding.objects.filter(at__gt=timezone.now()).exists()


def test_what_answers_did_not_do_worse_and_the_newest_waits(loaded: Loaded) -> None:
    _first, second, third = ModelVersion.objects.filter(head="handling_class").order_by("pk")
    standing = champion_standing("handling_class")
    assert second.comparison is not None
    if second.comparison.report["difference"] >= 0:
        assert standing is not None
        assert standing.version == second
        answered = Prediction.objects.filter(model_version__contains=second.version)
        assert answered.exists(), "it answers the conversations told after it"
        assert answered.earliest("at").at > second.trained_at
    else:
        assert standing is None
    assert third.standing is not None
    assert third.standing.state == "challenger"


def test_the_review_queue_holds_what_is_worth_asking_of_the_last_two_weeks(loaded: Loaded) -> None:
    waiting = ReviewItem.objects.open()
    assert 0 < waiting.count() < 60
    oldest = timezone.now() - KEPT_FOR - timedelta(minutes=30)
    assert not [row for row in waiting.filter(at__lt=oldest) if not must_stay(row.asked)]
    assert ReviewAnswer.objects.filter(at__lt=timezone.now() - timedelta(days=60)).exists()


def test_loading_again_learns_nothing_twice(loaded: Loaded) -> None:
    learn_until(timezone.now(), began_at() or timezone.now(), Backdating())
    assert ModelVersion.objects.count() == 3
