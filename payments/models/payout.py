"""Where people are paid, and the money on its way there."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.lifecycle import Badge, LifecycleEvent
from core.money import EXPONENTS, Money
from payments.querysets import PayoutQuerySet
from payments.rules import PAYOUT_LIFECYCLE, PayoutStatus


class ConnectAccount(models.Model):
    """A person's account at the payment provider, which pays out to their bank. The provider asks who they are.

    `token` makes the key of the call that opens it, so that a repeat after a crash finds the same account.
    """

    user = models.OneToOneField("accounts.User", on_delete=models.PROTECT, related_name="connect_account")
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account_id = models.CharField(max_length=80, null=True, blank=True, unique=True, editable=False)
    country = models.CharField(max_length=2)
    details_submitted = models.BooleanField(default=False)
    payouts_enabled = models.BooleanField(default=False)
    missing = ArrayField(
        models.CharField(max_length=120), default=list, blank=True, help_text="What the provider asks."
    )
    disabled_reason = models.CharField(max_length=120, blank=True)
    currencies = ArrayField(models.CharField(max_length=3), default=list, blank=True, help_text="Its banks take these.")
    bank_label = models.CharField(max_length=80, blank=True, help_text='Such as "Stripe Test Bank ending 6789".')
    bank_ids = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True, help_text="When the provider last told its state.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.account_id or f"account of person {self.user_id}"


class Payout(models.Model):
    """Earned money that leaves for its owner's bank. Reserved in the ledger from the moment it is asked for.

    First a transfer moves it to the person's account at the provider, then that account pays it to the bank. `token`
    marks both there, and `attempt` counts the definite "not now" answers: each needs a key of its own.
    """

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="payouts")
    account = models.ForeignKey(ConnectAccount, on_delete=models.PROTECT, related_name="payouts")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=17, choices=PayoutStatus, default=PayoutStatus.REQUESTED, editable=False)
    needs_approval = models.BooleanField(default=False, editable=False)
    bank_label = models.CharField(max_length=80, blank=True)
    attempt = models.PositiveSmallIntegerField(default=1, editable=False)
    transfer_id = models.CharField(max_length=80, null=True, blank=True, unique=True, editable=False)
    payout_id = models.CharField(max_length=80, null=True, blank=True, unique=True, editable=False)
    arrives_at = models.DateTimeField(null=True, blank=True, help_text="When the provider expects it at the bank.")
    failure_code = models.CharField(max_length=80, blank=True)
    failure_message = models.CharField(max_length=300, blank=True)
    returned_at = models.DateTimeField(
        null=True, blank=True, help_text="When the transfer of a failed payout was taken back from the account."
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = PayoutQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user", "-id"], name="payments_payout_user"),
            models.Index(
                fields=["updated_at"],
                condition=Q(status__in=["requested", "awaiting_approval", "sending", "sent"]),
                name="payments_payout_open",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_payout_amount_positive"),
            models.CheckConstraint(condition=Q(currency__in=sorted(EXPONENTS)), name="payments_payout_currency_known"),
            models.CheckConstraint(condition=Q(status__in=PayoutStatus.values), name="payments_payout_status_known"),
            models.CheckConstraint(
                condition=~Q(status__in=["sent", "paid"]) | Q(transfer_id__isnull=False, payout_id__isnull=False),
                name="payments_payout_sent_at_provider",
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True) | Q(status="failed", transfer_id__isnull=False),
                name="payments_payout_returned_after_failure",
            ),
        ]

    def __str__(self) -> str:
        return f"Payout of {self.amount}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def reference(self) -> str:
        """Names it at the provider, also when its keys are forgotten."""
        return str(self.token)

    @property
    def badge(self) -> Badge:
        return PAYOUT_LIFECYCLE.badge(self.status)


class PayoutEvent(LifecycleEvent):
    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="events")


class PayoutApproval(models.Model):
    """One member of staff agrees to a large payout. Two different ones are needed, never the payee (a trigger)."""

    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="approvals")
    staff = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["payout", "staff"], name="payments_payout_approved_once_by_each")
        ]

    def __str__(self) -> str:
        return f"{self.staff} approved payout {self.payout_id}"
