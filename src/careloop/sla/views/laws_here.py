"""The legal deadlines of one conversation: what runs and ended, and what a person may do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import wraps
from typing import cast
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from careloop.accounts.models import User
from careloop.accounts.permissions import Permission, require
from careloop.common.errors import CareloopError, InvalidInput, NotAllowed
from careloop.conversations.models import Conversation
from careloop.sla.laws import laws_in_use, regime_of
from careloop.sla.models import Clock
from careloop.sla.regimes import Regime, shipped_regimes
from careloop.sla.services import by_law
from careloop.sla.services.panel import ClockLine, law_line
from careloop.sla.wording import Wording, in_full

Action = Callable[[HttpRequest, Clock], object]


@dataclass(frozen=True)
class Shown:
    """One clock with its law and what may be done with it."""

    line: ClockLine
    regime: Regime
    words: Wording
    longer: list[tuple[str, str, str]]

    @property
    def can_pause(self) -> bool:
        return bool(self.regime.pauses) and self.line.clock.state == Clock.State.RUNNING


@require_safe
@login_required
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Every clock that a law set here, open ones first, and the form that starts another."""
    return _show(request, _conversation(request, pk))


@require_POST
@login_required
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """A person says that a law counts here, and since when."""
    conversation, user = _conversation(request, pk), _person(request)
    try:
        received = _day(request.POST.get("received", ""), user)
        by_law.start_law(conversation, request.POST.get("law", ""), received_at=received, by=user)
    except NotAllowed:
        raise
    except CareloopError as problem:
        return _show(request, conversation, problem)
    messages.success(request, _("The legal deadline runs."))
    return redirect("sla:laws_here", conversation.pk)


def _acting(action: Action) -> Callable[..., HttpResponse]:
    """The door of every change of a clock; what is refused comes back with its reason."""

    @require_POST
    @login_required
    @wraps(action)
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        visible = Conversation.objects.visible_to(_person(request))
        clock = get_object_or_404(Clock.objects.by_law().filter(conversation__in=visible.values("pk")), pk=pk)
        clock.conversation = _conversation(request, clock.conversation_id)
        try:
            action(request, clock)
        except NotAllowed:
            raise
        except CareloopError as problem:
            return _show(request, clock.conversation, problem)
        messages.success(request, _("Saved."))
        return redirect("sla:laws_here", clock.conversation_id)

    return view


@_acting
def extension(request: HttpRequest, clock: Clock) -> object:
    """The longer time that the law grants."""
    key, reason = request.POST.get("key", ""), request.POST.get("reason", "")
    return by_law.extend(clock, key, reason=reason, by=_person(request))


@_acting
def pausing(request: HttpRequest, clock: Clock) -> object:
    """The time stands still."""
    return by_law.pause(clock, reason=request.POST.get("reason", ""), by=_person(request))


@_acting
def resumption(request: HttpRequest, clock: Clock) -> object:
    """It runs on."""
    return by_law.resume(clock, by=_person(request))


@_acting
def final_reply(request: HttpRequest, clock: Clock) -> object:
    """What the law wants was sent."""
    return by_law.final_reply_sent(clock, by=_person(request))


@_acting
def withdrawal(request: HttpRequest, clock: Clock) -> object:
    """The law does not count here after all."""
    return by_law.withdraw(clock, reason=request.POST.get("reason", ""), by=_person(request))


def _show(request: HttpRequest, conversation: Conversation, problem: CareloopError | None = None) -> HttpResponse:
    now = timezone.now()
    clocks = Clock.objects.by_law().filter(conversation=conversation).order_by("stopped_at", "due_at", "id")
    rows = list(clocks.prefetch_related("extensions__by", "pauses__by"))
    shown = [each for clock in rows if (each := _shown(clock, now)) is not None]
    used = {law.regime.id for law in laws_in_use()}
    running = {clock.policy_row for clock in rows if clock.is_open}
    choices = [(each.id, each.jurisdiction, in_full(each), each.id in used) for each in shipped_regimes().values()]
    context = {
        "conversation": conversation,
        "running": [each for each in shown if each.line.clock.is_open],
        "ended": [each for each in shown if not each.line.clock.is_open],
        "choices": sorted((each for each in choices if each[0] not in running), key=lambda each: not each[3]),
        "today": timezone.localdate(timezone=ZoneInfo(_person(request).timezone)),
        "problem": problem,
        "posted": request.POST,
        "section": "desk",
    }
    return render(request, "sla/laws_here.html", context, status=problem.status if problem else 200)


def _shown(clock: Clock, now: datetime) -> Shown | None:
    regime = regime_of(clock)
    if regime is None:
        return None
    words, taken = in_full(regime), {each.key for each in clock.extensions.all()}
    is_long = clock.kind in (Clock.Kind.FINAL, Clock.Kind.CONTEXT) and clock.state == Clock.State.RUNNING
    longer = [each for each in words.extensions if is_long and each[0] not in taken]
    return Shown(law_line(clock, now), regime, words, longer)


def _conversation(request: HttpRequest, pk: int) -> Conversation:
    require(_person(request), Permission.CONVERSATION_REPLY)
    rows = Conversation.objects.visible_to(_person(request)).select_related("customer", "inbox", "team")
    return get_object_or_404(rows, pk=pk)


def _day(text: str, user: User) -> datetime:
    """The day something was received, as noon of that day where the person is; today is this moment."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("bad_day", _("Give the day it was received.")) from error
    zone = ZoneInfo(user.timezone)
    return timezone.now() if day == timezone.localdate(timezone=zone) else datetime.combine(day, time(12), zone)


def _person(request: HttpRequest) -> User:
    return cast(User, request.user)
