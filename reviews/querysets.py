from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class ReviewQuerySet(models.QuerySet[Any]):
    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Published ones, and one's own."""
        if not user.is_authenticated:
            return self.published()
        return self.filter(Q(published_at__isnull=False) | Q(reviewer=user))

    def with_reviewer(self) -> Self:
        return self.select_related("reviewer__client_profile", "reviewer__freelancer_profile")
