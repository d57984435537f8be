"""Receipts, invoices and credit notes: numbered without gaps, frozen as they were made."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.money import EXPONENTS, Money
from payments.querysets import DocumentQuerySet
from payments.rules import DOCUMENT_PREFIXES, DocumentKind


class DocumentCounter(models.Model):
    """The last number given. Its row's lock is held until the document is committed, so that no number is lost."""

    kind = models.CharField(max_length=11, choices=DocumentKind)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "year"], name="payments_documentcounter_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.year}: {self.last}"


class Document(models.Model):
    """What a person can show their accountant about one movement of money. Never changed (a trigger).

    `payload` holds all that is printed: issuer, recipient, lines, taxes and notes, as they were on that day.
    """

    kind = models.CharField(max_length=11, choices=DocumentKind)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    recipient = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="documents")
    journal = models.ForeignKey("payments.Journal", on_delete=models.PROTECT, related_name="documents")
    payment = models.ForeignKey(
        "payments.Payment", null=True, blank=True, on_delete=models.PROTECT, related_name="documents"
    )
    subscription = models.ForeignKey(
        "payments.Subscription", null=True, blank=True, on_delete=models.PROTECT, related_name="documents"
    )
    title = models.CharField(max_length=200)
    net_minor = models.BigIntegerField(help_text="Without tax.")
    tax_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    payload = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["recipient", "-id"], name="payments_document_recipient")]
        constraints = [
            models.UniqueConstraint(fields=["kind", "year", "number"], name="payments_document_number_once"),
            models.UniqueConstraint(fields=["kind", "journal"], name="payments_document_one_per_journal"),
            models.CheckConstraint(condition=Q(kind__in=DocumentKind.values), name="payments_document_kind_known"),
            models.CheckConstraint(
                condition=Q(currency__in=sorted(EXPONENTS)), name="payments_document_currency_known"
            ),
            models.CheckConstraint(
                condition=Q(number__gt=0, net_minor__gte=0, tax_minor__gte=0, total_minor__gt=0)
                & Q(total_minor=models.F("net_minor") + models.F("tax_minor")),
                name="payments_document_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """As people write it: I-2026-000012."""
        return f"{DOCUMENT_PREFIXES[DocumentKind(self.kind)]}-{self.year}-{self.number:06}"

    @property
    def corrects(self) -> dict[str, Any] | None:
        """Of a credit note: the id and reference of the document that it takes back, or a part of it."""
        return self.payload.get("corrects")

    @property
    def net(self) -> Money:
        return Money(self.net_minor, self.currency)

    @property
    def tax(self) -> Money:
        return Money(self.tax_minor, self.currency)

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)
