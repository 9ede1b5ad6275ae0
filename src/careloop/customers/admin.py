from __future__ import annotations

from django.contrib import admin

from careloop.customers.models import Company, Consent, Customer, Identity, Order, Product


class IdentityInline(admin.TabularInline):
    model = Identity
    extra = 0


class ConsentInline(admin.TabularInline):
    model = Consent
    extra = 0


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    list_display = ("name", "language", "value_tier", "company")
    list_filter = ("value_tier", "language")
    search_fields = ("name", "identities__value")
    inlines = (IdentityInline, ConsentInline)
    autocomplete_fields = ("company",)
    raw_id_fields = ("merged_into",)
    show_full_result_count = False


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
