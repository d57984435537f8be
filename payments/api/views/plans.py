"""Plans over the API."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import parsed
from core.idempotency import idempotent, token_of
from core.queries import get_or_refuse
from payments import selectors, services
from payments.api.serializers.plans import PlanSerializer, SubscriptionInput, SubscriptionSerializer
from payments.models import Plan, Subscription


class Plans(generics.ListAPIView[Plan]):
    """What people can subscribe to."""

    queryset = Plan.objects.none()  # names the model to the schema
    serializer_class = PlanSerializer

    def get_queryset(self) -> Any:
        return selectors.offers(self.request.user)


class Subscriptions(generics.ListAPIView[Subscription]):
    """Your subscriptions that have not ended."""

    queryset = Subscription.objects.none()  # names the model to the schema
    serializer_class = SubscriptionSerializer

    def get_queryset(self) -> Any:
        return Subscription.objects.visible_to(self.request.user).live().select_related("plan")

    @extend_schema(
        operation_id="stripe_subscriptions_create",
        request=SubscriptionInput,
        responses={201: SubscriptionSerializer},
    )
    @idempotent(calls_provider=True)
    def post(self, request: Request) -> Response:
        """Begin a plan. With a `payment_method` it is paid at once; a declined card is a 409 `card_declined`, and another
        one may be tried by the same call. Without, confirm the `client_secret` in the browser.
        """
        subscription = services.subscribe(request.user, **parsed(SubscriptionInput, request), token=token_of(request))
        services.refuse_declined_subscription(subscription)
        return Response(SubscriptionSerializer(subscription).data, status=201)


class SubscriptionDetail(APIView):
    @extend_schema(operation_id="stripe_subscriptions_retrieve", responses=SubscriptionSerializer)
    def get(self, request: Request, subscription_id: str) -> Response:
        return Response(SubscriptionSerializer(_own_subscription(request, subscription_id)).data)

    @extend_schema(operation_id="stripe_subscriptions_cancel", responses={200: SubscriptionSerializer})
    def delete(self, request: Request, subscription_id: str) -> Response:
        """Let it end with the period that is paid for, or at once if nothing is. Repeating it is harmless."""
        subscription = _own_subscription(request, subscription_id)
        after = services.cancel_subscription(request.user, subscription=subscription)
        return Response(SubscriptionSerializer(after).data)


class ResumeSubscription(APIView):
    @extend_schema(operation_id="stripe_subscriptions_resume", request=None, responses=SubscriptionSerializer)
    @idempotent(calls_provider=True)
    def post(self, request: Request, subscription_id: str) -> Response:
        """Go on after all, while the period that was paid for lasts."""
        subscription = _own_subscription(request, subscription_id)
        after = services.resume_subscription(request.user, subscription=subscription)
        return Response(SubscriptionSerializer(after).data)


def _own_subscription(request: Request, subscription_id: str) -> Subscription:
    own = Subscription.objects.visible_to(request.user).select_related("plan", "user")
    subscription: Subscription = get_or_refuse(own, subscription_id=subscription_id)
    return subscription
