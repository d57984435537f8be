"""Where the payment provider tells us what happened."""

import json
from typing import Any

import structlog
from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import Invalid, NotFound
from payments.services.events import store_event

logger = structlog.get_logger(__name__)

TOLERANCE_SECONDS = 300


class StripeWebhookView(APIView):
    """Only the signature speaks for the sender. Answered at once; the work is a job's."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="stripe_webhook",
        parameters=[OpenApiParameter("Stripe-Signature", OpenApiTypes.STR, OpenApiParameter.HEADER, required=True)],
        request=OpenApiTypes.OBJECT,
        responses=inline_serializer("WebhookReceived", {"received": serializers.BooleanField()}),
    )
    def post(self, request: Request) -> Response:
        event = verified_event(request.body, request.headers.get("Stripe-Signature", ""))
        if event["livemode"] != settings.STRIPE_LIVE_MODE:
            logger.warning("webhook_of_other_mode", event_id=event["id"])
            return Response({"received": False})
        store_event(event)
        return Response({"received": True})


def verified_event(body: bytes, signature: str) -> dict[str, Any]:
    """The event of a request that the provider signed in the last five minutes."""
    import stripe

    if not settings.STRIPE_WEBHOOK_SECRET:
        raise NotFound
    try:
        payload = body.decode()
        stripe.WebhookSignature.verify_header(payload, signature, settings.STRIPE_WEBHOOK_SECRET, TOLERANCE_SECONDS)
        event = json.loads(payload)
    except (stripe.SignatureVerificationError, ValueError) as error:
        raise Invalid("invalid_signature", "The payment provider did not sign this just now.") from error
    if not _is_event(event):
        raise Invalid("invalid_event", "This is not an event.")
    return dict(event)


def _is_event(event: Any) -> bool:
    return (
        isinstance(event, dict)
        and all(isinstance(event.get(name), str) and len(event[name]) <= 80 for name in ("id", "type"))
        and isinstance(event.get("livemode"), bool)
        and isinstance(event.get("data"), dict)
        and isinstance(event["data"].get("object"), dict)
    )
