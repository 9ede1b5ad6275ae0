"""The people we serve, how we know them, what they bought, what they agreed to."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ValueTier(models.TextChoices):
    STANDARD = "standard", _("Standard")
    VIP = "vip", _("VIP")


class Company(models.Model):
    id = models.BigAutoField(primary_key=True)
    name = models.CharField(_("name"), max_length=200)
    domain = models.CharField(_("mail domain"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")

    def __str__(self) -> str:
        return self.name


class Customer(models.Model):
    id = models.BigAutoField(primary_key=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=8, default="en")
    timezone = models.CharField(_("time zone"), max_length=64, blank=True)
    company = models.ForeignKey(
        Company, null=True, blank=True, on_delete=models.SET_NULL, related_name="customers", verbose_name=_("company")
    )
    value_tier = models.CharField(_("value"), max_length=12, choices=ValueTier.choices, default=ValueTier.STANDARD)
    # 0 to 1: where this customer's spend of twelve months stands among all; kept by `services.spending`.
    spend_percentile = models.FloatField(default=0.0)
    notes = models.TextField(_("notes"), blank=True)
    profile = models.JSONField(_("profile"), default=dict, blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"

    @property
    def is_vip(self) -> bool:
        return self.value_tier == ValueTier.VIP


class Identity(models.Model):
    """One way we know somebody: an address, a number, an account of a channel."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Phone")
        WECHAT = "wechat", _("WeChat")
        EXTERNAL = "external", _("Other system")

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    value = models.CharField(max_length=254)
    is_verified = models.BooleanField(default=False)
    # A mail system said for good that nothing arrives there (a 5.x.x bounce).
    is_undeliverable = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = (models.UniqueConstraint(fields=("kind", "value"), name="identity_once"),)

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


class Consent(models.Model):
    """What a customer agreed to: purpose, channel, the very text, and when it ended."""

    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(_("purpose"), max_length=64)
    channel = models.CharField(_("channel"), max_length=32)
    text_version = models.CharField(_("text version"), max_length=64)
    source = models.CharField(_("given through"), max_length=64)
    granted_at = models.DateTimeField(_("given"))
    withdrawn_at = models.DateTimeField(pgettext_lazy("moment", "withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes = (models.Index(fields=("customer", "purpose", "channel"), name="consent_gate"),)

    def __str__(self) -> str:
        return f"{self.customer_id} {self.purpose}/{self.channel}"


class Product(models.Model):
    id = models.BigAutoField(primary_key=True)
    sku = models.CharField(_("article number"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200)
    name_zh = models.CharField(_("name in Chinese"), max_length=200, blank=True)
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="CNY")
    details = models.JSONField(default=dict, blank=True)
    run_out_days = models.PositiveSmallIntegerField(_("lasts for days"), null=True, blank=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")

    def __str__(self) -> str:
        return self.name


class Order(models.Model):
    id = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="orders")
    number = models.CharField(_("number"), max_length=64, unique=True)
    placed_at = models.DateTimeField(_("placed"))
    total = models.DecimalField(_("total"), max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3, default="CNY")
    status = models.CharField(_("status"), max_length=32, default="paid")
    # [{"sku": "...", "quantity": 2, "price": "199.00"}]
    lines = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        indexes = (models.Index(fields=("customer", "-placed_at"), name="order_customer_placed"),)

    def __str__(self) -> str:
        return self.number


class StandingScale(models.Model):
    """Where values stand among all customers of the last twelve months, learned every night: see `engine.scale`."""

    id = models.BigAutoField(primary_key=True)
    # recency, frequency, or spend:CNY (a scale for each currency)
    measure = models.CharField(max_length=16, unique=True)
    at = models.DateTimeField()
    n = models.PositiveIntegerField()
    values = models.JSONField(default=list)
    shares = models.JSONField(default=list)

    class Meta:
        verbose_name = _("scale of standing")
        verbose_name_plural = _("scales of standing")

    def __str__(self) -> str:
        return f"{self.measure} n={self.n}"
