"""Reads new mail from a mailbox, by UID, in order; each mail is kept before the cursor moves past it.

A crash anywhere loses nothing: what was kept but not yet passed is fetched again and recognised by its fingerprint.
A mail that cannot be fetched, or is too large, is set aside with a reason and the next one goes ahead.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from careloop.channels.email.accounts import MailAccount, account_of
from careloop.channels.email.errors import MailboxUnreachable
from careloop.channels.email.fingerprint import external_id
from careloop.channels.email.mailbox import Mailbox, opened_mailbox
from careloop.channels.email.models import MailboxCursor
from careloop.common.transaction import write
from careloop.conversations.models import Inbox
from careloop.intake.services.keeping import keep

BUSY_FOR = timedelta(minutes=10)
MAILS_A_POLL = 500

log = structlog.get_logger(__name__)


def poll(inbox: Inbox) -> int:
    """Keep what is new in the inbox's mailbox; returns how many mails were handed in.

    Only one poll of a folder runs at a time; another returns 0 at once. Raises MailboxUnreachable, after noting it
    on the cursor, so that the job is tried again.
    """
    account = account_of(inbox)
    cursor = _cursor(inbox, account.imap.folder if account.imap else "INBOX")
    if not _claimed(cursor):
        return 0
    try:
        with opened_mailbox(account) as mailbox:
            count = _read_new(mailbox, account, cursor)
    except MailboxUnreachable as error:
        _note_failure(cursor, str(error))
        raise
    _note_success(cursor)
    return count


def _read_new(mailbox: Mailbox, account: MailAccount, cursor: MailboxCursor) -> int:
    _start_over_if_renumbered(mailbox, account, cursor)
    uids = mailbox.uids_after(cursor.last_uid)[:MAILS_A_POLL]
    for uid in uids:
        _keep_one(mailbox, account.inbox, cursor, uid)
        _pass(cursor, uid)
    return len(uids)


def _start_over_if_renumbered(mailbox: Mailbox, account: MailAccount, cursor: MailboxCursor) -> None:
    """A new UIDVALIDITY means all UIDs are new: read from the start, the fingerprints hold back doubles.

    On the first look of all, what is there already is passed over when the account says so.
    """
    if cursor.uid_validity != mailbox.uid_validity:
        is_first_look = cursor.uid_validity == 0
        skips = is_first_look and account.imap is not None and account.imap.skip_existing
        cursor.uid_validity = mailbox.uid_validity
        cursor.last_uid = max(mailbox.uids_after(0), default=0) if skips else 0
        with write():
            cursor.save(update_fields=["uid_validity", "last_uid"])


def _keep_one(mailbox: Mailbox, inbox: Inbox, cursor: MailboxCursor, uid: int) -> None:
    meta = {"door": "imap", "folder": cursor.folder, "uid_validity": cursor.uid_validity, "uid": uid}
    size = mailbox.size(uid)
    if size > settings.CARELOOP_LARGEST_MAIL:
        raw = mailbox.raw(uid, header_only=True)
        meta["refused"] = f"It is too large ({size // 1024 // 1024} MiB) and stays in the mailbox."
    else:
        raw = mailbox.raw(uid)
    if raw is None:
        meta["refused"] = "The mail server did not hand it out."
    name = external_id(raw) if raw else f"imap:{cursor.folder}:{cursor.uid_validity}:{uid}"[:255]
    keep(inbox, name, raw or b"", adapter="email", meta=meta)


def _pass(cursor: MailboxCursor, uid: int) -> None:
    cursor.last_uid = uid
    with write():
        MailboxCursor.objects.filter(pk=cursor.pk).update(last_uid=uid, busy_until=timezone.now() + BUSY_FOR)


def _cursor(inbox: Inbox, folder: str) -> MailboxCursor:
    found = MailboxCursor.objects.filter(inbox=inbox, folder=folder).first()
    if found is not None:
        return found
    with write():
        return MailboxCursor.objects.get_or_create(inbox=inbox, folder=folder)[0]


def _claimed(cursor: MailboxCursor) -> bool:
    now = timezone.now()
    free = Q(busy_until=None) | Q(busy_until__lt=now)
    with write():
        return MailboxCursor.objects.filter(free, pk=cursor.pk).update(busy_until=now + BUSY_FOR) == 1


def _note_success(cursor: MailboxCursor) -> None:
    with write():
        MailboxCursor.objects.filter(pk=cursor.pk).update(
            busy_until=None, polled_at=timezone.now(), failures=0, last_error=""
        )


def _note_failure(cursor: MailboxCursor, sentence: str) -> None:
    log.warning("mailbox unreachable", inbox=cursor.inbox_id)
    with write():
        MailboxCursor.objects.filter(pk=cursor.pk).update(
            busy_until=None, failures=F("failures") + 1, last_error=sentence[:500]
        )
