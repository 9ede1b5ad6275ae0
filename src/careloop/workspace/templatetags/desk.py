"""Small words for templates; each one asks :mod:`careloop.workspace.looks`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.safestring import SafeString
from markupsafe import Markup

from careloop.workspace import drawing, looks
from careloop.workspace.assets import FrontEndMissing, asset_url

register = template.Library()

register.filter("initial", looks.initial)
register.filter("tone", looks.tone)
register.filter("since", looks.since)
register.filter("day_name", looks.day_name)
register.filter("file_size", looks.file_size)
register.filter("money", looks.money)
register.filter("order_status", looks.order_status)
register.filter("percent", looks.percent)


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    return looks.icon(name, css)


@register.simple_tag
def asset(name: str) -> str:
    return asset_url(name)


@register.simple_tag
def asset_if_built(name: str) -> str:
    """For the page of last resort, which must not fail itself."""
    try:
        return asset_url(name)
    except FrontEndMissing:
        return ""


@register.filter
def is_past(moment: datetime) -> bool:
    return moment < timezone.now()


@register.simple_tag
def still(name: str) -> Markup:
    """A part that is the same for everybody who reads in this language."""
    return drawing.draw_still(name)


@register.simple_tag(takes_context=True)
def part(context: Context, name: str) -> Markup:
    """A part of the desk (``workspace/parts``) with all that this page knows."""
    known: dict[str, Any] = context.flatten()  # type: ignore[assignment]
    return drawing.draw(context["request"], name, known)


@register.filter
def get(mapping: dict[object, object], key: object) -> object:
    return mapping.get(key)
