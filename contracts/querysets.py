"""Named filters of contracts and milestones."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from contracts.rules import LIVE_DISPUTES, ContractStatus, DisputeStatus, MilestoneStatus
from contracts.rules.dispute import ALARM_BEFORE, REMIND_BEFORE

if TYPE_CHECKING:
    from accounts.models import User


class ContractQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(Q(client=user) | Q(freelancer=user))

    def running(self) -> Self:
        return self.filter(status__in=[ContractStatus.ACTIVE, ContractStatus.PAUSED, ContractStatus.DISPUTED])

    def with_parties(self) -> Self:
        """Everything that a list or the page of a contract shows, in a fixed number of queries."""
        return self.select_related(
            "client__client_profile", "freelancer__freelancer_profile", "project", "room"
        ).prefetch_related("milestones__hold", "milestones__submissions__files")


class MilestoneQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(Q(contract__client=user) | Q(contract__freelancer=user))

    def with_work(self) -> Self:
        return self.select_related("contract", "hold").prefetch_related("submissions__files")

    def due_for_release(self, now: Any) -> Self:
        """Handed in, and the time to answer has passed."""
        return self.filter(
            status=MilestoneStatus.SUBMITTED,
            release_at__lte=now,
            contract__status=ContractStatus.ACTIVE,
        )


class DisputeQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(Q(contract__client=user) | Q(contract__freelancer=user))

    def live(self) -> Self:
        return self.filter(status__in=LIVE_DISPUTES)

    def overdue(self, now: Any) -> Self:
        """Nobody answered, or decided, in time."""
        return self.filter(Q(answer_by__lte=now) | Q(mediation_by__lte=now))

    def to_warn(self, now: Any) -> Self:
        """Whose deadline is near, of which nobody was told."""
        near = Q(answer_by__lte=now + REMIND_BEFORE) | Q(mediation_by__lte=now + ALARM_BEFORE)
        return self.filter(near, warned_at=None)

    def awaiting(self, user: "User") -> Self:
        """In which this person's answer is missing: the other side's to the claim, the opener's to a counter-offer."""
        mine = Q(status=DisputeStatus.ANSWERED, opener=user) | (Q(status=DisputeStatus.OPEN) & ~Q(opener=user))
        return self.visible_to(user).filter(mine)

    def in_mediation(self) -> Self:
        """The staff's queue, the nearest deadline first."""
        return self.filter(status=DisputeStatus.MEDIATION).order_by("mediation_by", "id")

    def with_record(self) -> Self:
        """Everything that a page of it shows, in a fixed number of queries."""
        return self.select_related(
            "contract__client", "contract__freelancer", "milestone", "hold", "opener"
        ).prefetch_related("offers__by", "evidence__by", "evidence__files")


class DisputeOfferQuerySet(models.QuerySet[Any]):
    def standing(self) -> Self:
        return self.filter(ended_at=None)


class DisputeDecisionQuerySet(models.QuerySet[Any]):
    def waiting(self) -> Self:
        """For a second member of staff."""
        return self.filter(confirmed_at=None, refused_at=None)
