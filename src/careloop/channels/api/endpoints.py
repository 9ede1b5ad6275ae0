"""``/api/v1/``: JSON in, one service, JSON out."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Header, Query, Router, Status

from careloop.accounts.permissions import Permission, require
from careloop.audit.models import SensitiveRead
from careloop.audit.services.reading import note_read
from careloop.channels.api import auth
from careloop.channels.api.adapter import claims_of
from careloop.channels.api.presenting import conversation_out, message_out, raw_out
from careloop.channels.api.schemas import (
    ConversationOut,
    ConversationPage,
    MessageIn,
    MessageOut,
    MessageState,
    NoteIn,
    ReplyIn,
    ResolutionIn,
)
from careloop.common.cursors import read_cursor, write_cursor
from careloop.common.db.rows import find
from careloop.common.errors import Conflict, InvalidInput, NotFound
from careloop.common.http import address_of
from careloop.conversations import lanes
from careloop.conversations.models import Conversation, Inbox
from careloop.conversations.models.conversation import State
from careloop.conversations.services import posting, resolution
from careloop.intake.models import RawMessage
from careloop.intake.services.keeping import keep
from careloop.replies.services.sending import send_reply

router = Router(auth=auth.Bearer())

PAGE = 50
Sort = Literal["activity", "due"]
SORTS: dict[Sort, lanes.Order] = {"activity": lanes.LATEST_ACTIVITY, "due": lanes.SOONEST_DUE}
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=200)]


@router.post("/messages", response={202: MessageState, 200: MessageState}, summary="Hand in a message")
def post_message(request: HttpRequest, payload: MessageIn, idempotency_key: Key) -> Status[MessageState]:
    """Kept before it is read: a 202 means it is safe. The same key again answers 200 and changes nothing."""
    token = auth.require_scope(request, auth.MESSAGES_WRITE)
    inbox = _inbox(payload.inbox)
    if not claims_of(payload.sender):
        raise InvalidInput("sender_unknown", _("Give the sender's e-mail, phone or id."), data={"field": "sender"})
    fingerprint = hashlib.sha256(request.body).hexdigest()
    raw = keep(
        inbox, f"{token.pk}:{idempotency_key}", payload.model_dump_json().encode(),
        adapter="json", meta={"fingerprint": fingerprint, "token": token.pk},
    )  # fmt: skip
    if raw.meta.get("fingerprint") != fingerprint:
        raise Conflict("key_reused", _("This idempotency key was used for another message."))
    is_new = raw.state == RawMessage.State.KEPT
    return Status(202 if is_new else 200, raw_out(raw))


@router.get("/messages/{message_id}", response=MessageState, summary="What became of a message")
def get_message(request: HttpRequest, message_id: int) -> MessageState:
    token = auth.require_scope(request, auth.MESSAGES_WRITE)
    raw = RawMessage.objects.select_related("message").filter(pk=_row(message_id), meta__token=token.pk).first()
    if raw is None:
        raise _missing()
    return raw_out(raw)


@router.get("/conversations", response=ConversationPage, summary="Conversations, latest activity first")
def list_conversations(
    request: HttpRequest, state: str = "", sort: Sort = "activity", after: Annotated[str, Query(max_length=200)] = ""
) -> ConversationPage:
    """All that the token's person may see, or those in one state; ``sort=due`` gives what has a deadline, soonest
    first. Read from the heads of lanes, so that a page takes the same time on a desk of any size."""
    token = auth.require_scope(request, auth.CONVERSATIONS_READ)
    order = SORTS[sort]
    theirs = lanes.of_teams(token.user, *[f"state = '{each}'" for each in _states(state)])
    rows = Conversation.objects.for_list().filter(lanes.heads(theirs, order, read_cursor(after), PAGE + 1))
    found = list(rows.order_by(*order.fields)[: PAGE + 1])
    page = found[:PAGE]
    following = write_cursor(getattr(page[-1], order.column), page[-1].pk) if len(found) > PAGE else ""
    return ConversationPage(items=[conversation_out(each) for each in page], next=following)


@router.get("/conversations/{reference}", response=ConversationOut, summary="One conversation")
def get_conversation(request: HttpRequest, reference: str) -> ConversationOut:
    return conversation_out(_read(request, reference))


@router.get("/conversations/{reference}/messages", response=list[MessageOut], summary="What was said")
def list_messages(request: HttpRequest, reference: str, after: int = 0) -> list[MessageOut]:
    """Oldest first, at most 50; pass the last id as ``after`` to read on."""
    conversation = _read(request, reference)
    rows = conversation.messages.select_related("author", "customer", "delivery").filter(pk__gt=_row(after))
    return [message_out(each) for each in rows.order_by("pk")[:PAGE]]


@router.post("/conversations/{reference}/replies", response={201: MessageOut}, summary="Answer the customer")
def post_reply(request: HttpRequest, reference: str, payload: ReplyIn) -> Status[MessageOut]:
    """Checked as on the desk: a reply that a check stops is refused with its findings, unless a reason is given."""
    conversation = _conversation(request, reference, auth.CONVERSATIONS_WRITE)
    user = request.auth.user  # type: ignore[attr-defined]
    require(user, Permission.CONVERSATION_REPLY)
    if payload.override_reason:
        require(user, Permission.REPLY_OVERRIDE)
    sent = send_reply(conversation, by=user, text=payload.text, override_reason=payload.override_reason)
    return Status(201, message_out(sent))


@router.post("/conversations/{reference}/notes", response={201: MessageOut}, summary="Leave an internal note")
def post_note(request: HttpRequest, reference: str, payload: NoteIn) -> Status[MessageOut]:
    conversation = _conversation(request, reference, auth.CONVERSATIONS_WRITE)
    user = request.auth.user  # type: ignore[attr-defined]
    require(user, Permission.CONVERSATION_REPLY)
    return Status(201, message_out(posting.post_note(conversation, by=user, text=payload.text)))


@router.post("/conversations/{reference}/resolution", response=ConversationOut, summary="Resolve")
def post_resolution(request: HttpRequest, reference: str, payload: ResolutionIn) -> ConversationOut:
    conversation = _conversation(request, reference, auth.CONVERSATIONS_WRITE)
    user = request.auth.user  # type: ignore[attr-defined]
    require(user, Permission.CONVERSATION_RESOLVE)
    resolution.resolve(conversation, by=user, **payload.model_dump())
    return conversation_out(conversation)


def _read(request: HttpRequest, reference: str) -> Conversation:
    """The same to be read, which a sensitive one remembers."""
    found = _conversation(request, reference, auth.CONVERSATIONS_READ)
    user = request.auth.user  # type: ignore[attr-defined]
    note_read(user, found.pk, door=SensitiveRead.Door.API, address=address_of(request))
    return found


def _conversation(request: HttpRequest, reference: str, scope: str) -> Conversation:
    token = auth.require_scope(request, scope)
    found = Conversation.objects.visible_to(token.user).for_list().numbered(reference).first()
    if found is None:
        raise _missing()
    return found


def _states(state: str) -> list[str]:
    """The one asked for, or all. Raises :class:`InvalidInput` for what is no state."""
    known = list(State.values)
    if state and state not in known:
        sentence = _("There is no such state. Choose one of: %(states)s.") % {"states": ", ".join(known)}
        raise InvalidInput("state_unknown", sentence, data={"field": "state"})
    return [state] if state else known


def _inbox(slug: str) -> Inbox:
    inbox = find(Inbox, "slug", slug)
    if inbox is None or not inbox.is_active:
        raise InvalidInput("inbox_unknown", _("There is no such inbox."), data={"field": "inbox"})
    return inbox


def _row(number: int) -> int:
    """A number that can be a row's; others find nothing instead of troubling the database."""
    return number if 0 <= number < 2**63 else 0


def _missing() -> NotFound:
    return NotFound("not_found", _("There is nothing here that you may see."))
