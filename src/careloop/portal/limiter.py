"""The portal is open to everybody, so one address may hand in only so much an hour."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.common.errors import TooMany
from careloop.common.transaction import writes
from careloop.portal.models import Knocks

KEPT_FOR = timedelta(days=1)


@writes
def knock(address: str, *, at: datetime | None = None) -> None:
    """Count one message of this address. Raises :class:`TooMany` when it had its share of the hour."""
    hour = (at or timezone.now()).replace(minute=0, second=0, microsecond=0)
    row, _new = Knocks.objects.get_or_create(digest=_digest(address), hour=hour)
    allowed = Knocks.objects.filter(pk=row.pk, count__lt=settings.CARELOOP_PORTAL_PER_HOUR)
    if not allowed.update(count=F("count") + 1):
        raise TooMany(
            "too_many_messages",
            _("We have received many messages from your connection within an hour. Please try again a little later."),
        )


def forget_knocks(*, at: datetime | None = None) -> int:
    """Delete the counts of yesterday and before; returns how many."""
    return Knocks.objects.filter(hour__lt=(at or timezone.now()) - KEPT_FOR).delete()[0]


def _digest(address: str) -> str:
    key = sha256(b"careloop.portal.address" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, _network(address).encode(), sha256).hexdigest()[:32]


def _network(address: str) -> str:
    """One household has a whole IPv6 /64; everything else counts by itself."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{found}/64", strict=False)) if isinstance(found, IPv6Address) else str(found)
