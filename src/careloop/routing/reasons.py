"""Why somebody got a conversation, or why nobody did yet: stable codes with their sentences."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

ASSIGNED = {
    "sticky": _("Looked after this customer last time."),
    "round_robin": _("Free, and it was their turn."),
    "skill": _("Free, and has the skill it needs."),
    "class_d": _("A serious complaint belongs to the team lead."),
    "danger": _("Danger goes before other work, whatever else they hold."),
    "danger_lead": _("Danger, and nobody of the team is online: the team lead has it."),
    "nature": _("This team takes such matters."),
    "claimed": _("Took it as the next in the queue."),
    "taken_over": _("Took it over from a colleague."),
    "pulled": _("Became free; it was the next that fits."),
}
HELD = {
    "no_team": _("No team takes this inbox."),
    "nobody": _("The team has no active members."),
    "nobody_online": _("Nobody of the team is online."),
    "no_language": _("Nobody online speaks the customer's language."),
    "no_skill": _("Nobody online has the skill it needs."),
    "all_full": _("Everybody online has as much as they can hold."),
}


def explain(code: str) -> str:
    """The sentence for a code, in the reader's language; any other text (a person's own words) as it is."""
    return str(ASSIGNED.get(code) or HELD.get(code) or code)
