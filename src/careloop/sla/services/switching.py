"""Switch a law on for some work, and off again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from careloop.accounts.permissions import Permission, require
from careloop.common.errors import Conflict, InvalidInput
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.sla import events
from careloop.sla.models import RegimeInUse
from careloop.sla.regimes import shipped_regimes

if TYPE_CHECKING:
    from careloop.accounts.models import Team, User
    from careloop.business_hours.models import Calendar
    from careloop.conversations.models import Inbox


@writes
def switch_on(
    regime_id: str,
    *,
    by: User,
    inbox: Inbox | None = None,
    team: Team | None = None,
    nature: str = "",
    calendar: Calendar | None = None,
) -> RegimeInUse:
    """From now on this law counts for this inbox, team and nature (for all where none is given).

    What came in before is not touched. Records ``law.switched_on``. Raises InvalidInput for a law that does not ship,
    Conflict when it is on for the same work already.
    """
    require(by, Permission.SETTINGS_EDIT)
    if regime_id not in shipped_regimes():
        raise InvalidInput("unknown_law", _("Choose one of the laws of the list."))
    same = RegimeInUse.objects.filter(regime=regime_id, inbox=inbox, team=team, nature=nature)
    if same.exists():
        raise Conflict("law_is_on", _("This law is switched on for that already."))
    row = RegimeInUse.objects.create(
        regime=regime_id, inbox=inbox, team=team, nature=nature, calendar=calendar, since=timezone.now(), by=by
    )
    record(events.LAW_SWITCHED_ON, by=by, subject="law", subject_id=row.pk, data=_named(row))
    return row


@writes
def switch_off(row: RegimeInUse, *, by: User) -> None:
    """Start nothing more by this law here. What runs already stays owed. Records ``law.switched_off``."""
    require(by, Permission.SETTINGS_EDIT)
    record(events.LAW_SWITCHED_OFF, by=by, subject="law", subject_id=row.pk, data=_named(row))
    row.delete()


def _named(row: RegimeInUse) -> dict[str, object]:
    return {"law": row.regime, "inbox": row.inbox_id, "team": row.team_id, "nature": row.nature}
