"""Named filters of contracts and milestones."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from contracts.rules import ContractStatus, MilestoneStatus

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
            hold__frozen_at__isnull=True,
        )
