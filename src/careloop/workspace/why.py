"""Why somebody has a conversation: the routing's reason, or the words of the colleague who gave it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from careloop.conversations.models import Conversation
from careloop.routing.reasons import ASSIGNED, explain

TAKEN = "taken"


def why_theirs(conversation: Conversation) -> str:
    """One sentence; empty when nobody has it or nothing is known. Reads what ``with_holding`` brought along."""
    if conversation.assignee_id is None:
        return ""
    reason, giver = conversation.given_because or "", conversation.given_by_name or ""
    if reason in ASSIGNED:
        return explain(reason)
    if reason == TAKEN:
        return _("Took it by hand.")
    if reason and giver:
        return _("%(who)s: “%(words)s”") % {"who": giver, "words": reason}
    return reason or (_("Given by %(who)s.") % {"who": giver} if giver else "")
