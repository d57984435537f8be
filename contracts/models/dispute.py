"""A disagreement about held funds: what is claimed, offered, shown and decided."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from contracts.models.contract import Contract, Milestone
from contracts.querysets import DisputeDecisionQuerySet, DisputeOfferQuerySet, DisputeQuerySet
from contracts.rules.dispute import (
    ALARM_BEFORE,
    DISPUTE_LIFECYCLE,
    LIVE_DISPUTES,
    MAX_EXPLANATION,
    WAITING_FOR_ANSWER,
    WITH_OUTCOME,
    DisputeReason,
    DisputeStatus,
    Side,
)
from core.lifecycle import Badge, LifecycleEvent
from core.money import EXPONENTS, Money

if TYPE_CHECKING:
    from contracts.models.time import Timesheet


class Split(models.Model):
    """Abstract: all that is held, cut in two. Gross: the fee is taken from the freelancer's part when it is released."""

    to_freelancer_minor = models.BigIntegerField()
    to_client_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        abstract = True

    @property
    def to_freelancer(self) -> Money:
        return Money(self.to_freelancer_minor, self.currency)

    @property
    def to_client(self) -> Money:
        return Money(self.to_client_minor, self.currency)


class Dispute(models.Model):
    """About one hold, usually a milestone's. `held_minor` is what was held when it was opened, and it stays until the
    end, but for what the client's bank takes back meanwhile.

    The opener claims `claim_minor` of it for their own side; the rest goes to the other. `answer_by` is there while
    somebody's answer is awaited, `mediation_by` while the staff decide. `clock_left` is what was left of the client's
    time to answer the work, for when the dispute ends without an outcome.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="disputes")
    hold = models.ForeignKey("payments.Hold", on_delete=models.PROTECT, related_name="disputes")
    milestone = models.ForeignKey(
        Milestone,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="disputes",
        help_text="None: another hold.",
    )
    milestone_before = models.CharField(max_length=20, blank=True, editable=False)
    clock_left = models.DurationField(null=True, blank=True, editable=False)
    opener = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="disputes_opened")
    side = models.CharField(max_length=10, choices=Side, help_text="Of the opener.")
    reason = models.CharField(max_length=20, choices=DisputeReason)
    explanation = models.TextField(max_length=MAX_EXPLANATION)
    answer = models.TextField(max_length=MAX_EXPLANATION, blank=True, help_text="Of the other side.")
    held_minor = models.BigIntegerField()
    claim_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=12, choices=DisputeStatus, default=DisputeStatus.OPEN, editable=False)
    answer_by = models.DateTimeField(null=True, blank=True)
    mediation_by = models.DateTimeField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="That the deadline is near.")
    to_freelancer_minor = models.BigIntegerField(null=True, blank=True)
    to_client_minor = models.BigIntegerField(null=True, blank=True)
    reasons = models.TextField(blank=True, help_text="Of the outcome; both sides read them.")
    decided_by = models.ForeignKey(
        "accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="None: a rule."
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["answer_by"], condition=Q(answer_by__isnull=False), name="contracts_dispute_answer_due"
            ),
            models.Index(
                fields=["mediation_by"], condition=Q(mediation_by__isnull=False), name="contracts_dispute_decision_due"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=DisputeStatus.values), name="contracts_dispute_status_known"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="contracts_dispute_side_known"),
            models.CheckConstraint(condition=Q(reason__in=DisputeReason.values), name="contracts_dispute_reason_known"),
            models.CheckConstraint(
                condition=Q(currency__in=sorted(EXPONENTS)), name="contracts_dispute_currency_known"
            ),
            models.CheckConstraint(
                condition=Q(claim_minor__gt=0, claim_minor__lte=F("held_minor")), name="contracts_dispute_claim_within"
            ),
            models.UniqueConstraint(
                fields=["hold"], condition=Q(status__in=LIVE_DISPUTES), name="contracts_dispute_one_open_per_hold"
            ),
            models.UniqueConstraint(
                fields=["milestone"],
                condition=Q(status__in=LIVE_DISPUTES),
                name="contracts_dispute_one_open_per_milestone",
            ),
            models.CheckConstraint(
                condition=Q(status__in=WAITING_FOR_ANSWER, answer_by__isnull=False)
                | (~Q(status__in=WAITING_FOR_ANSWER) & Q(answer_by__isnull=True)),
                name="contracts_dispute_answer_by_while_awaited",
            ),
            models.CheckConstraint(
                condition=Q(status=DisputeStatus.MEDIATION, mediation_by__isnull=False)
                | (~Q(status=DisputeStatus.MEDIATION) & Q(mediation_by__isnull=True)),
                name="contracts_dispute_mediation_by_while_mediated",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=WITH_OUTCOME,
                    decided_at__isnull=False,
                    to_freelancer_minor__isnull=False,
                    to_client_minor__isnull=False,
                )
                | (
                    ~Q(status__in=WITH_OUTCOME)
                    & Q(decided_at__isnull=True, to_freelancer_minor__isnull=True, to_client_minor__isnull=True)
                ),
                name="contracts_dispute_outcome_when_ended",
            ),
            models.CheckConstraint(
                condition=Q(to_freelancer_minor__isnull=True)
                | Q(
                    to_freelancer_minor__gte=0,
                    to_client_minor__gte=0,
                    held_minor=F("to_freelancer_minor") + F("to_client_minor"),
                ),
                name="contracts_dispute_outcome_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(status=DisputeStatus.RESOLVED) & ~Q(reasons="")
                | (~Q(status=DisputeStatus.RESOLVED) & Q(decided_by__isnull=True)),
                name="contracts_dispute_decided_with_reasons",
            ),
            models.CheckConstraint(
                condition=Q(milestone_before="submitted", clock_left__isnull=False)
                | (~Q(milestone_before="submitted") & Q(clock_left__isnull=True)),
                name="contracts_dispute_clock_left_of_submitted",
            ),
        ]

    def __str__(self) -> str:
        return f"Dispute {self.pk}"

    @property
    def held(self) -> Money:
        return Money(self.held_minor, self.currency)

    @property
    def claim(self) -> Money:
        return Money(self.claim_minor, self.currency)

    @property
    def claimed_for_freelancer(self) -> Money:
        """The freelancer's part, if the claim is paid as it stands."""
        return self.claim if self.side == Side.FREELANCER else self.held - self.claim

    @property
    def to_freelancer(self) -> Money | None:
        """Gross, of the outcome."""
        return None if self.to_freelancer_minor is None else Money(self.to_freelancer_minor, self.currency)

    @property
    def to_client(self) -> Money | None:
        return None if self.to_client_minor is None else Money(self.to_client_minor, self.currency)

    @property
    def is_live(self) -> bool:
        return self.status in LIVE_DISPUTES

    @property
    def other_id(self) -> int:
        """Of the person whom the opener is in dispute with."""
        return self.contract.freelancer_id if self.side == Side.CLIENT else self.contract.client_id

    @property
    def awaits(self) -> str:
        """The side whose answer is missing; "nobody" while the staff decide."""
        if self.status == DisputeStatus.ANSWERED:
            return self.side
        other = Side.FREELANCER if self.side == Side.CLIENT else Side.CLIENT
        return other if self.status == DisputeStatus.OPEN else "nobody"

    @property
    def deadline(self) -> datetime | None:
        return self.answer_by or self.mediation_by

    @property
    def week(self) -> "Timesheet | None":
        """If it is about hours. A query, unless `hold__timesheet` is loaded."""
        return getattr(self.hold, "timesheet", None)

    @property
    def is_late(self) -> bool:
        """The staff have little time left to decide."""
        return self.mediation_by is not None and self.mediation_by - ALARM_BEFORE <= timezone.now()

    @property
    def title(self) -> str:
        return self.hold.title

    @property
    def badge(self) -> Badge:
        return DISPUTE_LIFECYCLE.badge(self.status)


class DisputeEvent(LifecycleEvent):
    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="events")


class DisputeOffer(Split):
    """A split that one side would agree to. It stands until the same person makes another, or the dispute ends."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="offers")
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    note = models.TextField(max_length=MAX_EXPLANATION, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    accepted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = DisputeOfferQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_freelancer_minor__gte=0, to_client_minor__gte=0),
                name="contracts_offer_parts_not_negative",
            ),
            models.CheckConstraint(condition=Q(currency__in=sorted(EXPONENTS)), name="contracts_offer_currency_known"),
            models.UniqueConstraint(
                fields=["dispute", "by"], condition=Q(ended_at__isnull=True), name="contracts_offer_one_stands"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(ended_at__isnull=False), name="contracts_offer_accepted_ends"
            ),
        ]

    def __str__(self) -> str:
        return f"Offer {self.pk}"


class DisputeEvidence(models.Model):
    """What a side says and shows. Never changed or removed (a trigger)."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="evidence")
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=MAX_EXPLANATION, blank=True)
    files = models.ManyToManyField("accounts.Upload", blank=True, related_name="dispute_evidence")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "dispute evidence"

    def __str__(self) -> str:
        return f"Evidence {self.pk}"


class DisputeDecision(Split):
    """A split that a mediator decided on, with reasons; over a limit it waits for a second member of staff."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="decisions")
    reasons = models.TextField(max_length=MAX_EXPLANATION)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    needs_second = models.BooleanField()
    second = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    refusal = models.TextField(max_length=MAX_EXPLANATION, blank=True, help_text="Why it was not confirmed.")
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)

    objects = DisputeDecisionQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_freelancer_minor__gte=0, to_client_minor__gte=0),
                name="contracts_decision_parts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(currency__in=sorted(EXPONENTS)), name="contracts_decision_currency_known"
            ),
            models.CheckConstraint(condition=~Q(reasons=""), name="contracts_decision_has_reasons"),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(refused_at__isnull=True), name="contracts_decision_one_end"
            ),
            # Two people for much money: nobody confirms their own.
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True)
                | Q(needs_second=False)
                | (Q(second__isnull=False) & ~Q(second=F("by"))),
                name="contracts_decision_two_people",
            ),
            models.UniqueConstraint(
                fields=["dispute"],
                condition=Q(confirmed_at__isnull=True, refused_at__isnull=True),
                name="contracts_decision_one_waits",
            ),
            models.UniqueConstraint(
                fields=["dispute"],
                condition=Q(confirmed_at__isnull=False),
                name="contracts_decision_one_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"Decision {self.pk}"
