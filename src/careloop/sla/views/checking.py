"""One act of the clock panel: the facts have been looked up."""

from __future__ import annotations

from typing import cast
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from careloop.accounts.models import User
from careloop.accounts.permissions import Permission, require
from careloop.conversations.models import Conversation
from careloop.sla.services.starting import mark_checked
from careloop.triage.models import Prediction


@login_required
@require_POST
def checked(request: HttpRequest, pk: int) -> HttpResponse:
    """Start the clock that begins with the check (class B, mission 74) and go back to the conversation."""
    user = cast(User, request.user)
    require(user, Permission.CONVERSATION_REPLY)
    rows = Conversation.objects.visible_to(user).select_related("customer", "inbox")
    conversation = get_object_or_404(rows, pk=pk)
    findings = list(Prediction.objects.current().filter(conversation=conversation))
    clock = mark_checked(conversation, findings, by=user, at=timezone.now())
    if clock is not None:
        due = timezone.localtime(clock.due_at, ZoneInfo(user.timezone))
        messages.success(request, _("Noted. The answer is due by %(time)s.") % {"time": f"{due:%H:%M}"})
    return redirect("workspace:conversation", conversation.number)
