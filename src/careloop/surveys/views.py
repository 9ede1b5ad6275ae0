"""The page behind a survey's link: asks once, then shows the answer."""

from __future__ import annotations

from contextlib import suppress

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from careloop.common.errors import Conflict
from careloop.common.locale import prefer
from careloop.conversations.links import portal_token
from careloop.surveys.forms import AnswerForm
from careloop.surveys.models import Survey, SurveyAnswer
from careloop.surveys.questions import SCORE_FIELDS, answer_label, question
from careloop.surveys.services.answering import answer, says_no


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, token: str) -> HttpResponse:
    """In the customer's language, unless the reader chose another one here."""
    found = Survey.objects.select_related("conversation__customer", "answer").filter(token=token).first()
    if found is None:
        return _private(render(request, "surveys/missing.html", status=404))
    prefer(request, found.language)
    given = getattr(found, "answer", None)
    if request.method == "POST" and given is None:
        return _private(_take(request, found))
    return _private(_show(request, found, given) if given else _ask(request, found, AnswerForm()))


def _take(request: HttpRequest, found: Survey) -> HttpResponse:
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _ask(request, found, form, status=400)
    with suppress(Conflict):  # Two clicks at once: the first answer counts, and the page shows it.
        answer(found, solved=form.is_solved, scores=form.scores, comment=form.cleaned_data["comment"])
    return redirect("surveys:survey", token=found.token)


def _ask(request: HttpRequest, found: Survey, form: AnswerForm, status: int = 200) -> HttpResponse:
    return render(request, "surveys/ask.html", {"form": form, **_about(found)}, status=status)


def _show(request: HttpRequest, found: Survey, given: SurveyAnswer) -> HttpResponse:
    language = translation.get_language()
    lines = [
        (question(name, language), getattr(given, name), answer_label(getattr(given, name), language))
        for name in SCORE_FIELDS
    ]
    solved = question("solved", language), answer_label("solved_yes" if given.solved else "solved_no", language)
    context = {"given": given, "lines": lines, "solved": solved, "says_no": says_no(given), **_about(found)}
    return render(request, "surveys/answered.html", context)


def _about(found: Survey) -> dict[str, object]:
    case_url = f"/p/{portal_token(found.conversation)}"
    return {"survey": found, "conversation": found.conversation, "case_url": case_url}


def _private(response: HttpResponse) -> HttpResponse:
    """Named by a secret link: no search engine keeps it, no page is told where the reader came from."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Content-Language"] = translation.get_language()
    return response
