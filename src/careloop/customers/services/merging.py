"""Two records turned out to be one person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import ManyToOneRel, Model, OneToOneRel, QuerySet
from django.utils.translation import gettext_lazy as _

from careloop.common.errors import InvalidInput
from careloop.common.events import record
from careloop.common.transaction import writes
from careloop.customers import events
from careloop.customers.models import Customer

if TYPE_CHECKING:
    from careloop.accounts.models import User


@writes
def merge(customer: Customer, into: Customer, *, by: User | None) -> Customer:
    """Everything of ``customer`` becomes ``into``'s, whichever room it lies in; the emptied record stays and leads on.

    The rooms above need not be known: what points at a customer is found through Django's related objects. Of what a
    customer has once, the kept record's stays. The higher value tier holds. Records ``customer.merged``; clocks and
    queue follow in jobs. Raises :class:`InvalidInput` when that would lead in a circle.
    """
    if into.merged_into_id is not None or into.pk == customer.pk:
        raise InvalidInput("merge_in_a_circle", _("Choose a customer who was not merged into another one."))
    for relation in Customer._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel) and relation.related_model is not Customer:
            _point(relation, customer, into)
    Customer.objects.filter(merged_into=customer).update(merged_into=into)
    if customer.is_vip and not into.is_vip:
        into.value_tier = customer.value_tier
        into.save(update_fields=["value_tier"])
    customer.merged_into = into
    customer.save(update_fields=["merged_into"])
    record(events.CUSTOMER_MERGED, by=by, subject="customer", subject_id=into.pk, data={"merged": customer.pk})
    return into


def _point(relation: ManyToOneRel, customer: Customer, into: Customer) -> None:
    """Rows that point at the one record point at the other."""
    name = relation.field.name
    rows: QuerySet[Model] = relation.related_model._base_manager.all()
    own = rows.filter(**{name: customer})
    if isinstance(relation, OneToOneRel) and rows.filter(**{name: into}).exists():
        own.delete()
    else:
        own.update(**{name: into})
