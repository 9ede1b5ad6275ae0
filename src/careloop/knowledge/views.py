"""The knowledge pages: colleagues read, search, write and publish; customers read what is public."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from careloop.accounts.guarding import colleague
from careloop.accounts.permissions import Permission, can
from careloop.common.errors import CareloopError, InvalidInput
from careloop.knowledge.finding import find_articles
from careloop.knowledge.forms import ArticleForm, initial_of
from careloop.knowledge.models import Article, screen_language
from careloop.knowledge.services import writing

if TYPE_CHECKING:
    from careloop.accounts.models import User

PAGE = 40
OFFERED = 3
LONGEST_QUESTION = 600
LEAST_QUESTION = 6


@require_safe
@colleague(Permission.KNOWLEDGE_READ)
def articles(request: HttpRequest) -> HttpResponse:
    """What fits the words, or all of it by section and state, newest first."""
    query = request.GET.get("q", "").strip()[:LONGEST_QUESTION]
    chosen = {name: request.GET.get(name, "") for name in ("section", "state")}
    rows, after = ([], "") if query else _page(request, chosen)
    context = {
        **_frame(request), "query": query, "rows": rows, "after": after,
        "in_section": chosen["section"], "in_state": chosen["state"],
        "found": find_articles(query, language=screen_language(), limit=PAGE) if query else [],
        "sections": Article.Section.choices, "states": Article.State.choices,
    }  # fmt: skip
    return render(request, "knowledge/articles.html", context)


@require_safe
@colleague(Permission.KNOWLEDGE_READ)
def article(request: HttpRequest, pk: int) -> HttpResponse:
    """Both languages as they were written last, and every step that was taken."""
    found = _found(pk)
    context = {
        **_frame(request), "article": found, "steps": found.steps.select_related("by").order_by("-pk")[:20],
        "versions": found.texts.select_related("by").order_by("-pk")[:20],
        "texts": [text for text in (found.newest_of("zh"), found.newest_of("en")) if text],
    }  # fmt: skip
    return render(request, "knowledge/article.html", context)


@require_http_methods(["GET", "POST"])
@colleague(Permission.KNOWLEDGE_WRITE)
def new(request: HttpRequest) -> HttpResponse:
    form = ArticleForm(request.POST or None, initial={"title_" + screen_language(): request.GET.get("title", "")[:160]})
    return _written(request, form, lambda: writing.write_article(
        **form.placing(), wordings=form.wordings(), by=_person(request)
    ))  # fmt: skip


@require_http_methods(["GET", "POST"])
@colleague(Permission.KNOWLEDGE_WRITE)
def text(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the next version; readers get it when it is published."""
    found = _found(pk)
    form = ArticleForm(request.POST or None, instance=found, initial=initial_of(found))
    return _written(request, form, lambda: writing.rewrite(
        _found(pk), **form.placing(), wordings=form.wordings(), seen=form.cleaned_data["seen"], by=_person(request)
    ), found)  # fmt: skip


@require_POST
@colleague(Permission.KNOWLEDGE_PUBLISH)
def publication(request: HttpRequest, pk: int) -> HttpResponse:
    writing.publish(_found(pk), by=_person(request))
    messages.success(request, _("Published."))
    return redirect("knowledge:article", pk)


@require_POST
@colleague(Permission.KNOWLEDGE_PUBLISH)
def retirement(request: HttpRequest, pk: int) -> HttpResponse:
    writing.retire(_found(pk), by=_person(request))
    messages.success(request, _("Retired. Its texts are kept."))
    return redirect("knowledge:article", pk)


@require_safe
def help_index(request: HttpRequest) -> HttpResponse:
    """The customers' page: search, or everything public by section."""
    query = request.GET.get("q", "").strip()[:LONGEST_QUESTION]
    language = screen_language()
    if query:
        found = find_articles(query, language=language, public_only=True, limit=PAGE)
        return render(request, "knowledge/help.html", {"query": query, "found": _lines(each.article for each in found)})
    rows = Article.objects.public().with_texts().order_by("section", "pk")[:300]
    return render(request, "knowledge/help.html", {"query": "", "sections": _by_section(rows)})


@require_safe
def help_article(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Article.objects.public().with_texts()
    found = rows.filter(pk=pk).first() if pk < 2**63 else None
    shown = found.live(screen_language()) if found else None
    if shown is None:
        raise Http404
    return render(request, "knowledge/help_article.html", {"article": found, "text": shown})


@require_POST
def offers(request: HttpRequest) -> HttpResponse:
    """A part for the portal's form: articles that may answer what a customer is typing.

    Posted, though it changes nothing, so that the customer's words stand in no address and no log.
    """
    question = request.POST.get("text", "").strip()[:LONGEST_QUESTION]
    if len(question) < LEAST_QUESTION:
        return HttpResponse()
    found = find_articles(question, language=screen_language(), public_only=True, limit=OFFERED)
    return render(request, "knowledge/_offers.html", {"found": _lines(each.article for each in found)})


def _written(
    request: HttpRequest, form: ArticleForm, write: Callable[[], Article], found: Article | None = None
) -> HttpResponse:
    status = 400 if form.is_bound and not form.is_valid() else 200
    if form.is_bound and form.is_valid():
        try:
            done = write()
        except CareloopError as problem:
            form.add_error(None, str(problem))
            status = problem.status
        else:
            messages.success(request, _("Kept. Readers get it when it is published."))
            return redirect("knowledge:article", done.pk)
    context = {**_frame(request), "form": form, "article": found}
    return render(request, "knowledge/text.html", context, status=status)


def _page(request: HttpRequest, chosen: dict[str, str]) -> tuple[list[Article], str]:
    before = request.GET.get("after", "")
    if before and not (before.isdecimal() and len(before) < 19):
        raise InvalidInput("bad_cursor", _("This page address is not valid. Start again from the first page."))
    rows = Article.objects.with_texts().latest_first(int(before) if before else None)
    if chosen["section"] in Article.Section.values:
        rows = rows.filter(section=chosen["section"])
    if chosen["state"] in Article.State.values:
        rows = rows.filter(state=chosen["state"])
    found = list(rows[: PAGE + 1])
    return found[:PAGE], str(found[PAGE - 1].pk) if len(found) > PAGE else ""


def _frame(request: HttpRequest) -> dict[str, Any]:
    return {
        "section": "knowledge",
        "may_write": bool(can(request.user, Permission.KNOWLEDGE_WRITE)),
        "may_publish": bool(can(request.user, Permission.KNOWLEDGE_PUBLISH)),
    }


def _found(pk: int) -> Article:
    row = Article.objects.with_texts().filter(pk=pk).first() if pk < 2**63 else None
    if row is None:
        raise Http404
    return row


def _lines(rows: Any) -> list[dict[str, Any]]:
    shown = ((row, row.live(screen_language())) for row in rows)
    return [{"article": row, "text": text} for row, text in shown if text is not None]


def _by_section(rows: Any) -> list[dict[str, Any]]:
    lines = _lines(rows)
    return [
        {"name": name, "lines": [each for each in lines if each["article"].section == section]}
        for section, name in Article.Section.choices
        if any(each["article"].section == section for each in lines)
    ]


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)
