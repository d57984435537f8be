"""Payments that the payer's bank disputes."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from core.lifecycle import Badge, LifecycleEvent
from core.money import EXPONENTS, Money
from payments.querysets import ChargebackQuerySet
from payments.rules import ANSWERABLE, CHARGEBACK_LIFECYCLE, ChargebackStatus


class Chargeback(models.Model):
    """A provider's dispute about one payment. The bank takes the money when it opens, and gives it back if we win.

    `counted_minor` is what counts against the payment: less than the amount when part of it was refunded already.
    """

    payment = models.ForeignKey("payments.Payment", on_delete=models.PROTECT, related_name="chargebacks")
    dispute_id = models.CharField(max_length=80, unique=True, editable=False)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    counted_minor = models.BigIntegerField(default=0, editable=False)
    reason = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=14, choices=ChargebackStatus, editable=False)
    taken_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When the bank took the money.")
    given_back_at = models.DateTimeField(null=True, blank=True, editable=False)
    answer_by = models.DateTimeField(null=True, blank=True)
    evidence = models.JSONField(default=dict, blank=True, help_text="What staff tell the bank.")
    evidence_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    evidence_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    evidence_sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    accepted_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When staff let it stand.")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = ChargebackQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_chargeback_amount_positive"),
            models.CheckConstraint(
                condition=Q(counted_minor__gte=0, counted_minor__lte=F("amount_minor")),
                name="payments_chargeback_counted_within",
            ),
            models.CheckConstraint(
                condition=Q(currency__in=sorted(EXPONENTS)), name="payments_chargeback_currency_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=ChargebackStatus.values), name="payments_chargeback_status_known"
            ),
            models.CheckConstraint(
                condition=Q(given_back_at__isnull=True) | Q(taken_at__isnull=False),
                name="payments_chargeback_taken_before_given_back",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(evidence_asked_at__isnull=True),
                name="payments_chargeback_answered_or_accepted",
            ),
        ]

    def __str__(self) -> str:
        return f"Chargeback of {self.amount}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def can_be_answered(self) -> bool:
        return self.status in ANSWERABLE and self.evidence_asked_at is None and self.accepted_at is None

    @property
    def can_be_accepted(self) -> bool:
        """A question takes nothing, so there is nothing to accept yet."""
        return self.can_be_answered and self.status == ChargebackStatus.NEEDS_RESPONSE

    @property
    def badge(self) -> Badge:
        return CHARGEBACK_LIFECYCLE.badge(self.status)


class ChargebackEvent(LifecycleEvent):
    chargeback = models.ForeignKey(Chargeback, on_delete=models.PROTECT, related_name="events")
