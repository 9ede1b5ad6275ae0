"""What `careloop doctor` says of triage."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.utils import timezone

from careloop.common.checks import Finding
from careloop.triage.models import ServiceDay
from careloop.triage.services.second_opinion import is_on

TOPIC = "language model"
FEW = 5


def language_model() -> Iterator[Finding]:
    """Which service is asked, how often today, and whether it answers. Nothing is sent to find out."""
    if not is_on():
        yield Finding(TOPIC, "ok", "None is asked; nothing leaves this machine.")
        return
    if not settings.CARELOOP_LLM_MODEL:
        yield Finding(TOPIC, "failure", "An address is set and no model.", "Set CARELOOP_LLM_MODEL.")
        return
    day = ServiceDay.objects.filter(day=timezone.localdate()).first()
    asked, missed = (day.requests, day.unanswered) if day else (0, 0)
    most = settings.CARELOOP_LLM_REQUESTS_A_DAY
    sentence = (
        f"{settings.CARELOOP_LLM_MODEL} was asked {asked} of {most} times today; {missed} requests brought nothing."
    )
    if asked >= most:
        yield Finding(TOPIC, "warning", sentence, "The budget of today is used up: CARELOOP_LLM_REQUESTS_A_DAY.")
    elif missed >= FEW and missed * 2 > asked:
        yield Finding(TOPIC, "warning", sentence, f"Is {settings.CARELOOP_LLM_URL} reachable, and the key right?")
    else:
        yield Finding(TOPIC, "ok", sentence)
