"""The pictures that a mail points to elsewhere, fetched by this server when a colleague asks for them.

All of a mail's pictures are fetched at once, side by side, within one time limit, and set into the answer itself: no
address of ours fetches what somebody names, the sender learns neither browser nor network of who reads, and the
content policy stays as strict as it is.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, wait

import structlog
from django.utils.translation import gettext_lazy as _

from careloop.common.errors import TooMany
from careloop.common.fetching import Limits, NotFetched, fetch
from careloop.files.sniffing import sniff
from careloop.workspace.thread import SHOWN_IN_PLACE

log = structlog.get_logger(__name__)

ONE_MIB = 1024 * 1024
EACH = Limits(largest=3 * ONE_MIB, seconds=5.0)
LARGEST_TOGETHER = 12 * ONE_MIB
SIDE_BY_SIDE = 8
ALL_WITHIN_SECONDS = 7.0
# A web process has few threads; slow senders must not be able to hold all of them.
MAILS_AT_ONCE = 2

_free = threading.BoundedSemaphore(MAILS_AT_ONCE)


def load_pictures(addresses: Iterable[str]) -> dict[str, str]:
    """A ``data:`` address for each picture that could be had in time; the others are missing.

    Raises :class:`TooMany` while other mails' pictures are being fetched.
    """
    if not _free.acquire(blocking=False):
        raise TooMany("pictures_busy", _("Images of other mails are being loaded; try again in a moment."))
    try:
        return _within(LARGEST_TOGETHER, _all_of(list(addresses)))
    finally:
        _free.release()


def _all_of(addresses: list[str]) -> dict[str, str]:
    pool = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="pictures")
    try:
        asked = {address: pool.submit(_picture, address) for address in addresses}
        wait(asked.values(), timeout=ALL_WITHIN_SECONDS)
        return {address: found.result() for address, found in asked.items() if found.done() and not found.cancelled()}
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _picture(address: str) -> str:
    """The picture itself as an address, empty when it cannot be had or is none."""
    try:
        found = fetch(address, EACH, accept="image/*")
    except NotFetched as refused:
        # Whose picture it was would be told by its address.
        log.info("picture not fetched", why=refused.why)
        return ""
    kind = sniff(found.data)
    return f"data:{kind};base64,{base64.b64encode(found.data).decode()}" if kind in SHOWN_IN_PLACE else ""


def _within(limit: int, pictures: dict[str, str]) -> dict[str, str]:
    """As many as fit into one answer, in the mail's order."""
    kept: dict[str, str] = {}
    for address, picture in pictures.items():
        limit -= len(picture) * 3 // 4
        if picture and limit >= 0:
            kept[address] = picture
    return kept
