"""Money coming in from a provider, going back, and what the provider told us."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.lifecycle import Badge, LifecycleEvent
from core.money import EXPONENTS, Money
from payments.querysets import PaymentQuerySet, RefundQuerySet
from payments.rules import (
    OPEN_PAYMENTS,
    PAYMENT_LIFECYCLE,
    REFUND_LIFECYCLE,
    UNHEARD,
    PaymentStatus,
    ProviderName,
    RefundStatus,
)


class Payment(models.Model):
    """One payment intent. Its money is held for a `hold`, paid an invoice of a `subscription`, or is credit of the payer.

    The row is committed before the provider is called; its `token` makes the provider's idempotency keys, so that a
    repeat after a crash finds the same intent. The id would not do: a database restored from a backup gives it again.
    What pays for a plan is begun by the provider, so its row is made when the invoice is paid.
    """

    class Capture(models.TextChoices):
        AUTOMATIC = "automatic", "Automatic"
        MANUAL = "manual", "Manual"

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    payer = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="payments")
    hold = models.ForeignKey("payments.Hold", null=True, blank=True, on_delete=models.PROTECT, related_name="payments")
    subscription = models.ForeignKey(
        "payments.Subscription", null=True, blank=True, on_delete=models.PROTECT, related_name="payments"
    )
    invoice_id = models.CharField(
        max_length=80, null=True, blank=True, unique=True, editable=False, help_text="What it paid, at the provider."
    )
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    provider = models.CharField(max_length=10, choices=ProviderName, default=ProviderName.STRIPE)
    capture_method = models.CharField(max_length=10, choices=Capture, default=Capture.AUTOMATIC)
    description = models.CharField(max_length=200, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    status = models.CharField(max_length=16, choices=PaymentStatus, default=PaymentStatus.CREATED, editable=False)
    intent_id = models.CharField(max_length=80, null=True, blank=True, unique=True, editable=False)
    client_secret = models.CharField(max_length=200, blank=True, editable=False)
    approval_url = models.URLField(
        max_length=500,
        blank=True,
        editable=False,
        help_text="Where the payer agrees, at a provider with pages of its own.",
    )
    attempt = models.PositiveSmallIntegerField(default=0, editable=False, help_text="Confirmations so far.")
    unheard_since = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="The provider was asked to take the money and has not answered.",
    )
    received_minor = models.BigIntegerField(default=0, editable=False)
    refunded_minor = models.BigIntegerField(default=0, editable=False)
    charged_back_minor = models.BigIntegerField(default=0, editable=False, help_text="Taken back by the payer's bank.")
    method_label = models.CharField(max_length=60, blank=True, help_text='Such as "Visa ending 4242".')
    receipt_url = models.URLField(max_length=500, blank=True)
    failure_code = models.CharField(max_length=80, blank=True)
    failure_message = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["payer", "-id"], name="payments_payment_payer")]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_payment_amount_positive"),
            models.CheckConstraint(condition=Q(currency__in=sorted(EXPONENTS)), name="payments_payment_currency_known"),
            models.CheckConstraint(condition=Q(status__in=PaymentStatus.values), name="payments_payment_status_known"),
            models.CheckConstraint(
                condition=Q(
                    received_minor__gte=0,
                    received_minor__lte=models.F("amount_minor"),
                    refunded_minor__gte=0,
                    charged_back_minor__gte=0,
                    refunded_minor__lte=models.F("received_minor") - models.F("charged_back_minor"),
                ),
                name="payments_payment_captured_and_refunded_within",
            ),
            models.CheckConstraint(
                condition=Q(status=PaymentStatus.SUCCEEDED, received_minor__gt=0)
                | (~Q(status=PaymentStatus.SUCCEEDED) & Q(received_minor=0)),
                name="payments_payment_received_when_succeeded",
            ),
            models.UniqueConstraint(
                fields=["hold"], condition=~Q(status=PaymentStatus.CANCELLED), name="payments_payment_one_live_per_hold"
            ),
            models.CheckConstraint(
                condition=Q(subscription__isnull=True, invoice_id__isnull=True)
                | Q(
                    subscription__isnull=False,
                    invoice_id__isnull=False,
                    hold__isnull=True,
                    status=PaymentStatus.SUCCEEDED,
                ),
                name="payments_payment_of_plan_paid_its_invoice",
            ),
        ]

    def __str__(self) -> str:
        return self.description or f"Payment {self.pk}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def received(self) -> Money:
        return Money(self.received_minor, self.currency)

    @property
    def refunded(self) -> Money:
        """Sent back or set aside for it."""
        return Money(self.refunded_minor, self.currency)

    @property
    def charged_back(self) -> Money:
        return Money(self.charged_back_minor, self.currency)

    @property
    def left(self) -> Money:
        """What could still go back."""
        return self.received - self.refunded - self.charged_back

    @property
    def cause(self) -> str:
        """What the journal of its arrival names."""
        return f"invoice:{self.invoice_id}" if self.invoice_id else f"payment:{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_PAYMENTS

    @property
    def is_unheard(self) -> bool:
        """Was the provider asked to take the money, without an answer so far? It may have, so nobody pays twice."""
        return self.is_open and self.unheard_since is not None

    @property
    def badge(self) -> Badge:
        return UNHEARD if self.is_unheard else PAYMENT_LIFECYCLE.badge(self.status)


class PaymentEvent(LifecycleEvent):
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="events")


class Refund(models.Model):
    """Money sent back to where it came from. Set aside in the ledger first, then sent by a job."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=10, choices=RefundStatus, default=RefundStatus.PENDING, editable=False)
    attempt = models.PositiveSmallIntegerField(
        default=1, editable=False, help_text="One more each time staff retry it."
    )
    journal = models.OneToOneField(
        "payments.Journal",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        editable=False,
        related_name="refund",
        help_text="What set the money aside.",
    )
    refund_id = models.CharField(max_length=80, null=True, blank=True, unique=True, editable=False)
    requested_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    failure_message = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = RefundQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_refund_amount_positive"),
            models.CheckConstraint(condition=Q(status__in=RefundStatus.values), name="payments_refund_status_known"),
            models.CheckConstraint(
                condition=~Q(status=RefundStatus.SUCCEEDED) | Q(refund_id__isnull=False),
                name="payments_refund_succeeded_at_provider",
            ),
        ]

    def __str__(self) -> str:
        return f"Refund of {self.amount}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def reference(self) -> str:
        """Names this attempt at the provider and in the ledger."""
        return f"{self.pk}-{self.attempt}"

    @property
    def key(self) -> str:
        """Makes sending this attempt again the same call."""
        return f"refund-{self.payment.token}-{self.reference}"

    @property
    def badge(self) -> Badge:
        return REFUND_LIFECYCLE.badge(self.status)


class RefundEvent(LifecycleEvent):
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="events")


class ProviderEvent(models.Model):
    """A webhook as it came, stored once; a job processes it. Any order, any number of times, same result."""

    provider = models.CharField(max_length=10, choices=ProviderName, default=ProviderName.STRIPE)
    event_id = models.CharField(max_length=80)
    type = models.CharField(max_length=80)
    live_mode = models.BooleanField(default=False)
    payload = models.JSONField()
    received_at = models.DateTimeField(default=timezone.now)
    processed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["id"], condition=Q(processed_at__isnull=True), name="payments_event_unprocessed")
        ]
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="payments_event_once_per_provider")
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"
