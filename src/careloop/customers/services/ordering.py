"""An order came, or changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.customers import events
from careloop.customers.models import Order

if TYPE_CHECKING:
    from careloop.accounts.models import User


@writes
def keep_order(order: Order, *, by: User | None) -> Order:
    """Save a new or changed order. Records ``order.kept``: where its customer's spend stands follows in a job.

    An order that goes over to another customer moves the spend of both.
    """
    before = Order.objects.filter(pk=order.pk).values_list("customer_id", flat=True).first() if order.pk else None
    order.save()
    whose = sorted({order.customer_id, before or order.customer_id})
    record(events.ORDER_KEPT, by=by, subject="order", subject_id=order.pk, data={"customers": whose})
    return order
