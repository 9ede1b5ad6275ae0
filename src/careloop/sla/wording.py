"""A law's terms and conditions as a person reads them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from careloop.sla.laws import in_words
from careloop.sla.regimes import Regime, Term


@dataclass(frozen=True)
class Wording:
    """One law in the reader's language. ``extensions``: key, condition and time."""

    name: str
    authority: str
    addressee: str
    starts: str
    acknowledge: str
    final: str
    extensions: list[tuple[str, str, str]]
    interim: str
    reply_holds: str
    pauses: str
    uncertain: str


def in_full(regime: Regime) -> Wording:
    addressees = {
        "firm": _("We must keep it"),
        "authority": _("The authority's own time"),
        "customer": _("The time a customer has"),
    }
    return Wording(
        name=in_words(regime.name),
        authority=in_words(regime.authority),
        addressee=addressees[regime.addressee],
        starts=_("Starts with a complaint") if regime.by_itself else _("Started by hand"),
        acknowledge=term_in_words(regime.acknowledge) if regime.acknowledge else "",
        final=term_in_words(regime.final),
        extensions=[(each.key, in_words(each.when), term_in_words(each.term)) for each in regime.extensions],
        interim=in_words(regime.interim),
        reply_holds=in_words(regime.reply_holds),
        pauses=in_words(regime.pauses),
        uncertain=in_words(regime.uncertain),
    )


def term_in_words(term: Term) -> str:
    texts = {
        "h": ngettext("%(count)d hour", "%(count)d hours", term.amount),
        "c": ngettext("%(count)d day", "%(count)d days", term.amount),
        "bd": ngettext("%(count)d business day", "%(count)d business days", term.amount),
        "wk": ngettext("%(count)d week", "%(count)d weeks", term.amount),
        "mo": ngettext("%(count)d month", "%(count)d months", term.amount),
    }
    return texts[term.unit] % {"count": term.amount}
