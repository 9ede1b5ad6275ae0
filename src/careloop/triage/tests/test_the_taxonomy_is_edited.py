"""Labels are added, renamed, moved, retired, merged and split; nothing that was said is lost or rewritten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from careloop.accounts.models import User
from careloop.common.errors import Conflict, InvalidInput, NotAllowed
from careloop.common.jobs import leases
from careloop.common.jobs.running import run_pending_jobs
from careloop.common.models import Event, Job
from careloop.conversations.models import Conversation, Inbox
from careloop.customers.models import Customer
from careloop.triage import events
from careloop.triage.engine.prepare import prepare
from careloop.triage.engine.taxonomy import NATURE_DETAIL
from careloop.triage.labels import choices, label_name
from careloop.triage.loading import load_shipped_taxonomy
from careloop.triage.models import Correction, Prediction, ReviewItem, TaxonomyChange, TaxonomyLabel
from careloop.triage.services import splitting, taxonomy
from careloop.triage.services.classifying import classify
from careloop.triage.services.correcting import correct
from careloop.triage.services.splitting import carry_over
from careloop.triage.services.taxonomy import PartOfSplit, Wording, terms_from
from careloop.triage.taxonomy_in_use import known
from careloop.triage.tests.review_helpers import begin

pytestmark = pytest.mark.django_db

PAGE = "/triage/taxonomy/"
SCRATCHED = Wording("Scratched", "划痕", terms={"zh": [("划痕", 5.0)], "en": [("scratched", 5.0)]})
SHATTERED = Wording("Shattered", "碎裂", terms={"zh": [("碎了", 5.0)], "en": [("shattered", 5.0)]})


@pytest.fixture(autouse=True)
def _loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "careloop.workspace.assets._manifest",
        lambda: {name: name for name in ("app.css", "app.js", "icons.svg", "mark.svg")},
    )
    load_shipped_taxonomy()


def label(key: str) -> TaxonomyLabel:
    return TaxonomyLabel.objects.get(key=key)


def judged(text: str, nature: str = "quality") -> str:
    result = known().taxonomy.judge(prepare(text), nature)
    return result.label if result else ""


def broken(inbox: Inbox, customer: Customer, text: str = "我买的杯子质量太差，收到就碎了") -> Conversation:
    message = begin(inbox, customer, text)
    classify(message)
    return message.conversation


def leaf(conversation: Conversation) -> Prediction:
    return Prediction.objects.current().get(conversation=conversation, head=NATURE_DETAIL)


def test_a_new_leaf_is_predicted_from_the_next_message_on(chen: User) -> None:
    assert judged("屏幕有划痕") != "scratched"
    taxonomy.add(label("quality"), "scratched", SCRATCHED, by=chen)
    assert judged("屏幕有划痕") == "scratched"
    assert "scratched" in dict(choices(NATURE_DETAIL, "quality"))
    assert Event.objects.get(name=events.TAXONOMY_CHANGED).data == {"change": "added", "label": "scratched"}


@pytest.mark.parametrize("key", ["", "a", "Big", "1st", "with space", "x" * 70, "unspecified", "ключ"])
def test_a_key_that_is_none_is_refused(chen: User, key: str) -> None:
    with pytest.raises(InvalidInput):
        taxonomy.add(label("quality"), key, SCRATCHED, by=chen)


def test_a_key_is_never_used_twice(chen: User) -> None:
    taxonomy.retire(label("damaged"), by=chen)
    with pytest.raises(Conflict, match="damaged"):
        taxonomy.add(label("quality"), "damaged", SCRATCHED, by=chen)


@pytest.mark.parametrize("wording", [Wording("", "划痕"), Wording("Scratched", " "), Wording("x" * 81, "划痕")])
def test_a_label_has_a_name_in_both_languages(chen: User, wording: Wording) -> None:
    with pytest.raises(InvalidInput):
        taxonomy.add(label("quality"), "scratched", wording, by=chen)


def test_a_leaf_stands_under_a_nature(chen: User) -> None:
    with pytest.raises(InvalidInput, match="under a nature"):
        taxonomy.add(label("damaged"), "scratched", SCRATCHED, by=chen)
    with pytest.raises(InvalidInput, match="under a nature"):
        taxonomy.move(label("damaged"), label("expired"), by=chen)


def test_a_renamed_label_is_shown_by_its_new_name_and_keeps_the_old_one_in_the_change(chen: User) -> None:
    taxonomy.rename(label("damaged"), Wording("In pieces", "碎了的"), by=chen)
    assert str(label_name(NATURE_DETAIL, "damaged")) in ("In pieces", "碎了的")
    change = TaxonomyChange.objects.get()
    assert (change.kind, change.data["before"]["name"]) == ("renamed", "Damaged or broken")


def test_a_nature_can_be_renamed_but_neither_moved_nor_merged_nor_retired(chen: User) -> None:
    taxonomy.rename(label("quality"), Wording("Goods", "货品"), by=chen)
    assert str(label_name("nature", "quality")) in ("Goods", "货品")
    for attempt in (
        lambda: taxonomy.move(label("quality"), label("service"), by=chen),
        lambda: taxonomy.retire(label("quality"), by=chen),
        lambda: taxonomy.merge(label("quality"), label("damaged"), by=chen),
    ):
        with pytest.raises(InvalidInput, match="first level"):
            attempt()


def test_a_moved_leaf_is_judged_under_its_new_nature(chen: User) -> None:
    taxonomy.move(label("damaged"), label("logistics"), by=chen)
    assert judged("收到就碎了", "logistics") == "damaged"
    assert judged("收到就碎了", "quality") != "damaged"


def test_a_retired_leaf_is_neither_offered_nor_predicted_but_keeps_its_name(chen: User) -> None:
    taxonomy.retire(label("damaged"), by=chen)
    assert "damaged" not in dict(choices(NATURE_DETAIL, "quality"))
    assert judged("收到就碎了") != "damaged"
    assert str(label_name(NATURE_DETAIL, "damaged")) in ("Damaged or broken", "破损或损坏")
    taxonomy.restore(label("damaged"), by=chen)
    assert judged("收到就碎了") == "damaged"


def test_a_merged_label_means_the_one_it_became_and_can_be_parted_again(
    chen: User, lin: User, email_inbox: Inbox, mei: Customer
) -> None:
    conversation = broken(email_inbox, mei)
    correct(leaf(conversation), "damaged", by=lin)
    taxonomy.merge(label("damaged"), label("not_working"), by=chen)
    assert str(label_name(NATURE_DETAIL, "damaged")) == str(label("not_working"))
    assert judged("收到就碎了") == "not_working"
    assert leaf(conversation).label == "damaged"
    assert Correction.objects.get().label == "damaged"
    taxonomy.restore(label("damaged"), by=chen)
    assert judged("收到就碎了") == "damaged"
    assert set(TaxonomyChange.objects.values_list("kind", flat=True)) == {"merged", "unmerged"}


def test_merging_follows_chains_and_never_a_circle(chen: User) -> None:
    taxonomy.merge(label("damaged"), label("not_working"), by=chen)
    taxonomy.merge(label("not_working"), label("expired"), by=chen)
    assert known().resolve("damaged") == "expired"
    with pytest.raises(Conflict):
        taxonomy.merge(label("expired"), label("damaged"), by=chen)
    with pytest.raises(InvalidInput):
        taxonomy.merge(label("expired"), label("expired"), by=chen)


def test_a_split_carries_over_by_terms_and_asks_about_the_rest(
    chen: User, lin: User, email_inbox: Inbox, mei: Customer
) -> None:
    told, untold = broken(email_inbox, mei), broken(email_inbox, mei, "质量太差，杯子破损了")
    correct(leaf(told), "expired", by=lin)
    correct(leaf(told), "damaged", by=lin)
    parts = [PartOfSplit("scratched", SCRATCHED), PartOfSplit("shattered", SHATTERED)]
    change = taxonomy.split(label("damaged"), parts, by=chen)
    assert Event.objects.filter(name=events.TAXONOMY_SPLIT).count() == 1
    assert not carry_over(change.pk)
    moved = leaf(told)
    assert (moved.label, moved.source) == ("shattered", "human")
    assert leaf(untold).label == "damaged"
    assert ReviewItem.objects.get(conversation=untold).asked[NATURE_DETAIL]["why"] == "split"
    change.refresh_from_db()
    assert (change.data["moved"], change.data["asked"], change.data["is_done"]) == (1, 1, True)


def split_of_three(lead: User, inbox: Inbox, customer: Customer) -> TaxonomyChange:
    """A split whose work is ordered and takes three steps and one that finds the end."""
    for text in ("杯子碎了", "镜子碎了，质量太差", "收到就碎了"):
        correct(leaf(broken(inbox, customer, text)), "expired", by=lead)
        correct(Prediction.objects.current().filter(label="expired").latest("pk"), "damaged", by=lead)
    Job.objects.all().delete()
    parts = [PartOfSplit("scratched", SCRATCHED), PartOfSplit("shattered", SHATTERED)]
    return taxonomy.split(label("damaged"), parts, by=lead)


def told(change: TaxonomyChange) -> tuple[int, int, bool]:
    change.refresh_from_db()
    return change.data["moved"], change.data["asked"], change.data["is_done"]


def test_a_split_whose_worker_was_killed_is_finished_by_the_next(
    chen: User, email_inbox: Inbox, mei: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splitting, "ROWS_A_STEP", 1)
    change = split_of_three(chen, email_inbox, mei)
    assert carry_over(change.pk)
    held = leases.claim("a worker that is killed", timedelta(minutes=10))
    assert held is not None
    assert held.task.endswith("carry_over_split")
    assert told(change) == (1, 0, False)
    leases.reap(everyone=True)
    run_pending_jobs()
    assert told(change) == (3, 0, True)
    assert not Prediction.objects.current().filter(label="damaged").exists()


def test_a_step_that_breaks_off_in_the_middle_moves_nothing(
    chen: User, email_inbox: Inbox, mei: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = split_of_three(chen, email_inbox, mei)
    move = splitting._move
    moved: list[Prediction] = []

    def breaks_off(row: Prediction, leaf: str) -> None:
        if len(moved) == 2:
            raise KeyboardInterrupt
        moved.append(row)
        move(row, leaf)

    with monkeypatch.context() as at_first:
        at_first.setattr(splitting, "_move", breaks_off)
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            carry_over(change.pk)
    assert told(change) == (0, 0, False)
    assert Prediction.objects.current().filter(label="damaged").count() == 3
    assert not carry_over(change.pk)
    assert told(change) == (3, 0, True)


def test_a_split_that_was_given_up_is_gone_on_with_by_a_person(
    chen: User, lin: User, email_inbox: Inbox, mei: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(splitting, "ROWS_A_STEP", 1)
    change = split_of_three(chen, email_inbox, mei)
    carry_over(change.pk)
    Job.objects.all().delete()
    assert not told(change)[2]
    client = Client()
    client.force_login(chen)
    address = f"{PAGE}damaged/continuation/"
    assert address not in client.get(PAGE).content.decode(), "it moved a moment ago"
    change.data["at"] = (timezone.now() - timedelta(minutes=3)).isoformat()
    change.save()
    assert address in client.get(PAGE).content.decode()
    with pytest.raises(NotAllowed):
        splitting.go_on(change, by=lin)
    assert client.post(address).status_code == 302
    run_pending_jobs()
    assert told(change) == (3, 0, True)
    assert client.post(address).status_code == 409
    assert client.post(f"{PAGE}expired/continuation/").status_code == 404


@pytest.mark.parametrize("count", [0, 1, 7])
def test_a_split_has_two_to_six_parts(chen: User, count: int) -> None:
    parts = [PartOfSplit(f"part_{number}", SCRATCHED) for number in range(count)]
    with pytest.raises(InvalidInput, match="two to six"):
        taxonomy.split(label("damaged"), parts, by=chen)


def test_a_split_with_one_bad_part_changes_nothing(chen: User) -> None:
    with pytest.raises(Conflict):
        taxonomy.split(label("damaged"), [PartOfSplit("fresh", SCRATCHED), PartOfSplit("expired", SHATTERED)], by=chen)
    assert not TaxonomyLabel.objects.filter(key="fresh").exists()
    assert label("damaged").retired_at is None


def test_another_sector_is_added_once(chen: User) -> None:
    assert taxonomy.load_sector("banking", by=chen) == 14
    assert taxonomy.load_sector("banking", by=chen) == 0
    with pytest.raises(InvalidInput):
        taxonomy.load_sector("mining", by=chen)


def test_terms_are_typed_with_or_without_a_weight() -> None:
    assert terms_from("碎了 = 5\n裂了，破了\n broken  glass ;") == [
        ("碎了", 5.0), ("裂了", 4.0), ("破了", 4.0), ("broken glass", 4.0)
    ]  # fmt: skip
    assert terms_from("") == []
    for text in ("x" * 41, "\n".join(str(number) for number in range(61))):
        with pytest.raises(InvalidInput):
            terms_from(text)


@pytest.mark.parametrize("typed", ["(", "a.*b", "[x", "\\", "((a+)+)+$"])
def test_whatever_is_typed_as_a_term_breaks_nothing(chen: User, typed: str) -> None:
    taxonomy.add(label("quality"), "odd", Wording("Odd", "怪", terms={"zh": [], "en": terms_from(typed)}), by=chen)
    judged("a" * 40 + "!")


def test_agents_change_nothing(lin: User) -> None:
    one, other = label("damaged"), label("expired")
    parts = [PartOfSplit("scratched", SCRATCHED), PartOfSplit("shattered", SHATTERED)]
    for attempt in (
        lambda: taxonomy.add(label("quality"), "scratched", SCRATCHED, by=lin),
        lambda: taxonomy.rename(one, SCRATCHED, by=lin),
        lambda: taxonomy.move(one, label("price"), by=lin),
        lambda: taxonomy.retire(one, by=lin),
        lambda: taxonomy.restore(one, by=lin),
        lambda: taxonomy.merge(one, other, by=lin),
        lambda: taxonomy.split(one, parts, by=lin),
        lambda: taxonomy.load_sector("banking", by=lin),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert not TaxonomyChange.objects.exists()


class TestThePage:
    @pytest.fixture
    def as_chen(self, chen: User) -> Client:
        client = Client()
        client.force_login(chen)
        return client

    ACTIONS = ("wording", "place", "retirement", "restoration", "merger", "parts", "continuation")

    def test_it_shows_the_tree_and_one_labels_forms(self, as_chen: Client) -> None:
        html = as_chen.get(PAGE, {"label": "damaged"}).content.decode()
        assert "破损或损坏" in html or "Damaged or broken" in html
        assert 'name="terms_zh"' in html
        assert "开不了机" not in html

    def test_every_action_works_as_a_plain_form(self, as_chen: Client) -> None:
        said = {"name": "Scratched", "name_zh": "划痕", "terms_zh": "划痕 = 5"}
        as_chen.post(f"{PAGE}labels/", {"parent": "quality", "key": "scratched", **said})
        as_chen.post(f"{PAGE}scratched/wording/", {**said, "name": "With scratches"})
        as_chen.post(f"{PAGE}scratched/place/", {"parent": "logistics"})
        as_chen.post(f"{PAGE}scratched/merger/", {"into": "damaged"})
        as_chen.post(f"{PAGE}scratched/restoration/")
        as_chen.post(f"{PAGE}scratched/retirement/")
        as_chen.post(f"{PAGE}packs/", {"sector": "telecom"})
        parts = {"key-1": "dented", "name-1": "Dented", "name_zh-1": "凹陷", "key-2": "cracked", "name-2": "Cracked",
                 "name_zh-2": "开裂"}  # fmt: skip
        answer = as_chen.post(f"{PAGE}damaged/parts/", parts)
        assert (answer.status_code, answer["Location"]) == (302, f"{PAGE}?label=damaged")
        kinds = list(TaxonomyChange.objects.order_by("pk").values_list("kind", flat=True))
        assert kinds == ["added", "renamed", "moved", "merged", "unmerged", "retired", "split"]
        assert as_chen.get(PAGE).status_code == 200

    def test_what_is_refused_comes_back_with_its_reason_and_what_was_typed(self, as_chen: Client) -> None:
        answer = as_chen.post(
            f"{PAGE}labels/", {"parent": "quality", "key": "damaged", "name": "Mine", "name_zh": "我的"}
        )
        html = answer.content.decode()
        assert answer.status_code == 409
        assert 'role="alert"' in html
        assert 'value="Mine"' in html

    @pytest.mark.parametrize("action", ACTIONS)
    def test_a_label_that_is_not_there_is_not_found(self, as_chen: Client, action: str) -> None:
        assert as_chen.post(f"{PAGE}nothing/{action}/").status_code == 404
        assert as_chen.get(f"{PAGE}damaged/{action}/").status_code == 405

    def test_an_unknown_label_in_the_address_shows_the_form_for_a_new_one(self, as_chen: Client) -> None:
        assert 'name="key"' in as_chen.get(PAGE, {"label": "nothing"}).content.decode()

    def test_agents_may_not_open_it(self, lin: User) -> None:
        client = Client()
        client.force_login(lin)
        assert client.get(PAGE).status_code == 403
        assert client.post(f"{PAGE}damaged/retirement/").status_code == 403
        assert label("damaged").retired_at is None

    @pytest.mark.parametrize("address", [PAGE, f"{PAGE}labels/", f"{PAGE}packs/", f"{PAGE}damaged/merger/"])
    def test_strangers_are_asked_to_sign_in(self, address: str) -> None:
        method = Client().get if address == PAGE else Client().post
        assert method(address)["Location"].startswith("/accounts/login/")
