"""Where the payment provider tells us what happened."""

import json
from collections.abc import Mapping
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

from core.errors import Invalid, NotFound, TooMany
from core.throttling import allow
from payments import providers
from payments.rules import ProviderName
from payments.services.events import store_event

logger = structlog.get_logger(__name__)

TOLERANCE_SECONDS = 300
EVENTS_PER_MINUTE = 600
PAYPAL_HEADERS = (
    "PayPal-Auth-Algo",
    "PayPal-Cert-Url",
    "PayPal-Transmission-Id",
    "PayPal-Transmission-Sig",
    "PayPal-Transmission-Time",
)
RECEIVED = inline_serializer("WebhookReceived", {"received": serializers.BooleanField()})


class StripeWebhookView(APIView):
    """Only the signature speaks for the sender. Answered at once; the work is a job's."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="stripe_webhook",
        parameters=[OpenApiParameter("Stripe-Signature", OpenApiTypes.STR, OpenApiParameter.HEADER, required=True)],
        request=OpenApiTypes.OBJECT,
        responses=RECEIVED,
    )
    def post(self, request: Request) -> Response:
        event = verified_event(request.body, request.headers.get("Stripe-Signature", ""))
        if event["livemode"] != settings.STRIPE_LIVE_MODE:
            logger.warning("webhook_of_other_mode", event_id=event["id"])
            return Response({"received": False})
        store_event(event)
        return Response({"received": True})


class PayPalWebhookView(APIView):
    """PayPal is asked whether it sent this. Answered at once; the work is a job's."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="paypal_webhook",
        parameters=[
            OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.HEADER, required=True) for name in PAYPAL_HEADERS
        ],
        request=OpenApiTypes.OBJECT,
        responses=RECEIVED,
    )
    def post(self, request: Request) -> Response:
        store_event(verified_paypal_event(request.body, request.headers), provider=ProviderName.PAYPAL)
        return Response({"received": True})


def verified_paypal_event(body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    """The event of a request that PayPal sent to our webhook."""
    if ProviderName.PAYPAL not in providers.offered():
        raise NotFound
    if wait := allow("paypal-webhooks", "all", limit=EVENTS_PER_MINUTE, seconds=60):  # each one costs a call to PayPal
        raise TooMany(wait)
    try:
        text = body.decode()
        event = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid("invalid_event", "This is not an event.") from error
    if not _is_paypal_event(event):
        raise Invalid("invalid_event", "This is not an event.")
    if not providers.paypal_provider().signed(headers, text):
        raise Invalid("invalid_signature", "PayPal did not sign this.")
    return dict(event)


def _is_paypal_event(event: Any) -> bool:
    return (
        isinstance(event, dict)
        and all(isinstance(event.get(name), str) and 0 < len(event[name]) <= 80 for name in ("id", "event_type"))
        and isinstance(event.get("resource"), dict)
    )


def verified_event(body: bytes, signature: str) -> dict[str, Any]:
    """The event of a request that the provider signed in the last five minutes, with the secret of either endpoint."""
    secrets = [one for one in (settings.STRIPE_WEBHOOK_SECRET, settings.STRIPE_CONNECT_WEBHOOK_SECRET) if one]
    if not secrets:
        raise NotFound
    unsigned = Invalid("invalid_signature", "The payment provider did not sign this just now.")
    try:
        payload = body.decode()
        if not any(_is_signed(payload, signature, secret) for secret in secrets):
            raise unsigned
        event = json.loads(payload)
    except ValueError as error:
        raise unsigned from error
    if not _is_event(event):
        raise Invalid("invalid_event", "This is not an event.")
    return dict(event)


def _is_signed(payload: str, signature: str, secret: str) -> bool:
    import stripe

    try:
        return bool(stripe.WebhookSignature.verify_header(payload, signature, secret, TOLERANCE_SECONDS))
    except (stripe.SignatureVerificationError, TypeError):  # the latter: a signature with letters that none has
        return False


def _is_event(event: Any) -> bool:
    return (
        isinstance(event, dict)
        and all(isinstance(event.get(name), str) and len(event[name]) <= 80 for name in ("id", "type"))
        and isinstance(event.get("livemode"), bool)
        and isinstance(event.get("data"), dict)
        and isinstance(event["data"].get("object"), dict)
    )
