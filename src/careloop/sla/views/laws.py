"""The page of the laws: what ships, what is uncertain of it, and for which work each is switched on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from careloop.accounts.models import Team, User
from careloop.accounts.permissions import Permission, require
from careloop.business_hours.models import Calendar, Confidence
from careloop.common.errors import CareloopError, NotAllowed
from careloop.conversations.models import Inbox
from careloop.sla.models import RegimeInUse
from careloop.sla.regimes import Regime, shipped_regimes
from careloop.sla.services.switching import switch_off, switch_on
from careloop.sla.wording import Wording, in_full
from careloop.triage.labels import LABEL_NAMES

SELECT = {"class": "select select-sm w-full"}


class SwitchForm(forms.Form):
    """For which work one law is switched on; what is left empty fits everything."""

    regime = forms.ChoiceField(label=gettext_lazy("Law"), widget=forms.Select(attrs=SELECT))
    inbox = forms.ModelChoiceField(
        Inbox.objects.none(), required=False, label=gettext_lazy("Inbox"), empty_label=gettext_lazy("Every inbox"),
        widget=forms.Select(attrs=SELECT),
    )  # fmt: skip
    team = forms.ModelChoiceField(
        Team.objects.none(), required=False, label=gettext_lazy("Team"), empty_label=gettext_lazy("Every team"),
        widget=forms.Select(attrs=SELECT),
    )  # fmt: skip
    nature = forms.ChoiceField(required=False, label=gettext_lazy("Nature"), widget=forms.Select(attrs=SELECT))
    calendar = forms.ModelChoiceField(
        Calendar.objects.none(), required=False, label=gettext_lazy("Holidays and place of"),
        empty_label=gettext_lazy("None: Monday to Friday"), widget=forms.Select(attrs=SELECT),
        help_text=gettext_lazy("Of a calendar its holidays, swapped workdays and time zone count, not its hours."),
    )  # fmt: skip

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        natures: list[tuple[str, str | Promise]] = [("", _("Every nature")), *LABEL_NAMES["nature"].items()]
        chosen = self.fields
        cast(forms.ChoiceField, chosen["regime"]).choices = [
            (regime.id, f"{regime.jurisdiction} · {in_full(regime).name}") for regime in shipped_regimes().values()
        ]
        cast(forms.ChoiceField, chosen["nature"]).choices = natures
        for name, model in (("inbox", Inbox), ("team", Team), ("calendar", Calendar)):
            cast(Any, chosen[name]).queryset = model._default_manager.all()


@dataclass(frozen=True)
class Shown:
    """One law as the page shows it."""

    regime: Regime
    words: Wording
    confidence: str
    uses: list[RegimeInUse]


@login_required
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """All laws that ship; POST switches one on."""
    user = _administrator(request)
    form = SwitchForm(request.POST or None)
    problem: CareloopError | None = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            switch_on(given.pop("regime"), by=user, **given)
        except NotAllowed:
            raise
        except CareloopError as refused:
            problem = refused
        else:
            messages.success(request, _("Switched on. It counts for complaints that come in from now on."))
            return redirect("sla:laws")
    is_bad = problem is not None or (request.method == "POST" and not form.is_valid())
    context = {"laws": _shown(), "form": form, "problem": problem, "section": "laws"}
    return render(request, "sla/laws.html", context, status=(problem.status if problem else 400) if is_bad else 200)


@login_required
@require_POST
def off(request: HttpRequest, pk: int) -> HttpResponse:
    """Start nothing more by this row."""
    user = _administrator(request)
    switch_off(get_object_or_404(RegimeInUse, pk=pk), by=user)
    messages.success(request, _("Switched off. Clocks that run already stay owed."))
    return redirect("sla:laws")


def _administrator(request: HttpRequest) -> User:
    user = cast(User, request.user)
    require(user, Permission.SETTINGS_EDIT)
    return user


def _shown() -> list[Shown]:
    """In use first, then as they ship."""
    rows = list(RegimeInUse.objects.select_related("inbox", "team", "calendar", "by"))
    for row in rows:
        row.nature_name = LABEL_NAMES["nature"].get(row.nature, row.nature)  # type: ignore[attr-defined]
    found = [
        Shown(
            regime, in_full(regime), str(Confidence(regime.confidence).label),
            [row for row in rows if row.regime == regime.id],
        )
        for regime in shipped_regimes().values()
    ]  # fmt: skip
    return sorted(found, key=lambda each: not each.uses)
