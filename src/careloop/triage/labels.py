"""What heads, labels and reasons are called on screen, in the viewer's language."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from careloop.triage.engine.heads import NATURE
from careloop.triage.engine.taxonomy import NATURE_DETAIL, UNSPECIFIED
from careloop.triage.taxonomy_in_use import NOT_TOLD, detail_choices, known

Name = str | Promise

HEAD_NAMES: dict[str, Name] = {
    "nature": _("Nature"),
    "nature_detail": _("In detail"),
    "severity": _("Severity"),
    "source": _("Source"),
    "phase": _("Service phase"),
    "handling_class": _("Handling class"),
    "emotion": _("Mood"),
    "language": _("Language"),
    "intent": _("Intent"),
    "crisis": _("Crisis signals"),
    "courtesy": _("Mere courtesy"),
    "churn": _("Risk of leaving"),
    "sentiment": _("Feeling"),
    "question_type": _("Kind of question"),
    "spam": _("Unwanted advertising"),
}

_YES_NO: dict[str, Name] = {"yes": _("Yes"), "no": _("No")}

LABEL_NAMES: dict[str, dict[str, Name]] = {
    "nature": {
        "quality": _("Product quality"),
        "service": _("Service"),
        "price": _("Price and fees"),
        "logistics": pgettext_lazy("what a message is about", "Delivery"),
        "order": pgettext_lazy("what a message is about", "Order"),
        "refund": _("Refund"),
        "account": _("Account"),
        "network": _("Network"),
        "product_question": _("Product question"),
        "praise": _("Praise"),
        "other": pgettext_lazy("what a message is about", "Other"),
    },
    "severity": {"minor": _("Minor"), "moderate": _("Moderate"), "severe": _("Severe")},
    "source": {
        "online": pgettext_lazy("where a message comes from", "Online"),
        "email": _("E-mail"),
        "phone": _("Phone"),
        "public": _("In public"),
        "referred": _("Passed on by an authority or platform"),
        "partner": _("Business partner"),
    },
    "phase": {
        "pre_sales": _("Before the purchase"),
        "in_sales": _("While the order runs"),
        "after_sales": _("After the purchase"),
        "value_added": _("Membership and extras"),
    },
    "handling_class": {
        "A": _("A: simple question"),
        "B": _("B: order question"),
        "C": _("C: product problem"),
        "D": _("D: complaint"),
    },
    "emotion": {
        "neutral": _("Calm"),
        "happy": _("Pleased"),
        "anxious": _("Worried"),
        "disappointed": _("Disappointed"),
        "distressed": _("Distressed"),
        "angry": _("Angry"),
    },
    "language": {
        "zh": _("Chinese"),
        "en": _("English"),
        "mixed": _("Chinese and English"),
        "other": _("Another language"),
    },
    "intent": {
        "complaint": _("Complains"),
        "refund_request": _("Wants a refund"),
        "return_exchange": _("Wants a return, exchange or repair"),
        "cancel": _("Wants to cancel"),
        "order_status": _("Asks where the order is"),
        "order_change": _("Wants an order or data changed"),
        "how_to": _("Asks how to do it"),
        "price": _("Asks about the price"),
        "comparison": _("Compares products"),
        "safety": _("Asks whether it is safe"),
        "efficacy": _("Asks whether it works"),
        "praise": _("Praises"),
        "thanks": _("Says thanks"),
        "information": _("Tells or asks something else"),
    },
    "crisis": {
        "none": _("None"),
        "injury": _("Injury or allergy"),
        "safety": _("Danger: fire, electricity, gas, failure"),
        "legal": _("Legal steps"),
        "media": _("Going public"),
        "regulator": _("Going to an authority"),
        "self_harm": _("Self-harm"),
        "fraud": _("Fraud or data leak"),
    },
    "courtesy": _YES_NO,
    "churn": _YES_NO,
    "sentiment": {"positive": _("Positive"), "neutral": _("Neutral"), "negative": _("Negative")},
    "question_type": {
        "how_to": _("How to do it"),
        "usage": _("How much, how often"),
        "price": _("What it costs"),
        "availability": _("Whether it is to be had"),
        "policy": _("What the rules are"),
        "status": _("How far it is"),
        "comparison": _("Which is better"),
        "safety": _("Whether it is safe"),
        "efficacy": _("Whether it works"),
        "other": pgettext_lazy("kind of question", "Another question"),
        "none": pgettext_lazy("kind of question", "No question"),
    },
    "spam": _YES_NO,
}


def head_name(head: str) -> Name:
    """The head's name on screen; the code itself where there is no name."""
    return HEAD_NAMES.get(head, head)


def label_name(head: str, label: str) -> Name:
    """The label's name on screen, by the taxonomy where it has the label; a label nobody knows is its own name."""
    if head in (NATURE, NATURE_DETAIL):
        named = NOT_TOLD if label == UNSPECIFIED else known().name(label)
        if named is not None:
            return named
    return LABEL_NAMES.get(head, {}).get(label, label)


def choices(head: str, nature: str = "") -> list[tuple[str, Name]]:
    """The labels a person may choose from when putting a prediction right; of the second level those of a nature."""
    if head == NATURE_DETAIL:
        return detail_choices(nature)
    if head == NATURE:
        return [(label, label_name(NATURE, label)) for label in LABEL_NAMES[NATURE]]
    return list(LABEL_NAMES.get(head, {}).items())


def reason_name(reason: str) -> Name:
    """A reason on screen: words of the message stay as they are, facts such as "crisis=injury" get their names."""
    head, separator, label = reason.partition("=")
    if separator and head == "service":
        return _("Language model: %(reason)s") % {"reason": label}
    if not separator or head not in HEAD_NAMES:
        return _FACTS.get(reason, reason)
    return _("%(head)s: %(label)s") % {"head": head_name(head), "label": label_name(head, label)}


_FACTS: dict[str, Name] = {
    "feature=shouting": _("written in capitals"),
    "context=repeated": _("has written several times"),
    "context=vip": _("valued customer"),
    "context=no_order": _("no order yet"),
    "context=has_order": _("has ordered"),
    "channel=email": _("came by e-mail"),
    "channel=phone": _("came by phone"),
    "channel=portal": _("came through the portal"),
    "channel=public_comment": _("a public comment"),
    "channel=api": _("came through the API"),
    "channel=chat": _("came by chat"),
    "channel=csv": _("imported"),
    "channel=direct": _("a direct message"),
}
