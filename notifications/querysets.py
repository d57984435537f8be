from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models

if TYPE_CHECKING:
    from accounts.models import User


class NotificationQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(user=user)

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)

    def read(self) -> Self:
        return self.filter(read_at__isnull=False)


class WebhookEndpointQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(user=user)

    def wanting(self, user: "User", event: str) -> Self:
        """Those of the person that are on and take this kind of news."""
        takes = models.Q(events=[]) | models.Q(events__contains=[event])
        return self.filter(takes, user=user, disabled_at__isnull=True)


class WebhookDeliveryQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(endpoint__user=user)

    def pending(self) -> Self:
        return self.filter(delivered_at__isnull=True, given_up_at__isnull=True)

    def overdue(self, since: datetime) -> Self:
        """Whose job was lost: nobody took them up at their time."""
        return self.pending().filter(next_attempt_at__lt=since)
