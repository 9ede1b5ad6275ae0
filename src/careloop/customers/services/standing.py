"""What a customer is to us: the value tier a person gave them, and where their spend stands among all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.customers import events
from careloop.customers.models import Customer

if TYPE_CHECKING:
    from careloop.accounts.models import User


@writes
def change_standing(
    customer: Customer, *, by: User | None, value_tier: str | None = None, spend_percentile: float | None = None
) -> bool:
    """Set the value tier, the spend percentile (0 to 1) or both; False when all is as it was.

    Records ``customer.changed`` with old and new and whether the tier is among it: clocks follow a tier, and the
    queue follows both, in jobs.
    """
    row = Customer.objects.select_for_update().get(pk=customer.pk)
    old = {"value_tier": row.value_tier, "spend_percentile": row.spend_percentile}
    new = {
        "value_tier": old["value_tier"] if value_tier is None else value_tier,
        "spend_percentile": old["spend_percentile"] if spend_percentile is None else spend_percentile,
    }
    if new == old:
        return False
    for field, value in new.items():
        setattr(row, field, value)
        setattr(customer, field, value)
    row.save(update_fields=list(new))
    data = {"old": old, "new": new, "is_tier": old["value_tier"] != new["value_tier"]}
    record(events.CUSTOMER_CHANGED, by=by, subject="customer", subject_id=row.pk, data=data)
    return True
