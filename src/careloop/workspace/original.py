"""A mail as its sender formatted it, harmless: no script, no style, no picture from elsewhere.

It was cleaned when it came in; it is cleaned again here, because what is shown to a colleague who is signed in must
not depend on every door having done its duty. A picture sent along (``cid:``) is shown from our own store. A picture
that lies elsewhere would tell its sender that the mail was opened, and from where: it is left out until a colleague
asks for it, and then this server fetches it (``workspace.pictures``), never the browser.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field

import nh3
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from careloop.conversations.models import Message

_TAGS = nh3.ALLOWED_TAGS - {"svg", "math", "map", "area", "bdo"}
_ATTRIBUTES = deepcopy(nh3.ALLOWED_ATTRIBUTES)
_ATTRIBUTES["img"] = {"src", "data-remote-src", "alt", "width", "height"}
_ATTRIBUTES["td"] = {"colspan", "rowspan", "align"}
_ATTRIBUTES["th"] = {"colspan", "rowspan", "align"}
_WITHIN = re.compile(r"data:image/(png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\s]*\Z", re.IGNORECASE)
# A mail with more pictures from elsewhere than this shows the first of them.
MOST_PICTURES = 60


@dataclass
class Original:
    """The mail's HTML with a gap for each picture that lies elsewhere; ``elsewhere`` are their addresses, in order."""

    html: str
    elsewhere: list[str] = field(default_factory=list)
    gap: str = ""

    def shown(self, pictures: Mapping[str, str]) -> SafeString:
        """Safe to print; ``pictures`` maps an address to what stands for it, the others stay away."""

        def filled(found: re.Match[str]) -> str:
            picture = pictures.get(self.elsewhere[int(found[1])])
            return f'src="{escape(picture)}"' if picture else ""

        return mark_safe(re.sub(rf'(?:data-remote-)?src="{self.gap}-(\d+)"', filled, self.html))  # noqa: S308


def original_of(message: Message) -> Original:
    """Clean the message's own HTML once more."""
    # Nobody who wrote a mail can know this word, so it marks gaps and nothing else.
    original = Original("", gap=secrets.token_hex(16))
    original.html = nh3.clean(
        message.html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_harmless(message, original),
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        link_rel="noopener noreferrer nofollow",
    )
    return original


def _harmless(message: Message, original: Original) -> Callable[[str, str, str], str | None]:
    number = message.conversation.number
    sent_along = {
        row.content_id.strip("<>"): reverse("workspace:attachment", args=[number, row.pk, row.name or "image"])
        for row in message.attachments.all()
        if row.content_id
    }

    def keep(tag: str, attribute: str, value: str) -> str | None:
        if tag == "img" and attribute in ("src", "data-remote-src"):
            if address := _elsewhere(value):
                return _gap(original, address)
            if attribute == "src" and _WITHIN.match(value):
                return value
            return sent_along.get(value.removeprefix("cid:")) if attribute == "src" else None
        return None if value.strip().lower().startswith("data:") else value

    return keep


def _elsewhere(value: str) -> str:
    """The address of a picture in the web; empty for any other."""
    address = value.strip()
    if address.startswith("//"):
        return f"https:{address}"
    return address if address.lower().startswith(("http://", "https://")) else ""


def _gap(original: Original, address: str) -> str | None:
    if address not in original.elsewhere:
        if len(original.elsewhere) >= MOST_PICTURES:
            return None
        original.elsewhere.append(address)
    return f"{original.gap}-{original.elsewhere.index(address)}"
