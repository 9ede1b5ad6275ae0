"""Keep first, understand later."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from careloop.common.db.rows import insert
from careloop.common.transaction import attempt
from careloop.files import services as files
from careloop.intake.models import RawMessage

if TYPE_CHECKING:
    from careloop.conversations.models import Inbox

INLINE_BYTES = 64 * 1024
AT_ONCE = timedelta(0)
SAFETY_NET = timedelta(seconds=30)


def keep(
    inbox: Inbox,
    external_id: str,
    raw: bytes,
    *,
    adapter: str,
    meta: dict[str, Any] | None = None,
    received_at: datetime | None = None,
    read_after: timedelta = AT_ONCE,
) -> RawMessage:
    """Store what came in and order its reading, in one committed transaction.

    Idempotent by inbox and external id: the same delivery again returns the row that is there. When this
    returns, a crash loses nothing. Large bodies are written to a file first, so that no row names bytes
    that do not exist. A door that goes on to read the row itself passes ``read_after``: the job is then only
    the safety net, should this process die in between.
    """
    external_id = external_id[:255]
    blob = files.store(raw, "message/rfc822") if len(raw) > INLINE_BYTES else None
    try:
        with attempt():
            row = RawMessage(
                inbox=inbox, external_id=external_id, adapter=adapter,
                body=None if blob else raw, blob=blob, meta=meta or {}, received_at=received_at or timezone.now(),
            )  # fmt: skip
            insert([row])
            order_reading(row.pk, after=read_after)
    except IntegrityError:
        return RawMessage.objects.get(inbox=inbox, external_id=external_id)
    return row


def order_reading(raw_id: int, *, after: timedelta = AT_ONCE) -> None:
    """Enqueue the task that reads this row; the caller holds the transaction."""
    assert transaction.get_connection().in_atomic_block
    task = import_string(settings.CARELOOP_READ_TASK)
    if after:
        task = task.using(run_after=timezone.now() + after)
    task.enqueue(raw_id)


def content(row: RawMessage) -> bytes:
    """The bytes exactly as they came."""
    if row.blob is not None:
        return files.read(row.blob)
    return bytes(row.body or b"")
