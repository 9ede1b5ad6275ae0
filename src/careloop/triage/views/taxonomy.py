"""The taxonomy page: what messages may be about, in both languages, and every change of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from careloop.accounts.models import User
from careloop.accounts.permissions import Permission, require
from careloop.common.errors import CareloopError, NotAllowed
from careloop.triage.engine.taxonomy import SECTORS, packaged_pack
from careloop.triage.models import TaxonomyChange, TaxonomyLabel
from careloop.triage.services import splitting
from careloop.triage.services import taxonomy as changing
from careloop.triage.services.taxonomy import PartOfSplit, Wording, terms_from

CHANGES_SHOWN = 12
PARTS_OFFERED = 3

Action = Callable[..., TaxonomyLabel | None]


@require_safe
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """All labels by nature; one of them, by ``?label=``, with its forms."""
    require(_user(request), Permission.TAXONOMY_EDIT)
    return _show(request, request.GET.get("label", ""))


def _acting(action: Action) -> Callable[..., HttpResponse]:
    """The door of every change; what is refused comes back with its reason and with what was typed."""

    @require_POST
    @login_required
    @wraps(action)
    def view(request: HttpRequest, **names: str) -> HttpResponse:
        require(_user(request), Permission.TAXONOMY_EDIT)
        try:
            label = action(request, **names)
        except NotAllowed:
            raise
        except CareloopError as problem:
            return _show(request, names.get("key", ""), problem)
        messages.success(request, _("Saved. It holds from the next message on."))
        chosen = f"?label={label.key}" if label is not None else ""
        return redirect(f"{reverse('triage:taxonomy')}{chosen}")

    return view


@_acting
def labels(request: HttpRequest) -> TaxonomyLabel:
    """A new leaf."""
    parent = _found(request.POST.get("parent", ""))
    return changing.add(parent, request.POST.get("key", "").strip(), _wording(request.POST), by=_user(request))


@_acting
def wording(request: HttpRequest, key: str) -> TaxonomyLabel:
    """Names, descriptions and terms of one label."""
    return changing.rename(_found(key), _wording(request.POST), by=_user(request))


@_acting
def place(request: HttpRequest, key: str) -> TaxonomyLabel:
    """Under another nature."""
    return changing.move(_found(key), _found(request.POST.get("parent", "")), by=_user(request))


@_acting
def retirement(request: HttpRequest, key: str) -> TaxonomyLabel:
    """No longer chosen or predicted."""
    return changing.retire(_found(key), by=_user(request))


@_acting
def restoration(request: HttpRequest, key: str) -> TaxonomyLabel:
    """Back in use; a merge is undone."""
    return changing.restore(_found(key), by=_user(request))


@_acting
def merger(request: HttpRequest, key: str) -> TaxonomyLabel:
    """It means another label from now on."""
    return changing.merge(_found(key), _found(request.POST.get("into", "")), by=_user(request))


@_acting
def parts(request: HttpRequest, key: str) -> TaxonomyLabel:
    """Several leaves instead of one."""
    label = _found(key)
    changing.split(label, _parts(request), by=_user(request))
    return label


@_acting
def continuation(request: HttpRequest, key: str) -> TaxonomyLabel:
    """The rest of a split that was held up is carried over."""
    label = _found(key)
    change = label.changes.filter(kind=TaxonomyChange.Kind.SPLIT).order_by("-pk").first()
    if change is None:
        raise Http404
    splitting.go_on(change, by=_user(request))
    return label


@_acting
def packs(request: HttpRequest) -> None:
    """The shipped labels of one more sector."""
    changing.load_sector(request.POST.get("sector", ""), by=_user(request))


def _show(request: HttpRequest, key: str, problem: CareloopError | None = None) -> HttpResponse:
    rows = list(TaxonomyLabel.objects.in_order().select_related("parent", "merged_into"))
    chosen = next((row for row in rows if row.key == key), None)
    loaded = changing.loaded_sectors()
    context = {
        "natures": [_branch(row, rows) for row in rows if row.parent_id is None],
        "chosen": chosen,
        "others": [row for row in rows if row.parent_id and row.retired_at is None and row != chosen],
        "terms": {language: _as_lines(chosen, language) for language in ("zh", "en")},
        "parts": range(1, PARTS_OFFERED + 1),
        "changes": TaxonomyChange.objects.select_related("label", "by").order_by("-id")[:CHANGES_SHOWN],
        "packs": [packaged_pack(sector) for sector in SECTORS if sector not in loaded],
        "problem": problem,
        "posted": request.POST,
        "section": "taxonomy",
    }
    return render(request, "triage/taxonomy.html", context, status=problem.status if problem else 200)


def _branch(nature: TaxonomyLabel, rows: list[TaxonomyLabel]) -> dict[str, Any]:
    leaves = [row for row in rows if row.parent_id == nature.pk]
    return {
        "label": nature,
        "leaves": [row for row in leaves if row.retired_at is None],
        "gone": [row for row in leaves if row.retired_at is not None],
    }


def _as_lines(label: TaxonomyLabel | None, language: str) -> str:
    """Terms as they are typed: one a line, the weight behind it where it is not the ordinary one."""
    told = label.terms.get(language, []) if label else []
    return "\n".join(
        term if weight == changing.ORDINARY_WEIGHT else f"{term} = {round(weight)}" for term, weight in told
    )


def _wording(posted: Any, suffix: str = "") -> Wording:
    def said(name: str) -> str:
        return str(posted.get(f"{name}{suffix}", ""))

    terms = {language: terms_from(said(f"terms_{language}")) for language in ("zh", "en")}
    return Wording(said("name"), said("name_zh"), said("description"), said("description_zh"), terms)


def _parts(request: HttpRequest) -> list[PartOfSplit]:
    """Those of the offered parts in which anything was typed."""
    found = []
    for number in range(1, changing.MOST_PARTS + 1):
        key = request.POST.get(f"key-{number}", "").strip()
        if key or request.POST.get(f"name-{number}", "").strip():
            found.append(PartOfSplit(key, _wording(request.POST, f"-{number}")))
    return found


def _found(key: str) -> TaxonomyLabel:
    row = TaxonomyLabel.objects.filter(key=key[:64]).first()
    if row is None:
        raise Http404
    return row


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
