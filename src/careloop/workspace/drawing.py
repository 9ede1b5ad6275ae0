"""The parts of the desk that are drawn again and again: Jinja templates in ``parts/``.

They are compiled to Python and cost a fraction of Django's templates (docs/decisions/parts.md). Pages stay Django
templates and set parts in with ``{% part "rows.html" %}``; a view answers with one part through :func:`answer`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Field, Model
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils.formats import date_format, time_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext
from jinja2 import Environment
from markupsafe import Markup

from careloop.workspace import looks
from careloop.workspace.assets import asset_url, forget_on_rebuild
from careloop.workspace.set_words import PartsOfOneLanguage

PARTS = Path(__file__).parent / "parts"
# Stand-ins for numbers in an address while its pattern is worked out; no address of ours contains them otherwise.
STAND_IN = 9_000_000_001


def draw(request: HttpRequest, name: str, context: Mapping[str, Any]) -> Markup:
    """The part as it is for this request; ``user`` and ``csrf`` (the hidden field of a form) are always known."""
    known = {"user": getattr(request, "user", None), "csrf": csrf_field(request), "_": _words()}
    return Markup(_template(name).render(context, **known))  # noqa: S704


def answer(request: HttpRequest, name: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    return HttpResponse(draw(request, name, context), status=status)


def draw_alone(name: str, **values: Any) -> Markup:
    """A part that depends on nothing but these values, so that what it drew may be remembered."""
    return Markup(_template(name).render(values, _=_words()))  # noqa: S704


def draw_still(name: str) -> Markup:
    """A part that depends on nothing but the language."""
    return _still(name, get_language())


@lru_cache(maxsize=32)
def _still(name: str, _language: str) -> Markup:
    return draw_alone(name)


forget_on_rebuild(_still)


def choice_name(row: Model, field: str) -> str:
    """What Django's ``get_…_display`` gives, remembered for each language."""
    return _choice_name(row._meta.model, field, getattr(row, field), get_language())


@lru_cache(maxsize=1_000)
def _choice_name(model: type[Model], field: str, value: object, _language: str) -> str:
    chosen: Field[Any, Any] = model._meta.get_field(field)  # type: ignore[assignment]
    return str(dict(chosen.flatchoices).get(value, value))


def address(name: str, *numbers: int) -> str:
    """The address of a view whose arguments are numbers, made from a pattern that is worked out once."""
    return _pattern(name, len(numbers)).format(*numbers)


@lru_cache(maxsize=512)
def _pattern(name: str, count: int) -> str:
    stand_ins = [STAND_IN + place for place in range(count)]
    path = reverse(name, args=stand_ins)
    for place, stand_in in enumerate(stand_ins):
        path = path.replace(str(stand_in), f"{{{place}}}")
    return path


def csrf_field(request: HttpRequest) -> Markup:
    """One masked token a request: a mask for each of a page's twenty forms would cost more than the page."""
    field: Markup | None = getattr(request, "careloop_csrf", None)
    if field is None:
        field = Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(get_token(request))
        request.careloop_csrf = field  # type: ignore[attr-defined]
    return field


def _template(name: str) -> Any:
    return _environment(get_language()).get_template(name)


@cache
def _environment(_language: str | None) -> Environment:
    """One for each language: our own words are set in when a part is loaded."""
    still: dict[str, Callable[..., str]] = {"_": gettext, "icon": looks.icon, "url": address}
    environment = Environment(
        loader=PartsOfOneLanguage(PARTS, still), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        auto_reload=settings.DEBUG,
    )  # fmt: skip
    environment.globals.update(icon=looks.icon, url=address, slug_url=_slug_address, asset=asset_url)
    environment.filters.update(
        choice=choice_name,
        initial=looks.initial, tone=looks.tone, since=looks.since, file_size=looks.file_size, money=looks.money,
        order_status=looks.order_status, percent=looks.percent, moment=_moment, day=_day, hour=_hour,
        iso=lambda at: at.isoformat(), shortened=_shortened, line_breaks=linebreaksbr,
    )  # fmt: skip
    return environment


forget_on_rebuild(_environment)


def _words() -> Callable[[str], Markup]:
    """``_`` of a part: our own words in the reader's language. They may carry markup."""
    return _words_in(get_language() or "")


@cache
def _words_in(_language: str) -> Callable[[str], Markup]:
    return _Words().__getitem__


class _Words(dict[str, Markup]):
    """The words one language has been asked for; asking the catalogue each time would cost more than drawing."""

    def __missing__(self, source: str) -> Markup:
        words = self[source] = Markup(gettext(source))  # noqa: S704
        return words


@lru_cache(maxsize=512)
def _slug_address(name: str, slug: str) -> str:
    return reverse(name, args=[slug])


def _moment(at: Any) -> str:
    return date_format(localtime(at), "SHORT_DATETIME_FORMAT")


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _day(at: Any) -> str:
    return date_format(localtime(at), "SHORT_DATE_FORMAT")


def _hour(at: Any) -> str:
    return time_format(localtime(at), "H:i")
