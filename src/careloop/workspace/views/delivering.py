"""Send again what did not arrive."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from careloop.accounts.permissions import Permission
from careloop.channels.email.sending import retry
from careloop.conversations.models import Message
from careloop.workspace.access import conversation_of, desk, may, person
from careloop.workspace.answers import done


@require_POST
@desk
@may(Permission.CONVERSATION_REPLY)
def delivery(request: HttpRequest, number: int, message: int) -> HttpResponse:
    """Put a failed delivery back in line; a conflict when it has not failed."""
    conversation = conversation_of(request, number)
    retry(get_object_or_404(Message, conversation=conversation, pk=message), by=person(request))
    return done(request, conversation, _("It is being sent again."))
