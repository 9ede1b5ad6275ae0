"""Carry a file of messages along the road, row by row, so that nothing comes in twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from careloop.common.transaction import write
from careloop.conversations.services.past import add_past_reply
from careloop.importers.labels import code_of
from careloop.importers.mapping import Rejected, Row, Unmappable, mapping_for, row_from
from careloop.importers.models import ImportRun
from careloop.importers.reading import mail, tables
from careloop.intake.models import RawMessage
from careloop.intake.services.keeping import SAFETY_NET, keep
from careloop.lifecycle.inbound import receive
from careloop.triage.models import Prediction
from careloop.triage.services.correcting import label_by_hand

if TYPE_CHECKING:
    from careloop.conversations.models import Conversation, Inbox

MAIL_SUFFIXES = frozenset({".mbox", ".eml"})
CHECKPOINT_EVERY = 50
LONGEST_TEXT = 200_000


@dataclass(frozen=True)
class Item:
    """One thing to import: where it stood, and its bytes, a row, or why it is neither."""

    position: int
    content: bytes | Row | Rejected
    cells: dict[str, str]


@dataclass(frozen=True)
class Result:
    position: int
    is_accepted: bool
    is_new: bool = True
    reason: str = ""
    cells: dict[str, str] | None = None


def suffix_of(path: Path) -> str:
    return Path(path.stem).suffix.lower() if path.suffix == ".gz" else path.suffix.lower()


def read(path: Path, asked: dict[str, str], zone: tzinfo) -> Iterator[Item]:
    """Everything in the file. Raises :class:`Unmappable` at once when the columns make no sense."""
    suffix = suffix_of(path)
    if suffix in MAIL_SUFFIXES:
        return (Item(number, raw, {}) for number, raw in enumerate(mail.messages(path), start=1))
    if suffix in (".csv", ".tsv", ".txt"):
        return _rows(tables.csv_rows(path), mapping_for(tables.csv_header(path), asked), zone)
    if suffix in (".jsonl", ".ndjson"):
        return _rows(tables.jsonl_rows(path), mapping_for(tables.jsonl_header(path), asked), zone)
    raise Unmappable(f"Files ending in {suffix or 'nothing'} are not known; give .csv, .jsonl, .mbox or .eml.")


def _rows(
    lines: Iterator[tuple[int, tables.Cells | Rejected]], mapping: dict[str, str], zone: tzinfo
) -> Iterator[Item]:
    for line, cells in lines:
        if isinstance(cells, Rejected):
            yield Item(line, cells, {})
            continue
        try:
            yield Item(line, row_from(cells, mapping, zone), cells)
        except Rejected as reason:
            yield Item(line, reason, cells)


def begin(path: Path, inbox: Inbox, *, resume: bool) -> ImportRun:
    """The run of this very file into this inbox; from the start unless asked to go on."""
    with write():
        run, _ = ImportRun.objects.get_or_create(
            fingerprint=_fingerprint(path), inbox=inbox, defaults={"file_name": path.name[:255]}
        )
        if not resume:
            run.position = run.accepted = run.rejected = 0
            run.finished_at = None
            run.save()
    return run


def carry(run: ImportRun, items: Iterator[Item], *, is_live: bool) -> Generator[Result, None, None]:
    """Import each item and say what became of it; the run's position follows every fifty.

    Interrupted anywhere, a second run skips what is there: rows are known by the file's own id, else by
    their content. ``is_live`` sends them along the whole road; history starts no clock and answers nobody.
    """
    last = run.position
    for item in items:
        if item.position <= run.position:
            continue
        result = _carry_one(run.inbox, item, is_live=is_live)
        run.accepted += result.is_accepted and result.is_new
        run.rejected += not result.is_accepted
        last = item.position
        if last % CHECKPOINT_EVERY == 0:
            _checkpoint(run, last)
        yield result
    run.finished_at = timezone.now()
    _checkpoint(run, last)


def _carry_one(inbox: Inbox, item: Item, *, is_live: bool) -> Result:
    if isinstance(item.content, Rejected):
        return Result(item.position, is_accepted=False, reason=str(item.content), cells=item.cells)
    raw, is_new = _keep(inbox, item.content, is_live=is_live)
    if raw.state == RawMessage.State.KEPT:
        receive(raw.pk)
        raw.refresh_from_db()
    if isinstance(item.content, Row) and raw.message is not None and is_new:
        _label(raw.message.conversation, item.content)
        if item.content.reply:
            _answer(raw, item.content)
    if raw.state == RawMessage.State.QUARANTINED:
        return Result(item.position, is_accepted=False, is_new=is_new, reason=raw.reason, cells=item.cells)
    return Result(item.position, is_accepted=True, is_new=is_new)


def _keep(inbox: Inbox, content: bytes | Row, *, is_live: bool) -> tuple[RawMessage, bool]:
    body = content if isinstance(content, bytes) else _as_message(inbox, content)
    identity = content.id if isinstance(content, Row) and content.id else hashlib.sha256(body).hexdigest()
    known = RawMessage.objects.filter(inbox=inbox, external_id=f"import:{identity}"[:255]).first()
    if known is not None:
        return known, False
    received_at = _moment(content)
    raw = keep(
        inbox, f"import:{identity}", body,
        adapter="email" if isinstance(content, bytes) else "json",
        meta={} if is_live else {"past": True, "channel_data": _labels(content)},
        received_at=received_at, read_after=SAFETY_NET,
    )  # fmt: skip
    return raw, True


def _as_message(inbox: Inbox, row: Row) -> bytes:
    """The row in the API's own shape. A row that names nobody is from a customer of its own."""
    message: dict[str, Any] = {
        "inbox": inbox.slug,
        "sender": {
            "email": row.email[:254], "phone": row.phone[:254], "name": row.name[:254],
            "id": _customer_id(row)[:254],
        },
        "text": row.text[:LONGEST_TEXT],
        "subject": row.subject[:254],
        "language": row.language if row.language in ("zh", "en") else "",
        "channel_kind": row.channel_kind or "direct",
    }  # fmt: skip
    return json.dumps(message, ensure_ascii=False, sort_keys=True).encode()


def _customer_id(row: Row) -> str:
    if row.customer_id:
        return f"import:{row.customer_id}"
    if row.email or row.phone:
        return ""
    return "import:row:" + hashlib.sha256(f"{row.id}\n{row.time}\n{row.text}".encode()).hexdigest()[:24]


def _labels(content: bytes | Row) -> dict[str, Any]:
    """Labels that people gave the row, kept beside the message for training."""
    if isinstance(content, bytes):
        return {}
    given = {"nature": content.nature, "severity": content.severity}
    return {"labels": {head: label for head, label in given.items() if label}} if any(given.values()) else {}


def _moment(content: bytes | Row) -> datetime | None:
    return mail.sent_at(content) if isinstance(content, bytes) else content.time


def _label(conversation: Conversation, row: Row) -> None:
    """What people called it becomes what we believe, and a label to learn from (missions 9, 24)."""
    for head, label in (("nature", row.nature), ("severity", row.severity)):
        code = code_of(head, label)
        if code:
            label_by_hand(conversation, head, code, by=None, source=Prediction.Source.IMPORTED)


def _answer(raw: RawMessage, row: Row) -> None:
    assert raw.message is not None
    at = row.reply_time or raw.received_at
    add_past_reply(raw.message.conversation, row.reply[:LONGEST_TEXT], at=max(at, raw.received_at))


def _checkpoint(run: ImportRun, position: int) -> None:
    with write():
        run.position = position
        run.save(update_fields=["position", "accepted", "rejected", "finished_at"])


def _fingerprint(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()
