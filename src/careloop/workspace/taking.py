"""Take a conversation by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from careloop.common.errors import InvalidInput
from careloop.conversations.services.holding import assign

if TYPE_CHECKING:
    from careloop.accounts.models import User
    from careloop.conversations.models import Conversation


def take(conversation: Conversation, by: User) -> None:
    """It is this person's now, in its own team or, when it has none, in theirs. Records ``conversation.assigned``."""
    team = conversation.team or by.teams.first()
    if team is None:
        raise InvalidInput("no_team", _("You belong to no team yet; ask an administrator to add you to one."))
    assign(conversation, user=by, team=team, by=by, reason="taken")
