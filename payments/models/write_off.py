"""What one member of staff asks to write off, until another confirms it."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from core.money import EXPONENTS, Money
from payments.querysets import WriteOffQuerySet


class WriteOff(models.Model):
    """Of more than one person may write off: a difference at a provider, or what a lost chargeback left open.

    It ends when somebody else confirms it, or is overtaken when the amount changes or comes right.
    """

    exception = models.ForeignKey(
        "payments.ReconciliationException", null=True, blank=True, on_delete=models.PROTECT, related_name="write_offs"
    )
    chargeback = models.ForeignKey(
        "payments.Chargeback", null=True, blank=True, on_delete=models.PROTECT, related_name="write_offs"
    )
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=500)
    asked_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    confirmed_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    overtaken_at = models.DateTimeField(null=True, blank=True, help_text="When it was about another amount, or none.")

    objects = WriteOffQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = "write-off"
        constraints = [
            models.CheckConstraint(
                condition=Q(exception__isnull=False, chargeback__isnull=True)
                | Q(exception__isnull=True, chargeback__isnull=False),
                name="payments_write_off_about_one",
            ),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="payments_write_off_of_something"),
            models.CheckConstraint(
                condition=Q(currency__in=sorted(EXPONENTS)), name="payments_write_off_currency_known"
            ),
            # Nobody confirms their own.
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | (Q(confirmed_at__isnull=False, confirmed_by__isnull=False) & ~Q(confirmed_by=F("asked_by"))),
                name="payments_write_off_two_people",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(overtaken_at__isnull=True), name="payments_write_off_one_end"
            ),
            *(
                models.UniqueConstraint(
                    fields=[about],
                    condition=Q(confirmed_at__isnull=True, overtaken_at__isnull=True),
                    name=f"payments_write_off_one_waits_{about}",
                )
                for about in ("exception", "chargeback")
            ),
        ]

    def __str__(self) -> str:
        return f"Write-off of {self.amount}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def waits(self) -> bool:
        return self.confirmed_at is None and self.overtaken_at is None
