"""A mail as its sender formatted it, harmless: no script, no style, no picture from elsewhere.

It was cleaned when it came in; it is cleaned again here, because what is shown to a colleague who is signed in must
not depend on every door having done its duty. A picture sent along (``cid:``) is shown from our own store.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import nh3
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from careloop.conversations.models import Message

_TAGS = nh3.ALLOWED_TAGS - {"svg", "math", "map", "area", "bdo"}
_ATTRIBUTES = deepcopy(nh3.ALLOWED_ATTRIBUTES)
_ATTRIBUTES["img"] = {"src", "alt", "width", "height"}
_ATTRIBUTES["td"] = {"colspan", "rowspan", "align"}
_ATTRIBUTES["th"] = {"colspan", "rowspan", "align"}


def original_html(message: Message) -> SafeString:
    """The message's own HTML, safe to print."""
    return mark_safe(  # noqa: S308
        nh3.clean(
            message.html,
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            attribute_filter=_only_our_pictures(message),
            url_schemes={"http", "https", "mailto", "tel", "cid"},
            link_rel="noopener noreferrer nofollow",
        )
    )


def _only_our_pictures(message: Message) -> Callable[[str, str, str], str | None]:
    number = message.conversation.number
    sent_along = {
        row.content_id.strip("<>"): reverse("workspace:attachment", args=[number, row.pk, row.name or "image"])
        for row in message.attachments.all()
        if row.content_id
    }

    def keep(tag: str, attribute: str, value: str) -> str | None:
        if tag == "img" and attribute == "src":
            return sent_along.get(value.removeprefix("cid:"))
        return value

    return keep
