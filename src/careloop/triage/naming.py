"""What standings, verdicts and reasons of models are called on screen."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from careloop.triage.engine.comparing import BETTER, GRAVE_MISSED, NOISE, RARE_SUFFER, TOO_FEW, WORSE

Name = str | Promise

VERDICTS: Mapping[str, Name] = {
    BETTER: _("Better beyond noise"),
    NOISE: _("The difference may be chance"),
    WORSE: _("Worse"),
    TOO_FEW: _("Too few held-out rows to tell"),
    RARE_SUFFER: _("Better overall, but worse on rare labels"),
    GRAVE_MISSED: _("Better overall, but misses more severe cases"),
}

REASONS: Mapping[str, Name] = {
    **VERDICTS,
    "by_hand": _("Decided by a person"),
    "replaced": _("Replaced by another version"),
    "rolled_back": _("Rolled back"),
    "superseded": _("A newer challenger came"),
    "new": _("Newly trained or imported"),
}

RULES: Mapping[str, Name] = {
    BETTER: _("at least 50 rows, p below 0.01, rare labels and severe cases no worse"),
    NOISE: _("p is not below 0.01, so the model in use stays"),
    WORSE: _("the model in use is right more often"),
    TOO_FEW: _("fewer than 50 held-out rows, so nobody can tell"),
    RARE_SUFFER: _("right more often, but its macro-F1 is lower"),
    GRAVE_MISSED: _("right more often, but it recognises fewer severe cases"),
}

SERIES: Mapping[str, Name] = {
    "channel": _("Channels"),
    "unknown_words": _("Share of words that triage has never seen"),
}


def verdict_name(verdict: str) -> Name:
    return VERDICTS.get(verdict, verdict)


def reason_of_standing(why: str) -> Name:
    return REASONS.get(why, why)


def rule_in_words(verdict: str) -> Name:
    return RULES.get(verdict, verdict)
