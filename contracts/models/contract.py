"""An agreement, its steps, and what was handed in."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from contracts.querysets import ContractQuerySet, MilestoneQuerySet
from contracts.rules.contract import CONTRACT_LIFECYCLE, MILESTONE_LIFECYCLE, ContractStatus, MilestoneStatus
from contracts.rules.time import MAX_CAP, ContractKind
from core.lifecycle import Badge, LifecycleEvent
from core.money import EXPONENTS, Money, total
from payments.rules import APPROVAL_DAYS


class Contract(models.Model):
    """Made by accepting a proposal. Fee and approval time are frozen here; later settings never touch it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="contracts")
    proposal = models.OneToOneField("projects.Proposal", on_delete=models.PROTECT, related_name="contract")
    client = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="contracts_as_client")
    freelancer = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="contracts_as_freelancer")
    room = models.OneToOneField("chat.Room", on_delete=models.PROTECT, related_name="contract")
    title = models.CharField(max_length=160)
    terms = models.TextField(blank=True)
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=8, choices=ContractKind, default=ContractKind.FIXED, editable=False)
    hourly_rate_minor = models.BigIntegerField(null=True, blank=True, editable=False)
    weekly_cap_minutes = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of weeks that are not paid in yet; the others keep theirs."
    )
    fee_bps = models.PositiveIntegerField()
    approval_days = models.PositiveSmallIntegerField(default=14)
    status = models.CharField(max_length=12, choices=ContractStatus, default=ContractStatus.ACTIVE, editable=False)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = ContractQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-id"]
        indexes = [
            models.Index(fields=["client", "-started_at"], name="contracts_of_client"),
            models.Index(fields=["freelancer", "-started_at"], name="contracts_of_freelancer"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=ContractStatus.values), name="contracts_contract_status_known"
            ),
            models.CheckConstraint(condition=~Q(client=F("freelancer")), name="contracts_contract_two_people"),
            models.CheckConstraint(condition=Q(fee_bps__lte=10_000), name="contracts_contract_fee_sane"),
            models.CheckConstraint(
                condition=Q(approval_days__gte=APPROVAL_DAYS[0], approval_days__lte=APPROVAL_DAYS[-1]),
                name="contracts_contract_approval_days_sane",
            ),
            models.CheckConstraint(
                condition=Q(currency__in=sorted(EXPONENTS)), name="contracts_contract_currency_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["completed", "cancelled"], ended_at__isnull=False)
                | (~Q(status__in=["completed", "cancelled"]) & Q(ended_at__isnull=True)),
                name="contracts_contract_ended_at_when_ended",
            ),
            models.CheckConstraint(
                condition=Q(kind="fixed", hourly_rate_minor__isnull=True, weekly_cap_minutes__isnull=True)
                | Q(
                    kind="hourly",
                    hourly_rate_minor__gt=0,
                    weekly_cap_minutes__gt=0,
                    weekly_cap_minutes__lte=MAX_CAP,
                ),
                name="contracts_contract_rate_and_cap_when_hourly",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def total(self) -> Money:
        """The price of all agreed steps (reads `milestones`, so prefetch them for lists)."""
        return total((step.amount for step in self.milestones.all() if step.is_agreed), self.currency)

    @property
    def is_hourly(self) -> bool:
        return self.kind == ContractKind.HOURLY

    @property
    def hourly_rate(self) -> Money | None:
        return None if self.hourly_rate_minor is None else Money(self.hourly_rate_minor, self.currency)

    @property
    def badge(self) -> Badge:
        return CONTRACT_LIFECYCLE.badge(self.status)


class ContractEvent(LifecycleEvent):
    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="events")


class Milestone(models.Model):
    """One step with a price. `release_at` is when silence becomes approval; set while handed in, else empty.

    Without `agreed_at` it is only proposed. `rolled_into`: a part was released, and the rest goes with that milestone.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="milestones")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=160)
    description = models.TextField(max_length=5000, blank=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    due_date = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=20, choices=MilestoneStatus, default=MilestoneStatus.PENDING, editable=False)
    hold = models.OneToOneField(
        "payments.Hold", null=True, blank=True, on_delete=models.PROTECT, related_name="milestone", editable=False
    )
    agreed_at = models.DateTimeField(null=True, blank=True, default=timezone.now, editable=False)
    rolled_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="rolled", editable=False
    )
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    release_at = models.DateTimeField(null=True, blank=True, editable=False)
    released_at = models.DateTimeField(null=True, blank=True, editable=False)
    lapsed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="The deadline that passed in silence, if that approved it."
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        ordering = ["contract", "position"]
        indexes = [
            models.Index(fields=["release_at"], condition=Q(status="submitted"), name="contracts_due_for_release")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=MilestoneStatus.values), name="contracts_milestone_status_known"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="contracts_milestone_amount_positive"),
            models.CheckConstraint(
                condition=Q(currency__in=sorted(EXPONENTS)), name="contracts_milestone_currency_known"
            ),
            models.UniqueConstraint(fields=["contract", "position"], name="contracts_milestone_position_once"),
            models.CheckConstraint(
                condition=Q(status="submitted", release_at__isnull=False)
                | (~Q(status="submitted") & Q(release_at__isnull=True)),
                name="contracts_milestone_release_at_while_submitted",
            ),
            models.CheckConstraint(
                condition=Q(status="released", released_at__isnull=False)
                | (~Q(status="released") & Q(released_at__isnull=True)),
                name="contracts_milestone_released_at_when_released",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "refunded"]) | Q(hold__isnull=False),
                name="contracts_milestone_held_before_work",
            ),
            models.CheckConstraint(
                condition=Q(agreed_at__isnull=False) | Q(status="pending", hold__isnull=True),
                name="contracts_milestone_agreed_before_money",
            ),
            models.CheckConstraint(
                condition=Q(rolled_into__isnull=True) | ~Q(status__in=["pending", "submitted", "revision_requested"]),
                name="contracts_milestone_rolled_while_held",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def is_agreed(self) -> bool:
        return self.agreed_at is not None

    @property
    def badge(self) -> Badge:
        return MILESTONE_LIFECYCLE.badge(self.status)


class MilestoneEvent(LifecycleEvent):
    milestone = models.ForeignKey(Milestone, on_delete=models.CASCADE, related_name="events")


class Submission(models.Model):
    """Work handed in for a milestone, each time as a further version, and the answer to it when changes were asked."""

    milestone = models.ForeignKey(Milestone, on_delete=models.CASCADE, related_name="submissions")
    version = models.PositiveSmallIntegerField(default=1)
    note = models.TextField(max_length=5000, blank=True)
    files = models.ManyToManyField("accounts.Upload", blank=True, related_name="submissions")
    revision_note = models.TextField(max_length=5000, blank=True)
    revision_requested_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["milestone", "version"], name="contracts_submission_version_once"),
        ]

    def __str__(self) -> str:
        return f"Submission for {self.milestone_id}"
