"""Day one is not empty: what the package brings along, loaded when the database is prepared.

Every loader may run again at any time: what an operator changed or deleted stays as they left it.
"""

from __future__ import annotations

from django.utils.module_loading import import_string

from careloop.accounts.models import Team
from careloop.common.transaction import write
from careloop.conversations.models import Inbox

LOADERS = (
    "careloop.business_hours.loading.load_shipped_calendars",
    "careloop.sla.loading.load_shipped_targets",
    "careloop.routing.loading.load_shipped_sources",
    "careloop.replies.loading.load_shipped_replies",
    "careloop.triage.loading.load_shipped_taxonomy",
    "careloop.config.shipped.make_first_team",
)


def load_shipped() -> None:
    for path in LOADERS:
        import_string(path)()


def make_first_team() -> None:
    """One team and the doors that need no set-up, where there is no team yet."""
    with write():
        if Team.objects.exists():
            return
        team = Team.objects.create(name="Customer care", name_zh="客户关怀组", slug="care", is_default=True)
        Inbox.objects.bulk_create(
            Inbox(kind=kind, name=name, slug=kind, team=team)
            for kind, name in ((Inbox.Kind.PORTAL, "Portal"), (Inbox.Kind.PHONE, "Phone"), (Inbox.Kind.API, "API"))
        )
