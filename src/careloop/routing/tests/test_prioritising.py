"""A conversation's place in the queue: what it is made of and what moves it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from careloop.accounts.models import User
from careloop.common.errors import NotAllowed
from careloop.common.models import Event
from careloop.conversations.models import Inbox
from careloop.customers.models import Customer
from careloop.routing.explaining import explanation
from careloop.routing.models import PriorityWeights, QueueEntry, SourceImportance
from careloop.routing.services.prioritising import flag_danger, leave, mark_late, prioritise
from careloop.routing.services.queue import score_sorted
from careloop.routing.services.weighing import change_source, change_weights, rescore_batch
from careloop.routing.tests.factories import Finding, ago, found, waiting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("table")]


def test_the_parts_of_the_score_are_kept_and_add_up(mei: Customer, email_inbox: Inbox) -> None:  # mission 12
    entry = waiting(mei, email_inbox, severity="severe", handling_class="C")
    parts = entry.parts["parts"]
    assert parts["severity"] == pytest.approx(0.6)
    assert entry.parts["weight"] == pytest.approx(parts["severity"] + parts["value"] + parts["source"])
    assert entry.parts["case"]["target_hours"] == 12


def test_the_panel_says_each_part_in_both_languages(mei: Customer, email_inbox: Inbox) -> None:
    entry = waiting(mei, email_inbox, severity="severe", handling_class="C")
    assert [part.points for part in explanation(entry).parts][:2] == ["+0.60", "+0.00"]
    with translation.override("en"):
        assert explanation(entry).parts[0].label == "Severity"


def said_of(entry: QueueEntry) -> dict[str, str]:
    with translation.override("en"):
        return {part.label: part.found for part in explanation(entry).parts}


def test_what_is_assumed_for_want_of_knowledge_says_so(mei: Customer, email_inbox: Inbox) -> None:
    entry = waiting(mei, email_inbox)
    said = said_of(prioritise(entry.conversation, [], clocks=[]))
    assert said["Severity"] == "not known; 0.40 assumed"
    assert said["Customer value"] == "no spend known; nothing assumed"
    assert said["Expected work"] == "0.50 h assumed; its class is not known"
    assert said["Waiting, against the target"].endswith("no clock runs, the target is assumed")
    assert said["Reopened or late"] == "no"


def test_what_is_known_says_what_it_is(mei: Customer, email_inbox: Inbox, lin: User) -> None:
    mei.spend_percentile = 0.8
    mei.save()
    entry = waiting(mei, email_inbox, severity="severe", handling_class="D", crisis="injury")
    flagged = flag_danger(entry.conversation, found(severity="severe", handling_class="D"), by=lin, is_on=True)
    mark_late(entry.conversation_id)
    said = said_of(QueueEntry.objects.get())
    assert said["Severity"] == "severe"
    assert said["Customer value"] == "spends more than 80% of customers"
    assert said["Expected work"] == "1.50 h, as class D takes"
    assert said["Reopened or late"] == "late"
    assert said["Danger"] == "marked by a colleague"
    assert said_of(entry)["Danger"] != ""
    assert flagged.tier == entry.tier == 0
    mei.value_tier = "vip"
    assert "VIP" in said_of(waiting(mei, email_inbox))["Customer value"]


def test_more_severe_work_of_the_same_age_comes_first(mei: Customer, email_inbox: Inbox, lin: User) -> None:
    moment = ago(hours=1)
    mild = waiting(mei, email_inbox, since=moment, severity="minor", handling_class="C")
    grave = waiting(mei, email_inbox, since=moment, severity="severe", handling_class="C")
    assert [entry.pk for entry in score_sorted(lin).entries] == [grave.pk, mild.pk]


def test_a_vip_climbs_by_target_and_value_but_never_above_danger(
    mei: Customer, james: Customer, email_inbox: Inbox, lin: User
) -> None:  # mission 116
    mei.value_tier = "vip"
    mei.save()
    plain = waiting(james, email_inbox, since=ago(hours=2), handling_class="B")
    vip = waiting(mei, email_inbox, since=ago(hours=1), handling_class="B")
    danger = waiting(james, email_inbox, since=ago(minutes=1), crisis="injury")
    assert [entry.pk for entry in score_sorted(lin).entries] == [danger.pk, vip.pk, plain.pk]


def test_an_important_source_climbs(mei: Customer, email_inbox: Inbox, api_inbox: Inbox, lin: User) -> None:
    SourceImportance.objects.create(fact="inbox", value=api_inbox.slug, importance=1.0)
    entry = waiting(mei, api_inbox)
    assert entry.parts["case"]["source"] == 1.0
    assert waiting(mei, email_inbox).parts["case"]["source"] == 0.5


def test_a_late_case_climbs_by_a_quarter(mei: Customer, email_inbox: Inbox) -> None:  # mission 15
    entry = waiting(mei, email_inbox, handling_class="C")
    mark_late(entry.conversation_id)
    late = QueueEntry.objects.get()
    assert late.parts["weight"] == pytest.approx(1.25 * entry.parts["weight"])
    assert late.klass > entry.klass


def test_a_reopened_case_climbs_and_stays_in_the_queue_without_a_new_message(mei: Customer, email_inbox: Inbox) -> None:
    entry = waiting(mei, email_inbox)
    entry.conversation.waiting_since = None
    leave(entry.conversation_id)
    moment = ago(minutes=5)
    again = prioritise(entry.conversation, [], since=moment, is_reopened=True)
    assert (again.state, again.waiting_since) == ("queued", moment)
    assert again.parts["parts"]["factor"] == 1.25
    assert prioritise(again.conversation, []).state == "queued"


def test_a_person_may_flag_danger_and_take_the_flag_away(mei: Customer, email_inbox: Inbox, lin: User) -> None:
    entry = waiting(mei, email_inbox)
    assert flag_danger(entry.conversation, [], by=lin, is_on=True).tier == 0
    assert flag_danger(entry.conversation, [], by=lin, is_on=False).tier == 2
    assert Event.objects.filter(name="queue.flagged").count() == 2


def test_a_faint_signal_is_no_danger(mei: Customer, email_inbox: Inbox) -> None:
    entry = waiting(mei, email_inbox)
    assert prioritise(entry.conversation, [Finding("crisis", "injury", 0.2)]).tier == 2


def test_legal_and_media_signals_do_not_pre_empt(mei: Customer, email_inbox: Inbox) -> None:
    entry = waiting(mei, email_inbox)
    assert prioritise(entry.conversation, [Finding("crisis", "media")]).tier == 2


def test_an_administrator_changes_the_weights_and_the_queue_follows(
    mei: Customer, james: Customer, email_inbox: Inbox, chen: User
) -> None:  # missions 13, 15
    moment = ago(hours=1)
    mei.spend_percentile = 1.0
    mei.save()
    rich = waiting(mei, email_inbox, since=moment, severity="minor")
    grave = waiting(james, email_inbox, since=moment, severity="moderate")
    assert [entry.pk for entry in score_sorted(chen).entries] == [rich.pk, grave.pk]
    change_weights(by=chen, severity=1.0, value=0.0, source=0.0)
    last = 0
    while (step := rescore_batch(last)) is not None:
        last = step
    assert [entry.pk for entry in score_sorted(chen).entries] == [grave.pk, rich.pk]
    assert set(QueueEntry.objects.values_list("weights_version", flat=True)) == {2}


def test_scoring_anew_gives_what_a_new_message_would_get(mei: Customer, email_inbox: Inbox, chen: User) -> None:
    entry = waiting(mei, email_inbox, severity="severe", handling_class="D")
    change_weights(by=chen, severity=0.3, gamma=2.0)
    rescore_batch()
    anew = QueueEntry.objects.get()
    fresh = prioritise(entry.conversation, found(severity="severe", handling_class="D"))
    assert (anew.klass, anew.parts) == (fresh.klass, fresh.parts)


def test_changing_a_source_scores_the_queue_anew(mei: Customer, email_inbox: Inbox, chen: User) -> None:
    waiting(mei, email_inbox)
    change_source(SourceImportance(fact="channel", value="email", importance=1.0), by=chen)
    rescore_batch()
    assert QueueEntry.objects.get().parts["case"]["source"] == 1.0
    change_source(SourceImportance.objects.get(), by=chen, is_gone=True)
    rescore_batch()
    assert QueueEntry.objects.get().parts["case"]["source"] == 0.5


def test_an_agent_may_not_change_the_weights(lin: User) -> None:
    with pytest.raises(NotAllowed):
        change_weights(by=lin, severity=1.0)


@pytest.mark.parametrize(
    "change",
    [{"severity": -1.0}, {"gamma": 0}, {"late_factor": 9}, {"severities": {"minor": 2}}, {"handling_hours": []}],
)
def test_weights_that_make_no_sense_are_refused_and_nothing_changes(chen: User, change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        change_weights(by=chen, **change)
    assert not PriorityWeights.objects.exists()


def test_prioritising_a_first_message_takes_one_query(
    mei: Customer, email_inbox: Inbox, django_assert_max_num_queries: Any
) -> None:
    waiting(mei, email_inbox)
    entry = waiting(mei, email_inbox)
    conversation = entry.conversation
    entry.delete()
    with django_assert_max_num_queries(6) as counted:
        prioritise(conversation, [], clocks=[])
    assert (
        len(
            [
                query
                for query in counted.captured_queries
                if not any(word in query["sql"] for word in ("SAVEPOINT", "pg_notify"))
            ]
        )
        == 1
    )


def test_prioritising_twice_keeps_one_place(mei: Customer, email_inbox: Inbox) -> None:
    entry = waiting(mei, email_inbox, severity="minor")
    again = prioritise(entry.conversation, found(severity="severe"))
    assert QueueEntry.objects.get().pk == again.pk == entry.pk
    assert QueueEntry.objects.get().parts["inputs"]["severity"] == "severe"


def test_the_arriving_step_run_twice_keeps_one_place_too(mei: Customer, email_inbox: Inbox) -> None:
    entry = waiting(mei, email_inbox, severity="minor")
    prioritise(entry.conversation, found(severity="severe"), clocks=[])
    assert QueueEntry.objects.get().parts["inputs"]["severity"] == "severe"
