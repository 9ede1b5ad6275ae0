"""A customer at the portal, with a browser and a form."""

from __future__ import annotations

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from careloop.conversations.links import portal_token
from careloop.conversations.models import Conversation

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"

COMPLAINT = {
    "kind": "complaint",
    "text": "我买的面霜用了两天就过敏了。脸上又红又痒，已经停用。",
    "remedy": "希望全额退款",
    "order_number": "HM20261103",
    "name": "王雨晴",
    "email": "Yuqing.Wang@example.com",
}


def photo(name: str = "脸颊.png", data: bytes = PNG, claimed: str = "image/png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type=claimed)


def form_key(client: Client, address: str = "/portal/") -> str:
    """The key of the form as the page shows it."""
    found = re.search(r'name="form_key" value="([^"]+)"', client.get(address).text)
    assert found is not None
    return found.group(1)


def hand_in(client: Client, *, key: str = "", **changes: Any) -> Any:
    return client.post("/portal/", {**COMPLAINT, "form_key": key or form_key(client), **changes})


def case_address(conversation: Conversation) -> str:
    return f"/p/{portal_token(conversation)}"


def write_more(client: Client, conversation: Conversation, words: str, **changes: Any) -> Any:
    address = case_address(conversation)
    data = {"text": words, "form_key": form_key(client, address), **changes}
    return client.post(f"{address}/messages", data)
