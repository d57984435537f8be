"""Where a person's news is sent on to."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.idempotency import idempotent
from core.pagination import StreamPagination
from core.queries import get_or_refuse
from core.throttling import Limit
from notifications import services
from notifications.api.serializers.webhooks import (
    NewWebhookSerializer,
    WebhookChangeInput,
    WebhookDeliverySerializer,
    WebhookEventSerializer,
    WebhookInput,
    WebhookSerializer,
)
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.rules import EVENTS


class SendLimit(Limit):
    """Each one makes a request somewhere else."""

    scope = "webhook-send"
    limit = 20
    seconds = 60


class DeliveryPagination(StreamPagination):
    ordering = ("-created_at", "-id")


class WebhookEventsView(generics.ListAPIView[Any]):
    """The types of events that there are."""

    serializer_class = WebhookEventSerializer
    filter_backends: tuple[type, ...] = ()  # they are words of ours, and no query

    def get_queryset(self) -> Any:
        return [{"type": kind, "description": words} for kind, words in EVENTS.items()]


class WebhookListView(generics.ListAPIView[WebhookEndpoint]):
    """At most ten, oldest first."""

    serializer_class = WebhookSerializer
    queryset = WebhookEndpoint.objects.none()

    def get_queryset(self) -> Any:
        return WebhookEndpoint.objects.visible_to(self.request.user)

    @extend_schema(operation_id="webhooks_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(operation_id="webhooks_create", request=WebhookInput, responses={201: NewWebhookSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Have your news sent to an address of yours, from now on."""
        given = WebhookInput(data=request.data)
        given.is_valid(raise_exception=True)
        endpoint = services.add_webhook(request.user, **given.validated_data)
        return Response(NewWebhookSerializer(endpoint).data, status=status.HTTP_201_CREATED)


class WebhookView(APIView):
    @extend_schema(operation_id="webhooks_read", responses=WebhookSerializer)
    def get(self, request: Request, webhook_id: int) -> Response:
        return Response(WebhookSerializer(_mine(request, webhook_id)).data)

    @extend_schema(operation_id="webhooks_update", request=WebhookChangeInput, responses=WebhookSerializer)
    def patch(self, request: Request, webhook_id: int) -> Response:
        """Change what is given; `enabled` switches it on or off."""
        given = WebhookChangeInput(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        on = values.pop("enabled", None)
        endpoint = _mine(request, webhook_id)
        if values:
            endpoint = services.change_webhook(request.user, webhook_id=webhook_id, **values)
        if on is not None:
            endpoint = services.switch_webhook(request.user, webhook_id=webhook_id, on=on)
        return Response(WebhookSerializer(endpoint).data)

    @extend_schema(operation_id="webhooks_delete", responses={204: None})
    def delete(self, request: Request, webhook_id: int) -> Response:
        """Remove it, with what waits to be sent."""
        services.remove_webhook(request.user, webhook_id=webhook_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class WebhookSecretView(APIView):
    @extend_schema(operation_id="webhooks_rotate_secret", request=None, responses=NewWebhookSerializer)
    @idempotent
    def post(self, request: Request, webhook_id: int) -> Response:
        """Make a new secret. For a day the old one signs as well."""
        return Response(NewWebhookSerializer(services.rotate_secret(request.user, webhook_id=webhook_id)).data)


class WebhookTestView(APIView):
    throttle_classes = [SendLimit]

    @extend_schema(operation_id="webhooks_test", request=None, responses={201: WebhookDeliverySerializer})
    @idempotent
    def post(self, request: Request, webhook_id: int) -> Response:
        """Send an event of the type `test`."""
        delivery = services.send_test_event(request.user, webhook_id=webhook_id)
        return Response(WebhookDeliverySerializer(delivery).data, status=status.HTTP_201_CREATED)


class WebhookDeliveryListView(generics.ListAPIView[WebhookDelivery]):
    """What was sent in the last 30 days or waits, newest first."""

    serializer_class = WebhookDeliverySerializer
    pagination_class = DeliveryPagination
    queryset = WebhookDelivery.objects.none()

    def get_queryset(self) -> Any:
        endpoint = _mine(self.request, self.kwargs["webhook_id"])
        return WebhookDelivery.objects.filter(endpoint=endpoint)

    @extend_schema(operation_id="webhooks_deliveries")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class WebhookReplayView(APIView):
    throttle_classes = [SendLimit]

    @extend_schema(operation_id="webhooks_replay", request=None, responses=WebhookDeliverySerializer)
    @idempotent
    def post(self, request: Request, webhook_id: int, delivery_id: str) -> Response:
        """Send it once more, under the same id."""
        delivery = services.replay(request.user, webhook_id=webhook_id, delivery_id=delivery_id)
        return Response(WebhookDeliverySerializer(delivery).data)


def _mine(request: Request, webhook_id: int) -> WebhookEndpoint:
    endpoint: WebhookEndpoint = get_or_refuse(WebhookEndpoint.objects.visible_to(request.user), pk=webhook_id)
    return endpoint
