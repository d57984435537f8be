"""Money beside the milestones' prices: what a client asks back, and what a client gives on top."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from contracts.models.contract import Contract, Milestone
from contracts.querysets import BonusQuerySet, RefundRequestQuerySet
from contracts.rules.changes import ANSWERED_REFUNDS, REFUND_REQUEST_LIFECYCLE, RefundRequestStatus
from core.lifecycle import Badge, LifecycleEvent
from core.money import Money


class RefundRequest(models.Model):
    """The client's question for the money of work that was not handed in by its date. Silence until `answer_by` refunds."""

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="refund_requests")
    asked_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(max_length=2000, blank=True)
    answer = models.TextField(max_length=2000, blank=True)
    status = models.CharField(
        max_length=12, choices=RefundRequestStatus, default=RefundRequestStatus.OPEN, editable=False
    )
    answer_by = models.DateTimeField(editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = RefundRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["answer_by"], condition=Q(status="open"), name="contracts_refund_unanswered"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=RefundRequestStatus.values), name="contracts_refundrequest_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=ANSWERED_REFUNDS, answered_at__isnull=False)
                | (~Q(status__in=ANSWERED_REFUNDS) & Q(answered_at__isnull=True)),
                name="contracts_refundrequest_answered_at_when_answered",
            ),
            models.UniqueConstraint(
                fields=["milestone"], condition=Q(status="open"), name="contracts_refundrequest_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"Refund asked for {self.milestone_id}"

    @property
    def badge(self) -> Badge:
        return REFUND_REQUEST_LIFECYCLE.badge(self.status)


class RefundRequestEvent(LifecycleEvent):
    refund_request = models.ForeignKey(RefundRequest, on_delete=models.CASCADE, related_name="events")


class Bonus(models.Model):
    """What a client gives on top. Its hold is released in the moment it is funded, so that its status is the bonus's."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="bonuses")
    hold = models.OneToOneField("payments.Hold", on_delete=models.PROTECT, related_name="bonus", editable=False)
    note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = BonusQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "bonuses"

    def __str__(self) -> str:
        return f"Bonus of {self.amount}"

    @property
    def amount(self) -> Money:
        return self.hold.amount
