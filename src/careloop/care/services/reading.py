"""What other rooms ask of this one."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from careloop.accounts.models import User
from careloop.care.models import FollowUp, Outlook
from careloop.common.db.prepared import prepared


def follow_ups_of(conversation_ids: Collection[int]) -> dict[int, FollowUp]:
    """The latest follow-up of each conversation that has one, in one query."""
    rows = FollowUp.objects.about(conversation_ids).select_related("owner").order_by("pk")
    return {row.conversation_id: row for row in rows}


def outlook_of(user: User, customer_id: int) -> Outlook | None:
    """What is expected of a customer this person may see, with the rhythm it rests on; one query."""
    return _outlook.first(customer_id, *user.sight)


@prepared
def _outlook(customer: int, is_administrator: bool, teams: tuple[int, ...]) -> QuerySet[Outlook]:
    rows = Outlook.objects.in_sight(is_administrator, teams).filter(customer=customer)
    return rows.select_related("rhythm")[:1]
