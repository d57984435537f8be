from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from payments.rules import GIVES_BENEFITS, ChargebackStatus, PaymentStatus, SubscriptionStatus

if TYPE_CHECKING:
    from accounts.models import User


class HoldQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(models.Q(payer=user) | models.Q(payee=user))

    def held_for(self, period: timedelta) -> Self:
        """Some of their money has been held for so long."""
        return self.filter(held_minor__gt=0, funded_at__lte=Now() - period)


class PaymentQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        """What the person paid in, for work or as credit. What paid for a plan shows as the plan's invoice."""
        return self.filter(payer=user, subscription=None)

    def of_plans(self) -> Self:
        return self.filter(subscription__isnull=False)

    def credited(self) -> Self:
        """Those whose money became credit: paid in for no work, or given back by the payer's bank."""
        given_back = models.Exists(
            self.model._meta.get_field("chargebacks").related_model.objects.filter(
                payment=models.OuterRef("pk"), status=ChargebackStatus.WON
            )
        )
        return self.filter(models.Q(hold=None) | given_back, status=PaymentStatus.SUCCEEDED)

    def started(self) -> Self:
        """Those of which the person knows: paid, under way, declined, or asked for without an answer so far."""
        unknown = models.Q(status=PaymentStatus.CANCELLED) | models.Q(status=PaymentStatus.CREATED, unheard_since=None)
        return self.exclude(unknown)


class DocumentQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(recipient=user)


class SubscriptionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        return self.filter(user=user)

    def live(self) -> Self:
        """Begun, and not over."""
        return self.exclude(status=SubscriptionStatus.ENDED)

    def with_benefits(self) -> Self:
        return self.filter(status__in=GIVES_BENEFITS)


class JournalQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        """Movements on the person's own accounts, of money held for their work, and those that they have a document of."""
        q = models.Q
        mine = q(lines__account__owner=user) | q(hold__payer=user) | q(hold__payee=user) | q(documents__recipient=user)
        return self.filter(pk__in=self.model.objects.filter(mine).values("pk"))


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

    def with_the_bank(self) -> Self:
        """What was taken and has not been given back."""
        return self.filter(taken_at__isnull=False, given_back_at=None)

    def owed_for(self) -> Self:
        """What may have left the payer owing: of a plan's payment only what is beyond its invoice."""
        return self.with_the_bank().exclude(payment__subscription__isnull=False, counted_minor=models.F("amount_minor"))


class ReconciliationExceptionQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        return self.filter(resolved_at=None)


class WriteOffQuerySet(models.QuerySet[Any]):
    def waiting(self) -> Self:
        """For a second member of staff."""
        return self.filter(confirmed_at=None, overtaken_at=None)

    def overtake(self) -> None:
        self.waiting().update(overtaken_at=timezone.now())
