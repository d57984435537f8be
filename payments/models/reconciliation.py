"""What a provider says it moved, held against the books, and what does not match."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from core.money import Money
from payments.querysets import ReconciliationExceptionQuerySet
from payments.rules import MONEY_EXCEPTIONS, ExceptionKind, ProviderName, Resolution


class ProviderTransaction(models.Model):
    """A movement of our balance at a provider, stored once. `amount_minor` comes in (or goes out, below zero); `net_minor`
    is what was left of it after the provider's fee. `journal` is the same movement in the books.
    """

    provider = models.CharField(max_length=10, choices=ProviderName)
    transaction_id = models.CharField(max_length=80)
    type = models.CharField(max_length=40)
    amount_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    source_id = models.CharField(max_length=80, blank=True, help_text="What moved it: a charge, a refund, a transfer.")
    parent_id = models.CharField(
        max_length=80, blank=True, help_text="The payment intent of a charge, the transfer of a reversal."
    )
    created_at = models.DateTimeField(help_text="At the provider.")
    stored_at = models.DateTimeField(default=timezone.now)
    journal = models.ForeignKey(
        "payments.Journal", null=True, blank=True, on_delete=models.PROTECT, related_name="provider_transactions"
    )

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["source_id"], name="payments_transaction_source"),
            models.Index(fields=["id"], condition=Q(journal__isnull=True), name="payments_transaction_unmatched"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["provider", "transaction_id"], name="payments_transaction_once"),
            models.CheckConstraint(
                condition=Q(net_minor=F("amount_minor") - F("fee_minor")), name="payments_transaction_adds_up"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.transaction_id}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def fee(self) -> Money:
        return Money(self.fee_minor, self.currency)

    @property
    def net(self) -> Money:
        return Money(self.net_minor, self.currency)


class ReconciliationRun(models.Model):
    """One look at what a provider moved. What is younger than `judged_until` may still find its other half."""

    provider = models.CharField(max_length=10, choices=ProviderName)
    since = models.DateTimeField(null=True, blank=True, help_text="Movements from here on were asked for; empty: all.")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField()
    judged_until = models.DateTimeField()
    fetched = models.PositiveIntegerField()
    stored = models.PositiveIntegerField()
    matched = models.PositiveIntegerField()
    opened = models.PositiveIntegerField()
    closed = models.PositiveIntegerField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_provider_display()} until {self.judged_until:%Y-%m-%d %H:%M}"


class ReconciliationException(models.Model):
    """Something that does not match, or that nobody could finish, open until it comes right or staff dealt with it.

    `about` names the row, such as "journal:12" or "transaction:txn_1". Of the money kinds `amount_minor` is what the
    provider has beyond the books.
    """

    kind = models.CharField(max_length=20, choices=ExceptionKind)
    about = models.CharField(max_length=100)
    provider = models.CharField(max_length=10, choices=ProviderName)
    amount_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolution = models.CharField(max_length=12, choices=Resolution, blank=True)
    resolved_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=500, blank=True, help_text="Why staff resolved it.")

    objects = ReconciliationExceptionQuerySet.as_manager()

    class Meta:
        ordering = ["opened_at", "id"]
        verbose_name = "exception"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about"], condition=Q(resolved_at__isnull=True), name="payments_exception_open_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=ExceptionKind.values), name="payments_exception_kind_known"),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True, resolution="")
                | Q(resolved_at__isnull=False, resolution=Resolution.MATCHED, resolved_by__isnull=True)
                | Q(
                    resolved_at__isnull=False,
                    resolution__in=[Resolution.WRITTEN_OFF, Resolution.NOTED],
                    resolved_by__isnull=False,
                ),
                name="payments_exception_resolved_by_someone_or_itself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.about}"

    @property
    def is_about_money(self) -> bool:
        return self.kind in MONEY_EXCEPTIONS

    @property
    def amount(self) -> Money | None:
        return Money(self.amount_minor, self.currency) if self.currency else None
