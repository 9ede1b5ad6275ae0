"""What the checks say and leave unsaid, as tables of examples."""

import pytest

from careloop.quality.engine import CHECKS, Context, check_by_id, check_reply


def said(text: str, language: str = "zh", kind: str = "", **context: object) -> set[str]:
    found = check_reply(text, language=language, kind=kind, context=Context(**context))  # type: ignore[arg-type]
    return {each.check for each in found}


def test_every_check_has_an_id_a_name_and_a_description() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS) >= 10
    assert all(check.name and check.description.endswith(".") for check in CHECKS)
    assert check_by_id("blame_shifting").name == "Shifts the blame"


@pytest.mark.parametrize(
    "text",
    [
        "我们绝不会说“不归我们管”，我来跟进。",
        "我们不会跟您说不归我们管。",
        "您说“你们让我自己找快递”，我看到了。",
        "您写道：「客服说是我使用不当」，这不应该。",
        "您说‘客服讲这不归我们管’，对不起。",
        "> 不归我们管\n这句话是我们说错了，我来办。",
    ],
)
def test_refused_and_quoted_words_are_not_the_agents_words(text: str) -> None:
    assert "blame_shifting" not in said(text)


@pytest.mark.parametrize(
    "text",
    [
        'We would never say "that\'s not our problem".',
        'You told us "ask the seller" was the answer you got. I am sorry.',
        "> nothing to do with us\nThat was wrong of us.",
    ],
)
def test_refused_and_quoted_words_pass_in_english_too(text: str) -> None:
    assert "blame_shifting" not in said(text, "en")


def test_quotation_marks_alone_are_no_excuse() -> None:
    assert "blame_shifting" in said("我们的答复是“不归我们管”。")


def test_offsets_point_into_the_text_as_written() -> None:
    text = "您好　ＡＢＣ，這個不歸我們管。"

    found = check_reply(text, language="zh")

    assert [text[each.start : each.end] for each in found] == ["不歸我們管"]


def test_every_finding_offers_a_better_wording_in_the_language_of_the_reply() -> None:
    chinese = check_reply("这不归我们管，保证明天到。", language="zh", kind="complaint")
    english = check_reply("Not my department. I guarantee it arrives tomorrow.", language="en", kind="complaint")

    assert chinese
    assert all(any("\u4e00" <= each <= "\u9fff" for each in found.better) for found in chinese)
    assert english
    assert all(found.better.isascii() for found in english)


def test_a_missing_apology_is_pointed_at_after_the_greeting() -> None:
    text = "王女士您好，退款已经办理，明天到账。"

    missing = next(
        each for each in check_reply(text, language="zh", kind="complaint") if each.check == "missing_apology"
    )

    assert text[: missing.start] == "王女士您好，"
    assert missing.start == missing.end


def test_empathy_and_apology_are_asked_for_only_in_a_complaint() -> None:
    assert said("退款已经办理，明天下午三点前到账。") == set()
    assert {"missing_empathy", "missing_apology"} <= said("退款已经办理，明天下午三点前到账。", kind="complaint")


@pytest.mark.parametrize(
    ("language", "text"),
    [("zh", "皮肤发红是正常反应，继续用几天就好了。"), ("en", "A little redness is normal, keep using it for a week.")],
)
def test_advice_to_go_on_with_discomfort_is_blocked(language: str, text: str) -> None:
    found = [each for each in check_reply(text, language=language) if each.check == "keep_using_with_discomfort"]

    assert found
    assert all(each.level == "block" for each in found)


def test_the_customers_discomfort_counts_as_well() -> None:
    assert "keep_using_with_discomfort" in said("建议您再坚持用一周。", customer_text="用了以后脸上很痒")
    assert "keep_using_with_discomfort" not in said("建议您再坚持用一周。", customer_text="还没看到效果")
    assert "keep_using_with_discomfort" not in said("脸上痒的话请先停用，不要再继续使用。")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "您把差评删了，我们马上给您退款。"),
        ("zh", "退款的前提是您撤销投诉。"),
        ("en", "Once you withdraw the complaint we will issue the refund."),
        ("en", "We can offer a voucher if you remove your review."),
    ],
)
def test_redress_tied_to_silence_is_blocked(language: str, text: str) -> None:
    found = [each for each in check_reply(text, language=language) if each.check == "redress_tied_to_withdrawal"]

    assert found
    assert all(each.level == "block" for each in found)


def test_redress_without_a_condition_passes() -> None:
    assert "redress_tied_to_withdrawal" not in said("无论您是否撤销投诉，退款今天都会办理。")


def test_a_final_response_may_quote_the_rules() -> None:
    text = "根据我行规定，这笔费用不予退还，理由如下。"

    assert said(text) & {"citing_rules", "blame_shifting"}
    assert not said(text, final_response=True) & {"citing_rules", "blame_shifting"}


def test_health_and_money_promises_block_and_other_promises_warn() -> None:
    levels = {
        text: {each.level.value for each in check_reply(text, language="zh") if each.check == "over_promise"}
        for text in ("这款能根治湿疹。", "本金绝对不会亏。", "保证明天送到。")
    }

    assert list(levels.values()) == [{"block"}, {"block"}, {"warn"}]


@pytest.mark.parametrize("text", ["如果让您不满意，我们很抱歉。", "抱歉，但这个退不了。"])
def test_an_apology_with_a_condition_is_no_apology(text: str) -> None:
    assert {"non_apology", "missing_apology"} <= said(text, kind="complaint")


def test_an_unfilled_blank_is_never_sent() -> None:
    found = check_reply("您好{customer_name}，订单已发出，明天到。", language="zh")

    assert [(each.check, each.level.value) for each in found] == [("curt_or_robotic", "block")]


@pytest.mark.parametrize("text", ["", "   \n", "> 只有引用", "……"])
def test_nothing_to_read_gives_no_findings(text: str) -> None:
    assert check_reply(text, language="zh", kind="complaint") == []


def test_another_language_is_refused_with_its_name() -> None:
    with pytest.raises(ValueError, match="fr"):
        check_reply("bonjour", language="fr")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "我理解您的心情，遇到这种情况确实让人不愉快"),
        ("zh", "抱歉给您带来不好的体验。让我帮您看看是什么情况"),
        ("zh", "这个问题我们先帮您解决，同时我们也会优化防止再次发生"),
        ("zh", "不管什么原因，我们先帮您处理问题。具体原因我们可以后续核查"),
        ("zh", "您的问题我收到了，马上帮您查询"),
        ("zh", "抱歉给您带来不便，我们立刻处理"),
        ("zh", "感谢您的反馈，这对我们很重要"),
        ("zh", "真的很抱歉给您带来这么不好的体验。换做是我，也会很不满。"),
        ("en", "I've received your question, and I'll look into it right away"),
        ("en", "Sorry for the bad experience. Let me check what's going on"),
        ("en", "Regardless of the reason, we'll solve the problem for you first."),
    ],
)
def test_the_good_examples_of_the_seed_pass(language: str, text: str) -> None:  # mission 69, 95
    assert said(text, language) == set()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "这不归我们管"),
        ("zh", "你自己没看说明吗"),
        ("zh", "没办法，就是这样"),
        ("zh", "大家都这样，就你事多"),
        ("en", "This is not our responsibility"),
        ("en", "Didn't you read the instructions?"),
        ("en", "There's nothing we can do, that's how it is"),
        ("en", "Everyone else is fine, why are you being so difficult?"),
    ],
)
def test_the_four_banned_sentences_are_caught(language: str, text: str) -> None:  # mission 70
    assert said(text, language) & {"blame_shifting", "curt_or_robotic"}
