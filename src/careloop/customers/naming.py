"""Customers are found by any part of their names: each name lies in the index of names."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, post_save

from careloop.customers.models import Customer
from careloop.search import names


def index_name(customer: Customer) -> None:
    """Put the name as it is now into the index; who was merged into somebody else is found by the record that stayed.

    Called by hand where rows are written without signals (`services.identity`).
    """
    names.put(customer.pk, "" if customer.merged_into_id else customer.name)


def follow_names() -> None:
    """Names follow every row that is saved or deleted. Called once, when the room is ready."""
    post_save.connect(_saved, sender=Customer, dispatch_uid="names follow customers")
    post_delete.connect(_deleted, sender=Customer, dispatch_uid="names leave with customers")


def _saved(instance: Customer, update_fields: frozenset[str] | None, raw: bool, **_: Any) -> None:
    if update_fields is None or {"name", "merged_into"} & update_fields:
        index_name(instance)


def _deleted(instance: Customer, **_: Any) -> None:
    names.remove(instance.pk)
