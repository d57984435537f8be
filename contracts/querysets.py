"""Named filters of contracts, milestones and what belongs to them."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, Value
from django.db.models.functions import Now

from contracts.rules import (
    HELD_MILESTONES,
    RUNNING_CONTRACTS,
    ChangeStatus,
    ContractStatus,
    MilestoneStatus,
    RefundRequestStatus,
)
from contracts.rules.clocks import HOLD_ENDS, REMIND_AFTER, REMIND_BEFORE
from payments.rules import HoldStatus

if TYPE_CHECKING:
    from accounts.models import User


class ContractQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(Q(client=user) | Q(freelancer=user))

    def running(self) -> Self:
        return self.filter(status__in=RUNNING_CONTRACTS)

    def with_parties(self) -> Self:
        """Everything that a list or the page of a contract shows, in a fixed number of queries."""
        return self.select_related(
            "client__client_profile", "freelancer__freelancer_profile", "project", "room"
        ).prefetch_related(
            "milestones__hold",
            "milestones__submissions__files",
            "milestones__refund_requests",
            "changes",
            "reviews",  # by its reverse name: reviews stands above contracts
        )


class MilestoneQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(Q(contract__client=user) | Q(contract__freelancer=user))

    def with_work(self) -> Self:
        return self.select_related("contract", "hold").prefetch_related(
            "submissions__files", "contract__changes", "refund_requests"
        )

    def agreed(self) -> Self:
        return self.filter(agreed_at__isnull=False)

    def due_for_release(self, now: Any) -> Self:
        """Handed in, and the time to answer has passed."""
        return self.filter(
            status=MilestoneStatus.SUBMITTED,
            release_at__lte=now,
            contract__status=ContractStatus.ACTIVE,
            hold__frozen_at__isnull=True,
        )

    def unanswered(self) -> Self:
        """Handed in, and time is left to answer."""
        return self.filter(
            status=MilestoneStatus.SUBMITTED, release_at__gt=Now(), contract__status=ContractStatus.ACTIVE
        )

    def due_for_early_reminder(self) -> Self:
        """Five days have passed since the hand-in, and the later reminder is not due."""
        passed = ExpressionWrapper(
            F("contract__approval_days") * Value(timedelta(days=1)) - Value(REMIND_AFTER), output_field=DurationField()
        )
        waiting = self.unanswered().filter(release_at__gt=Now() + REMIND_BEFORE, release_at__lte=Now() + passed)
        return waiting.exclude(self._told("early_reminder"))

    def due_for_late_reminder(self) -> Self:
        """In two days silence is approval."""
        return self.unanswered().filter(release_at__lte=Now() + REMIND_BEFORE).exclude(self._told("late_reminder"))

    def held_for(self, period: timedelta) -> Self:
        """Some of its money has been held for so long."""
        return self.filter(status__in=HELD_MILESTONES, hold__held_minor__gt=0, hold__funded_at__lte=Now() - period)

    def due_for_notice(self, kind: str, period: timedelta) -> Self:
        """Held for so long, and not told yet."""
        return self.held_for(period).exclude(Exists(self._notices.filter(milestone=OuterRef("pk"), kind=kind)))

    def at_hold_limit(self) -> Self:
        """To be settled now. Disputed money waits for the dispute's outcome."""
        return self.held_for(HOLD_ENDS).filter(hold__frozen_at__isnull=True)

    def _told(self, kind: str) -> Exists:
        """A reminder of that kind was sent since the latest hand-in."""
        return Exists(
            self._notices.filter(milestone=OuterRef("pk"), kind=kind, created_at__gte=OuterRef("submitted_at"))
        )

    @property
    def _notices(self) -> models.QuerySet[Any]:
        return self.model._meta.get_field("notices").related_model.objects.all()


class ChangeQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(Q(contract__client=user) | Q(contract__freelancer=user))

    def open(self) -> Self:
        return self.filter(status=ChangeStatus.PROPOSED)


class RefundRequestQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(Q(milestone__contract__client=user) | Q(milestone__contract__freelancer=user))

    def open(self) -> Self:
        return self.filter(status=RefundRequestStatus.OPEN)

    def unanswered(self) -> Self:
        """The time to answer has passed, by the database's clock."""
        return self.open().filter(
            answer_by__lte=Now(),
            milestone__contract__status=ContractStatus.ACTIVE,
            milestone__hold__frozen_at__isnull=True,
        )


class BonusQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        """The client's; of the freelancer's those that were paid."""
        paid = Q(contract__freelancer=user, hold__status=HoldStatus.RELEASED)
        return self.filter(Q(contract__client=user) | paid)

    def paid(self) -> Self:
        return self.filter(hold__status=HoldStatus.RELEASED)
