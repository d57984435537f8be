from typing import TYPE_CHECKING, Any, Self

from django.db import models

if TYPE_CHECKING:
    from accounts.models import User


class HoldQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(models.Q(payer=user) | models.Q(payee=user))


class PaymentQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(payer=user)


class LineQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        """Lines on the person's own accounts."""
        return self.filter(account__owner=user)

    def with_story(self) -> Self:
        """All that a statement tells about a line."""
        return self.select_related("account", "journal__hold").prefetch_related("journal__lines__account")


class RefundQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(payment__payer=user)


class PayoutQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(user=user)


class ChargebackQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(payment__payer=user)
