"""Under the chosen nature a leaf: by terms, by a model, corrected by people; and it follows the nature."""

from __future__ import annotations

import pytest
from django.utils import translation

from careloop.accounts.models import User
from careloop.conversations.models import Conversation, Inbox
from careloop.conversations.services.posting import Content, add_customer_message
from careloop.customers.models import Customer
from careloop.triage.engine.examples import Examples
from careloop.triage.engine.heads import LABELS, NATURE
from careloop.triage.engine.prepare import prepare
from careloop.triage.engine.rules import rule_classifier
from careloop.triage.engine.taxonomy import (
    NATURE_DETAIL,
    SECTORS,
    UNSPECIFIED,
    DetailedClassifier,
    Taxonomy,
    packaged_pack,
    packaged_taxonomy,
)
from careloop.triage.engine.training import train
from careloop.triage.labels import choices, label_name
from careloop.triage.loading import load_shipped_taxonomy
from careloop.triage.models import Prediction, TaxonomyLabel
from careloop.triage.services.classifying import classify
from careloop.triage.services.correcting import correct, withdraw
from careloop.triage.services.learning import labelled_examples
from careloop.triage.services.reading import choices_for
from careloop.triage.tests.review_helpers import begin


def leaf_of(text: str, nature: str, sector: str = "retail") -> str:
    result = packaged_taxonomy((sector,)).judge(prepare(text), nature)
    return result.label if result else ""


@pytest.mark.parametrize(
    ("sector", "nature", "text", "leaf"),
    [
        ("retail", "quality", "收到的杯子碎了一地", "damaged"),
        ("retail", "quality", "用了面霜脸肿了", "allergic_reaction"),
        ("retail", "quality", "The colour is not as described", "not_as_described"),
        ("retail", "refund", "退款12天仍未到账", "refund_late"),
        ("retail", "logistics", "It says delivered but I have nothing", "lost"),
        ("banking", "account", "卡被盗刷了三笔", "card_fraud"),
        ("banking", "price", "Why was I charged an annual fee?", "card_fee"),
        ("telecom", "network", "家里一直没信号", "coverage"),
        ("telecom", "network", "The internet is down since Monday", "outage"),
        ("tourism", "quality", "床单上有头发，太脏了", "cleanliness"),
        ("tourism", "order", "The hotel was overbooked and had no room for us", "no_room"),
    ],
)
def test_a_few_strong_terms_name_the_leaf(sector: str, nature: str, text: str, leaf: str) -> None:
    assert leaf_of(text, nature, sector) == leaf


def test_where_nothing_speaks_for_a_leaf_no_more_is_known() -> None:
    assert leaf_of("质量问题", "quality") == UNSPECIFIED


def test_a_negated_term_says_nothing() -> None:
    assert leaf_of("质量一般，没有过敏", "quality") == UNSPECIFIED


def test_a_nature_without_leaves_has_no_second_level() -> None:
    assert leaf_of("谢谢", "praise") == ""


def test_the_reason_is_the_customers_own_words() -> None:
    result = packaged_taxonomy().judge(prepare("杯子碎了"), "quality")
    assert result is not None
    assert result.reasons == ("碎了",)
    assert sum(chance for _, chance in result.ranked) == pytest.approx(1)


def test_the_engine_needs_no_database() -> None:
    heads = DetailedClassifier(rule_classifier(), packaged_taxonomy()).predict("收到的杯子碎了，质量太差")
    assert (heads[NATURE].label, heads[NATURE_DETAIL].label) == ("quality", "damaged")


@pytest.mark.parametrize("text", ["", " ", "\x00\x01", "😀" * 50, "a" * 100_000, "ا"])
def test_it_never_raises(text: str) -> None:
    DetailedClassifier(rule_classifier(), packaged_taxonomy()).predict(text)


def test_a_model_of_the_head_has_its_say_among_the_leaves_of_the_nature() -> None:
    texts = [thing + said for thing in ("面霜", "精华", "口红", "面膜") for said in ("糊了", "串味")]
    model = train(Examples(texts, ["damaged", "expired"] * 4), NATURE_DETAIL)
    result = Taxonomy(packaged_taxonomy().leaves, model).judge(prepare("眼霜串味"), "quality")
    assert result is not None
    assert (result.label, result.source) == ("expired", "linear")
    assert Taxonomy(packaged_taxonomy().leaves, model).judge(prepare("眼霜串味"), "refund").source == "rules"  # type: ignore[union-attr]


@pytest.mark.parametrize("sector", SECTORS)
def test_a_pack_is_complete_in_both_languages(sector: str) -> None:
    pack = packaged_pack(sector)
    assert set(pack.name) == {"en", "zh"}
    assert len({leaf.key for leaf in pack.leaves}) == len(pack.leaves)
    for leaf in pack.leaves:
        assert leaf.parent in LABELS[NATURE]
        for told in (leaf.name, leaf.description, leaf.examples, leaf.terms):
            assert set(told) == {"en", "zh"}, leaf.key
            assert all(told.values()), leaf.key


def test_no_two_packs_have_a_key_in_common() -> None:
    keys = [leaf.key for sector in SECTORS for leaf in packaged_pack(sector).leaves]
    assert len(set(keys)) == len(keys)


@pytest.mark.django_db
class TestTheRow:
    @pytest.fixture
    def broken(self, email_inbox: Inbox, mei: Customer) -> Conversation:
        load_shipped_taxonomy()
        message = begin(email_inbox, mei, "我买的杯子质量太差，收到就碎了")
        classify(message)
        return message.conversation

    def row(self, conversation: Conversation, head: str = NATURE_DETAIL) -> Prediction | None:
        return Prediction.objects.current().filter(conversation=conversation, head=head).first()

    def leaf(self, conversation: Conversation) -> str:
        row = self.row(conversation)
        return row.label if row else ""

    def test_it_is_a_prediction_of_its_own_head_with_a_reason(self, broken: Conversation) -> None:
        row = self.row(broken)
        assert row is not None
        assert (row.label, row.source) == ("damaged", "rules")
        assert "碎了" in row.reasons

    def test_another_nature_brings_its_own_leaf(self, broken: Conversation, lin: User) -> None:
        nature = self.row(broken, NATURE)
        assert nature is not None
        said = correct(nature, "logistics", by=lin)
        assert self.leaf(broken) == UNSPECIFIED
        withdraw(said, nature, by=lin)
        assert self.leaf(broken) == "damaged"

    def test_a_nature_without_leaves_takes_the_leaf_away(self, broken: Conversation, lin: User) -> None:
        correct(self.row(broken, NATURE), "praise", by=lin)  # type: ignore[arg-type]
        assert self.leaf(broken) == ""

    def test_a_persons_leaf_stays_whatever_comes(self, broken: Conversation, lin: User, mei: Customer) -> None:
        correct(self.row(broken), "expired", by=lin)  # type: ignore[arg-type]
        classify(add_customer_message(broken, Content(text="杯子又碎了，质量太差", language="zh"), customer=mei))
        assert self.leaf(broken) == "expired"

    def test_a_later_message_may_name_it(self, email_inbox: Inbox, mei: Customer) -> None:
        message = begin(email_inbox, mei, "质量有问题，质量太差")
        classify(message)
        assert self.leaf(message.conversation) == UNSPECIFIED
        text = Content(text="质量太差，屏幕碎了", language="zh")
        classify(add_customer_message(message.conversation, text, customer=mei))
        assert self.leaf(message.conversation) == "damaged"

    def test_a_thank_you_changes_nothing(self, broken: Conversation, mei: Customer) -> None:
        classify(add_customer_message(broken, Content(text="好的，谢谢！", language="zh"), customer=mei))
        assert self.leaf(broken) == "damaged"

    def test_only_leaves_of_the_nature_are_offered(self, broken: Conversation) -> None:
        offered = dict(choices_for(self.row(broken)))  # type: ignore[arg-type]
        assert "damaged" in offered
        assert "late" not in offered
        assert UNSPECIFIED in offered

    def test_names_are_shown_in_the_readers_language(self, broken: Conversation) -> None:
        with translation.override("zh-hans"):
            assert str(label_name(NATURE_DETAIL, "damaged")) == "破损或损坏"
            assert str(label_name(NATURE_DETAIL, UNSPECIFIED)) == "未细分"
        with translation.override("en"):
            assert dict(choices(NATURE_DETAIL, "quality"))["damaged"] == "Damaged or broken"

    def test_a_label_of_a_merged_leaf_teaches_the_one_it_became(self, broken: Conversation, lin: User) -> None:
        from django.utils import timezone

        correct(self.row(broken), "damaged", by=lin)  # type: ignore[arg-type]
        into = TaxonomyLabel.objects.get(key="not_working")
        TaxonomyLabel.objects.filter(key="damaged").update(merged_into=into, retired_at=timezone.now())
        into.save()  # tells the memory
        assert labelled_examples(NATURE_DETAIL).labels == ["not_working"]


@pytest.mark.django_db
class TestLoading:
    def test_the_first_start_brings_the_natures_and_retail(self) -> None:
        load_shipped_taxonomy()
        assert TaxonomyLabel.objects.filter(parent=None).count() == len(LABELS[NATURE])
        assert set(TaxonomyLabel.objects.exclude(parent=None).values_list("sector", flat=True)) == {"retail"}
        assert TaxonomyLabel.objects.get(key="quality").name_zh == "产品质量"

    def test_a_second_start_changes_nothing(self) -> None:
        load_shipped_taxonomy()
        TaxonomyLabel.objects.filter(key="damaged").update(name="Broken")
        assert load_shipped_taxonomy() == 0
        assert TaxonomyLabel.objects.get(key="damaged").name == "Broken"

    def test_a_newer_pack_adds_only_what_is_new(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from dataclasses import replace

        from careloop.triage import loading

        load_shipped_taxonomy()
        TaxonomyLabel.objects.filter(key="damaged").update(name="Broken")
        pack = packaged_pack("retail")
        newer = replace(pack, version=99, leaves=(*pack.leaves, replace(pack.leaves[0], key="scratched")))
        monkeypatch.setattr(loading, "packaged_pack", lambda _sector: newer)
        assert load_shipped_taxonomy() == 1
        assert TaxonomyLabel.objects.get(key="damaged").name == "Broken"
        assert TaxonomyLabel.objects.filter(key="scratched").exists()
