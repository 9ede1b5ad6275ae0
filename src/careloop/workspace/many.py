"""Do one thing to several conversations: each by the same verb as alone, in a transaction of its own.

One that cannot be changed stops no other. What was changed and what was not, and why, is the answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from careloop.common.errors import CareloopError, Conflict, InvalidInput
from careloop.common.http import is_partial
from careloop.conversations.models import Conversation
from careloop.workspace.access import find_conversation
from careloop.workspace.answers import announced

MOST_AT_ONCE = 100

Verb = Callable[[Conversation], object]


@dataclass
class Outcome:
    """Which were changed, and which were not, each with its sentence."""

    changed: list[Conversation] = field(default_factory=list)
    unchanged: list[tuple[str, str]] = field(default_factory=list)

    @property
    def notice(self) -> str:
        count = len(self.changed)
        return ngettext("%(n)s conversation changed.", "%(n)s conversations changed.", count) % {"n": count}


def chosen(request: HttpRequest) -> list[int]:
    """The numbers of the chosen conversations, once each. Raises :class:`InvalidInput` for none or too many."""
    given = request.POST.getlist("number") if request.method == "POST" else request.GET.getlist("number")
    numbers = list(dict.fromkeys(int(each) for each in given if each.isdecimal() and len(each) < 16))
    if not numbers:
        raise InvalidInput("nothing_chosen", _("Choose at least one conversation."))
    if len(numbers) > MOST_AT_ONCE:
        raise InvalidInput("too_many_chosen", _("Choose at most %(n)s conversations at once.") % {"n": MOST_AT_ONCE})
    return numbers


def do_to_each(request: HttpRequest, numbers: list[int], verb: Verb) -> Outcome:
    """Each that this person may see; the others are named without a word on whether they exist."""
    outcome = Outcome()
    for number in numbers:
        conversation = find_conversation(request, number)
        if conversation is None:
            outcome.unchanged.append((f"CL-{number}", _("Not there, or another team's.")))
            continue
        try:
            verb(conversation)
        except CareloopError as problem:
            outcome.unchanged.append((conversation.reference, str(problem)))
        else:
            outcome.changed.append(conversation)
    return outcome


def unless_same(conversation: Conversation, change: Verb) -> None:
    """Make the change; raises :class:`Conflict` when it left the owner and the team as they were."""
    before = (conversation.assignee_id, conversation.team_id)
    change(conversation)
    if (conversation.assignee_id, conversation.team_id) == before:
        raise Conflict("unchanged", _("It was theirs already."))


def told(request: HttpRequest, outcome: Outcome) -> HttpResponse:
    """A notice when all went well; else the list of those that stayed as they were, each with its reason."""
    if not is_partial(request):
        if outcome.changed:
            messages.success(request, outcome.notice)
        for reference, why in outcome.unchanged:
            messages.warning(request, f"{reference}: {why}")
        return redirect("workspace:home")
    done = {"numbers": [each.number for each in outcome.changed]}
    if not outcome.unchanged:
        return announced(HttpResponse(status=204), outcome.notice, **{"bulk-done": done})
    response = render(request, "workspace/_bulk_outcome.html", {"outcome": outcome})
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#dialog-body", "innerHTML"
    response.headers["HX-Trigger-After-Settle"] = json.dumps({"live-list": {}, "bulk-done": done})
    return response
