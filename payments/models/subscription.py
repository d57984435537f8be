"""Plans that people pay for by the month, and who is on them."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.lifecycle import Badge, LifecycleEvent
from core.money import EXPONENTS, Money
from payments.querysets import SubscriptionQuerySet
from payments.rules import GIVES_BENEFITS, SUBSCRIPTION_LIFECYCLE, Audience, SubscriptionStatus


class Plan(models.Model):
    """What is on offer. Its price holds for who begins now; a subscription keeps the price it began with."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=40)
    audience = models.CharField(max_length=10, choices=Audience)
    summary = models.CharField(max_length=200)
    price_minor = models.BigIntegerField(help_text="A month, tax included, in minor units.")
    currency = models.CharField(max_length=3, default="USD")
    fee_bps = models.PositiveIntegerField(
        null=True, blank=True, help_text="The platform's fee on contracts begun while on the plan; 800 is 8 %."
    )
    project_files = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Attachments that a project may have, if more than for everybody."
    )
    is_offered = models.BooleanField(default=True, help_text="Whether people can begin it.")
    price_id = models.CharField(max_length=80, blank=True, editable=False, help_text="The price at the provider.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["audience", "price_minor"]
        constraints = [
            models.CheckConstraint(condition=Q(price_minor__gt=0), name="payments_plan_price_positive"),
            models.CheckConstraint(condition=Q(currency__in=sorted(EXPONENTS)), name="payments_plan_currency_known"),
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="payments_plan_audience_known"),
            models.CheckConstraint(
                condition=Q(fee_bps__isnull=True) | Q(fee_bps__lte=10_000), name="payments_plan_fee_sane"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)


class Subscription(models.Model):
    """One person on one plan. At most one that has not ended for each side of the work.

    The row is committed before the provider is called, and its `token` makes the provider's idempotency keys.
    """

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="subscriptions")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="subscriptions")
    audience = models.CharField(max_length=10, choices=Audience)
    price_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(
        max_length=10, choices=SubscriptionStatus, default=SubscriptionStatus.CREATED, editable=False
    )
    subscription_id = models.CharField(max_length=80, null=True, blank=True, unique=True, editable=False)
    intent_id = models.CharField(max_length=80, blank=True, editable=False, help_text="Of the invoice that is open.")
    client_secret = models.CharField(max_length=200, blank=True, editable=False)
    current_period_end = models.DateTimeField(null=True, blank=True, editable=False)
    cancel_at_period_end = models.BooleanField(default=False, editable=False)
    past_due_since = models.DateTimeField(null=True, blank=True, editable=False)
    grace_ends_at = models.DateTimeField(null=True, blank=True, editable=False)
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    failure_message = models.CharField(max_length=300, blank=True, editable=False)
    seen_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the provider was asked for what is known here."
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["user", "-id"], name="payments_subscription_user")]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "audience"],
                condition=~Q(status=SubscriptionStatus.ENDED),
                name="payments_subscription_one_live",
            ),
            models.CheckConstraint(condition=Q(price_minor__gt=0), name="payments_subscription_price_positive"),
            models.CheckConstraint(
                condition=Q(status__in=SubscriptionStatus.values), name="payments_subscription_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status=SubscriptionStatus.ENDED, ended_at__isnull=False)
                | (~Q(status=SubscriptionStatus.ENDED) & Q(ended_at__isnull=True)),
                name="payments_subscription_ended_has_time",
            ),
            models.CheckConstraint(
                condition=Q(status=SubscriptionStatus.PAST_DUE, grace_ends_at__isnull=False)
                | (~Q(status=SubscriptionStatus.PAST_DUE) & Q(grace_ends_at__isnull=True)),
                name="payments_subscription_overdue_has_grace",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} of {self.user}"

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    @property
    def gives_benefits(self) -> bool:
        return self.status in GIVES_BENEFITS

    @property
    def badge(self) -> Badge:
        return SUBSCRIPTION_LIFECYCLE.badge(self.status)


class SubscriptionEvent(LifecycleEvent):
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="events")
