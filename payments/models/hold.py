"""Money set aside for one piece of work."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from core.lifecycle import Badge, LifecycleEvent
from core.money import EXPONENTS, Money
from payments.querysets import HoldQuerySet
from payments.rules import HOLD_LIFECYCLE, HoldStatus, Quote, quote


class Hold(models.Model):
    """Funds of `payer` kept until the work of `payee` is approved. Its milestone or gig points here; it knows neither.

    Of what was funded, every minor unit is released, fee, refunded or still held, at every moment (a CHECK).
    """

    class Purpose(models.TextChoices):
        MILESTONE = "milestone", "Milestone"
        GIG = "gig", "Gig"
        TIMESHEET = "timesheet", "Week of hours"
        BONUS = "bonus", "Bonus"

    purpose = models.CharField(max_length=12, choices=Purpose)
    title = models.CharField(max_length=200, help_text="Shown on the payment page, statements and receipts.")
    url = models.CharField(max_length=200, blank=True, help_text="Path of the page of the work.")
    payer = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="holds_paid")
    payee = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="holds_earned")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    fee_bps = models.PositiveIntegerField(help_text="Frozen when the work was agreed; 1000 is 10 %.")
    status = models.CharField(max_length=12, choices=HoldStatus, default=HoldStatus.PENDING, editable=False)
    funded_minor = models.BigIntegerField(default=0, editable=False)
    released_minor = models.BigIntegerField(default=0, editable=False, help_text="Net, to the payee.")
    fee_minor = models.BigIntegerField(default=0, editable=False)
    refunded_minor = models.BigIntegerField(default=0, editable=False)
    held_minor = models.BigIntegerField(default=0, editable=False)
    frozen_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="In dispute since: moves only by its outcome."
    )
    funded_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["payer", "-id"], name="payments_hold_payer"),
            models.Index(fields=["payee", "-id"], name="payments_hold_payee"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_hold_amount_positive"),
            models.CheckConstraint(condition=Q(fee_bps__lte=10_000), name="payments_hold_fee_sane"),
            models.CheckConstraint(condition=Q(currency__in=sorted(EXPONENTS)), name="payments_hold_currency_known"),
            models.CheckConstraint(condition=Q(status__in=HoldStatus.values), name="payments_hold_status_known"),
            models.CheckConstraint(condition=~Q(payer=F("payee")), name="payments_hold_two_people"),
            models.CheckConstraint(
                condition=Q(funded_minor=F("released_minor") + F("fee_minor") + F("refunded_minor") + F("held_minor")),
                name="payments_hold_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(released_minor__gte=0, fee_minor__gte=0, refunded_minor__gte=0, held_minor__gte=0),
                name="payments_hold_parts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(funded_minor=0) | Q(funded_minor=F("amount_minor")), name="payments_hold_funded_whole"
            ),
            models.CheckConstraint(
                condition=Q(frozen_at__isnull=True) | Q(status="held"), name="payments_hold_frozen_while_held"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "cancelled"], funded_minor=0, funded_at__isnull=True)
                | Q(status__in=["held"], held_minor__gt=0, funded_at__isnull=False)
                | Q(status__in=["released", "refunded"], funded_minor__gt=0, held_minor=0, funded_at__isnull=False),
                name="payments_hold_status_tells_money",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def held(self) -> Money:
        return Money(self.held_minor, self.currency)

    @property
    def released(self) -> Money:
        return Money(self.released_minor, self.currency)

    @property
    def fee(self) -> Money:
        return Money(self.fee_minor, self.currency)

    @property
    def refunded(self) -> Money:
        return Money(self.refunded_minor, self.currency)

    def quote(self, gross: Money | None = None) -> Quote:
        """Fee and net of releasing `gross` next (everything, if not said): what a release books, to the minor unit."""
        if gross is None:
            gross = self.held if self.funded_at else self.amount
        return quote(gross, self.fee_bps, after=self.released + self.fee)

    @property
    def entries_url(self) -> str:
        """Path of the page with every entry of the ledger about it; "" before there are any."""
        return reverse("hold", args=[self.pk]) if self.funded_at else ""

    @property
    def badge(self) -> Badge:
        return HOLD_LIFECYCLE.badge(self.status)


class HoldEvent(LifecycleEvent):
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="events")
