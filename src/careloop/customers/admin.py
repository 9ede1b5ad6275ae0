from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from careloop.accounts.models import User
from careloop.common.transaction import write
from careloop.customers.models import Company, Consent, Customer, Identity, Order, Product
from careloop.customers.services.merging import merge
from careloop.customers.services.ordering import keep_order
from careloop.customers.services.standing import change_standing

MOST_MERGED = 10


class IdentityInline(admin.TabularInline):
    model = Identity
    extra = 0


class ConsentInline(admin.TabularInline):
    model = Consent
    extra = 0


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    """A changed value tier moves clocks and queue; two records of one person are chosen in the list and merged."""

    list_display = ("name", "language", "value_tier", "company")
    list_filter = ("value_tier", "language")
    search_fields = ("name", "identities__value")
    inlines = (IdentityInline, ConsentInline)
    autocomplete_fields = ("company",)
    readonly_fields = ("spend_percentile", "merged_into")
    show_full_result_count = False
    actions = ("merge_into_the_oldest",)

    def save_model(self, request: HttpRequest, obj: Customer, form: Any, change: bool) -> None:
        """Everything but the tier as the form says; the tier by its verb, so that it is told."""
        tier = obj.value_tier
        with write():
            if change:
                obj.value_tier = form.initial["value_tier"]
            super().save_model(request, obj, form, change)
            change_standing(obj, by=cast(User, request.user), value_tier=tier)

    @admin.action(description=_("Merge into the oldest record: they are one person"))
    def merge_into_the_oldest(self, request: HttpRequest, queryset: QuerySet[Customer]) -> None:
        chosen = list(queryset.filter(merged_into=None).order_by("pk")[:MOST_MERGED])
        if len(chosen) < 2:
            messages.warning(request, _("Choose at least two records that were not merged yet."))
            return
        kept = chosen[0]
        for other in chosen[1:]:
            merge(other, kept, by=cast(User, request.user))
        messages.success(request, _("Merged into %(name)s.") % {"name": kept})


@admin.register(Company)
class CompanyAdmin(admin.ModelAdmin):
    list_display = ("name", "domain")
    search_fields = ("name", "domain")


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = ("sku", "name", "name_zh", "price", "currency")
    search_fields = ("sku", "name", "name_zh")


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = ("number", "customer", "placed_at", "total", "currency", "status")
    search_fields = ("number",)
    raw_id_fields = ("customer",)
    show_full_result_count = False

    def save_model(self, request: HttpRequest, obj: Order, form: Any, change: bool) -> None:
        """By its verb, so that what the customer's spend decides follows."""
        keep_order(obj, by=cast(User, request.user))
