"""What people fill in at the desk, checked once at this door."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from careloop.accounts.models import Team, User
from careloop.conversations.models import Conversation, Resolution
from careloop.triage.labels import choices

YES_NO = (("yes", _("Yes")), ("no", _("No")), ("", _("Not known")))
MORNING = time(9)


class ResolutionForm(forms.Form):
    solved = forms.ChoiceField(label=_("Is it solved?"), choices=YES_NO, required=False, initial="yes")
    satisfied = forms.ChoiceField(label=_("Is the customer satisfied?"), choices=YES_NO, required=False, initial="")
    outcome = forms.ChoiceField(label=_("Outcome"), choices=Resolution.Outcome.choices)
    cause = forms.ChoiceField(label=_("Cause"), choices=Resolution.Cause.choices)
    note = forms.CharField(label=_("Note"), required=False, max_length=2000)

    def clean_solved(self) -> bool | None:
        answer = _yes_no(self.cleaned_data["solved"])
        if answer is False:
            raise forms.ValidationError(_("Then it stays open. Write an internal note saying what is still missing."))
        return answer

    def clean_satisfied(self) -> bool | None:
        return _yes_no(self.cleaned_data["satisfied"])


class AssignmentForm(forms.Form):
    """One field names the new owner: ``user:7``, or ``team:2`` for that team's queue."""

    owner = forms.CharField(required=True, error_messages={"required": _("Choose a colleague or a team.")})
    reason = forms.CharField(label=_("Why"), required=False, max_length=200)

    def __init__(self, *args: Any, conversation: Conversation | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conversation = conversation
        self.teams = list(Team.objects.order_by("name").prefetch_related("members"))

    def clean(self) -> dict[str, Any]:
        kind, _colon, key = self.cleaned_data.get("owner", "").partition(":")
        for team in self.teams:
            if kind == "team" and key == str(team.pk):
                return self._to(None, team)
            for user in team.members.all():
                if kind == "user" and key == f"{user.pk}@{team.pk}" and user.is_active:
                    return self._to(user, team)
        if not self.errors:
            self.add_error("owner", _("Choose a colleague or a team."))
        return {}

    def _to(self, user: User | None, team: Team) -> dict[str, Any]:
        return {"user": user, "team": team, "reason": self.cleaned_data.get("reason", "")}


class CallForm(forms.Form):
    """Short enough to fill in while talking: only the notes, and the number where nothing else names the caller."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    caller = forms.CharField(
        label=_("Number"), min_length=3, max_length=64, error_messages={"required": _("Say who called: a number.")}
    )
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    direction = forms.ChoiceField(
        label=_("Who called?"), choices=(("in", _("The customer")), ("out", _("We did"))), initial="in"
    )
    started_at = forms.DateTimeField(label=_("When"), required=False)
    notes = forms.CharField(
        label=_("What was said"), max_length=50_000, error_messages={"required": _("Note what was said.")}
    )

    def clean_started_at(self) -> datetime:
        return self.cleaned_data["started_at"] or timezone.now()


class AlarmForm(forms.Form):
    label = forms.ChoiceField(
        label=_("What kind of danger is it?"),
        choices=[each for each in choices("crisis") if each[0] != "none"],
        error_messages={"required": _("Choose what kind of danger it is.")},
    )


class SnoozeForm(forms.Form):
    wake_at = forms.DateTimeField(
        label=_("Until"), error_messages={"required": _("Choose a moment."), "invalid": _("Choose a moment.")}
    )

    def clean_wake_at(self) -> datetime:
        moment: datetime = self.cleaned_data["wake_at"]
        if moment <= timezone.now():
            raise forms.ValidationError(_("Choose a moment in the future."))
        return moment


def snooze_moments() -> list[tuple[str, str, str]]:
    """Moments people usually mean, each as (value, label, when it is)."""
    now = timezone.localtime()
    tomorrow = _at_morning(now + timedelta(days=1))
    monday = _at_morning(now + timedelta(days=7 - now.weekday()))
    choices = (
        (now + timedelta(hours=1), pgettext("set aside", "for an hour")),
        (now + timedelta(hours=4), pgettext("set aside", "for four hours")),
        (tomorrow, pgettext("set aside", "until tomorrow morning")),
        (tomorrow + timedelta(days=2), pgettext("set aside", "for three days")),
        (monday, pgettext("set aside", "until Monday")),
    )
    return [(moment.strftime("%Y-%m-%dT%H:%M"), label, date_format(moment, "m-d H:i")) for moment, label in choices]


def _at_morning(moment: datetime) -> datetime:
    return moment.replace(hour=MORNING.hour, minute=0, second=0, microsecond=0)


def _yes_no(answer: str) -> bool | None:
    return {"yes": True, "no": False}.get(answer)
