"""Which adapter reads the raw rows of which door."""

from __future__ import annotations

ADAPTERS: dict[str, str] = {
    "portal": "careloop.portal.adapter.PortalAdapter",
    "email": "careloop.channels.email.adapter.EmailAdapter",
    "json": "careloop.channels.api.adapter.JsonAdapter",
    "phone": "careloop.channels.phone.adapter.PhoneAdapter",
}
