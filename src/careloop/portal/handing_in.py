"""The portal's door: keep first, then carry the message along the road at once, so that the page shows its number."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from django.core import signing

from careloop.common.text.language import reply_language
from careloop.common.transaction import write
from careloop.conversations.models import Conversation, Inbox
from careloop.customers.models import Identity
from careloop.intake.models import RawMessage
from careloop.intake.services.keeping import keep
from careloop.lifecycle import inbound
from careloop.portal import uploads
from careloop.portal.shape import KnownAs, PortalMessage

if TYPE_CHECKING:
    from careloop.customers.models import Customer
    from careloop.portal.forms import MessageForm, NewMatterForm

ADAPTER = "portal"
RECEIPT_SALT = "careloop.portal.receipt"
RECEIPT_LASTS = timedelta(days=30)
# How long the page has to carry its message itself before a background job does.
HEAD_START = timedelta(seconds=20)

log = structlog.get_logger(__name__)


def hand_in(inbox: Inbox, form: NewMatterForm, *, screen_language: str) -> RawMessage:
    """Keep a new matter and try to carry it at once. Safe when the same form comes twice."""
    given = form.cleaned_data
    message = PortalMessage(
        kind=given["kind"], text=given["text"], remedy=given["remedy"], order_number=given["order_number"],
        name=given["name"], email=given["email"], phone=given["phone"],
        language=_language(given["text"], screen_language), files=uploads.keep(given["attachments"]),
        form_key=given["form_key"],
    )  # fmt: skip
    return _carry(_keep(inbox, message, given["form_key"]))


def add(conversation: Conversation, form: MessageForm) -> RawMessage:
    """Keep more words from the holder of a private link; the road decides what they do (reopen, start a clock)."""
    given = form.cleaned_data
    message = PortalMessage(
        kind="more", text=given["text"], language=_language(given["text"], conversation.language),
        files=uploads.keep(given["attachments"]), conversation=conversation.pk,
        known_as=_known_as(conversation.customer),
    )  # fmt: skip
    return _carry(_keep(conversation.inbox, message, given["form_key"]))


def receipt_of(raw: RawMessage) -> str:
    """A signed name of what was handed in, for the thank-you page."""
    return signing.dumps(raw.pk, salt=RECEIPT_SALT)


def raw_for(receipt: str) -> RawMessage | None:
    """What a genuine receipt names, with its conversation once there is one."""
    try:
        pk = signing.loads(receipt, salt=RECEIPT_SALT, max_age=RECEIPT_LASTS)
    except signing.BadSignature:
        return None
    return RawMessage.objects.select_related("message__conversation__customer").filter(pk=pk).first()


def _keep(inbox: Inbox, message: PortalMessage, form_key: str) -> RawMessage:
    """One form with one content is one row. Changed and sent again it is a second message of the same thread."""
    raw = message.model_dump_json().encode()
    external_id = f"{form_key}:{hashlib.sha256(raw).hexdigest()[:16]}"
    return keep(inbox, external_id, raw, adapter=ADAPTER, read_after=HEAD_START)


def _carry(row: RawMessage) -> RawMessage:
    """What fails here is not lost: the row is kept and its reading is ordered."""
    try:
        inbound.receive(row.pk)
    except Exception:
        log.exception("portal message not carried at once", raw=row.pk)
    row.refresh_from_db()
    return row


def _known_as(customer: Customer) -> KnownAs:
    """An identity of the customer; whoever has none gets one of our own making."""
    identity = customer.identities.order_by("-is_verified", "pk").first()
    if identity is None:
        with write():
            identity, _new = Identity.objects.get_or_create(
                kind="external", value=f"careloop-customer-{customer.pk}", defaults={"customer": customer}
            )
    return KnownAs.model_validate({"kind": identity.kind, "value": identity.value})


def _language(text: str, otherwise: str) -> Any:
    """What the words are written in; the screen's language when they do not tell."""
    return reply_language(text, otherwise="zh" if otherwise.startswith("zh") else "en")
