"""Named filters of projects and proposals."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from projects.rules import LIVE_PROPOSALS, ProjectStatus, Visibility

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class ProjectQuerySet(models.QuerySet[Any]):
    def listed(self) -> Self:
        """What anybody may browse."""
        return self.filter(visibility=Visibility.PUBLIC).exclude(status=ProjectStatus.DRAFT)

    def open(self) -> Self:
        return self.filter(status=ProjectStatus.OPEN)

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        listed = Q(visibility=Visibility.PUBLIC) & ~Q(status=ProjectStatus.DRAFT)
        if not user.is_authenticated:
            return self.filter(listed)
        return self.filter(listed | Q(client=user) | Q(pk__in=user.proposals.values("project")))

    def with_client(self) -> Self:
        return self.select_related("client__client_profile", "category")


class ProposalQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(Q(freelancer=user) | Q(project__client=user))

    def live(self) -> Self:
        return self.filter(status__in=LIVE_PROPOSALS)

    def with_people(self) -> Self:
        return self.select_related("freelancer__freelancer_profile", "project__client")
