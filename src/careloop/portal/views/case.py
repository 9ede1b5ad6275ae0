"""One matter behind its private link: follow it, add to it, fetch its files."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from careloop.common.errors import NotFound, TooMany
from careloop.common.http import address_of
from careloop.common.locale import prefer
from careloop.conversations.links import conversation_for, portal_token
from careloop.conversations.models import Conversation
from careloop.files.answering import file_answer
from careloop.files.sniffing import SAFE_INLINE
from careloop.intake.models import RawMessage
from careloop.portal.forms import MessageForm, new_key
from careloop.portal.guarding import not_found, private, takes_files
from careloop.portal.handing_in import add
from careloop.portal.limiter import knock
from careloop.portal.lines import lines_of, public_attachment
from careloop.portal.moments import zone_of
from careloop.portal.shape import MOST_FILES
from careloop.portal.tracking import progress_of
from careloop.portal.uploads import readable


@never_cache
@require_safe
def case(request: HttpRequest, token: str) -> HttpResponse:
    """The whole page, in the customer's language and zone."""
    conversation = conversation_for(token)
    if conversation is None:
        return not_found(request)
    merged = conversation.merged_into
    if merged is not None and merged.customer_id == conversation.customer_id:
        return redirect("portal:case", token=portal_token(merged))
    return _page(request, conversation, token, MessageForm(initial={"form_key": new_key()}))


@never_cache
@require_safe
def progress(request: HttpRequest, token: str) -> HttpResponse:
    """The part that changes while the page is open."""
    conversation = conversation_for(token)
    if conversation is None:
        return not_found(request)
    return _render(request, conversation, token, "portal/_case.html", {})


@takes_files
@require_POST
def add_message(request: HttpRequest, token: str) -> HttpResponse:
    """More words from the customer; on a resolved matter they open it again."""
    conversation = conversation_for(token)
    if conversation is None:
        return not_found(request)
    prefer(request, conversation.language)
    form = MessageForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, conversation, token, form, status=400)
    try:
        knock(address_of(request))
    except TooMany as error:
        form.add_error(None, str(error))
        return _page(request, conversation, token, form, status=error.status)
    raw = add(conversation, form)
    messages.success(request, _arrived(raw))
    return redirect("portal:case", token=token)


@never_cache
@require_safe
def attachment(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """A file of a public message. It is never run and never guessed at by the browser."""
    conversation = conversation_for(token)
    row = public_attachment(conversation, pk) if conversation is not None and pk < 2**63 else None
    if row is None:
        return not_found(request)
    try:
        is_shown = row.content_type in SAFE_INLINE
        return private(file_answer(request, row.blob, name=row.name, content_type=row.content_type, is_shown=is_shown))
    except NotFound:
        return not_found(request)


def _page(
    request: HttpRequest, conversation: Conversation, token: str, form: MessageForm, status: int = 200
) -> HttpResponse:
    if form.is_bound:
        form.with_new_key()
    context = {
        "form": form,
        "portal_stream_url": f"{settings.CARELOOP_STREAM_URL}/tracker/{token}",
        "largest": readable(settings.CARELOOP_LARGEST_UPLOAD),
        "most_files": MOST_FILES,
    }
    return _render(request, conversation, token, "portal/case.html", context, status=status)


def _render(
    request: HttpRequest, conversation: Conversation, token: str, template: str,
    context: dict[str, Any], status: int = 200,
) -> HttpResponse:  # fmt: skip
    prefer(request, conversation.language)
    before = request.GET.get("before", "")
    with timezone.override(zone_of(conversation.customer)):
        lines, earlier = lines_of(conversation, token, before=int(before) if _is_row(before) else None)
        shown = {
            "conversation": conversation, "token": token, "progress": progress_of(conversation),
            "lines": lines, "earlier": earlier, "is_past": bool(before),
        }  # fmt: skip
        return private(render(request, template, {**context, **shown}, status=status))


def _arrived(raw: RawMessage) -> str:
    if raw.message_id is not None:
        return _("Thank you, your message has arrived.")
    return _("Your message is safe and appears here shortly.")


def _is_row(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) < 19
