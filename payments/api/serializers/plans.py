"""Plans and who is on them."""

from typing import Any

from rest_framework import serializers

from core.formats import iso
from payments.models import Subscription
from payments.rules import Audience, SubscriptionStatus
from payments.selectors import Offer


class SubscriptionInput(serializers.Serializer[Any]):
    plan = serializers.SlugField(max_length=50, help_text="The `code` of a plan.")
    payment_method = serializers.CharField(max_length=80, required=False, allow_blank=True)


class SubscriptionSerializer(serializers.Serializer[Any]):
    """You on a plan. `id` is null until the provider has answered for the first time.

    While something is to be paid, `client_secret` confirms it in the browser.
    """

    id = serializers.CharField(allow_null=True)
    plan = serializers.CharField()
    status = serializers.ChoiceField(SubscriptionStatus.choices)
    amount = serializers.IntegerField(help_text="A month, tax included.")
    currency = serializers.CharField()
    current_period_end = serializers.DateTimeField(allow_null=True)
    cancel_at_period_end = serializers.BooleanField()
    grace_ends_at = serializers.DateTimeField(allow_null=True, help_text="When an overdue plan ends.")
    client_secret = serializers.CharField()
    problem = serializers.CharField(help_text="Why the last payment did not go through.")
    ended_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()

    def to_representation(self, subscription: Subscription) -> dict[str, Any]:
        return {
            "id": subscription.subscription_id,
            "plan": subscription.plan.code,
            "status": subscription.status,
            "amount": subscription.price_minor,
            "currency": subscription.currency.lower(),
            "current_period_end": iso(subscription.current_period_end),
            "cancel_at_period_end": subscription.cancel_at_period_end,
            "grace_ends_at": iso(subscription.grace_ends_at),
            "client_secret": subscription.client_secret,
            "problem": subscription.failure_message,
            "ended_at": iso(subscription.ended_at),
            "created_at": iso(subscription.created_at),
        }


class PlanSerializer(serializers.Serializer[Any]):
    """What is on offer. `tax` is part of `amount`, by your country."""

    code = serializers.CharField()
    name = serializers.CharField()
    audience = serializers.ChoiceField(Audience.choices)
    summary = serializers.CharField()
    amount = serializers.IntegerField(help_text="A month, tax included.")
    tax = serializers.IntegerField()
    currency = serializers.CharField()
    fee_bps = serializers.IntegerField(allow_null=True, help_text="The fee on work begun while on the plan.")
    project_files = serializers.IntegerField(allow_null=True)

    def to_representation(self, offer: Offer) -> dict[str, Any]:
        plan = offer.plan
        return {
            "code": plan.code,
            "name": plan.name,
            "audience": plan.audience,
            "summary": plan.summary,
            "amount": offer.price.minor,
            "tax": offer.tax.minor,
            "currency": offer.price.currency.lower(),
            "fee_bps": plan.fee_bps,
            "project_files": plan.project_files,
        }
