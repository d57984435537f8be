"""Payments over the API. Ids below /api/stripe are the provider's; everything else has ours."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.selectors import marketplace_rules
from core.api import parsed
from core.errors import Conflict, NotFound
from core.idempotency import idempotent, token_of
from core.money import EXPONENTS, Money
from core.queries import get_or_refuse
from payments import providers, services
from payments.api.filters import PaymentFilter
from payments.api.serializers.payments import (
    CaptureInput,
    ConfirmInput,
    CustomerSerializer,
    PaymentConfigSerializer,
    PaymentInput,
    PaymentIntentInput,
    PaymentIntentSerializer,
    PaymentMethodSerializer,
    PaymentSerializer,
    RefundInput,
    RefundSerializer,
)
from payments.models import Payment, PaymentCustomer, Refund
from payments.rules import TAKES


class Customers(APIView):
    @extend_schema(operation_id="stripe_customers_create", request=None, responses={201: CustomerSerializer})
    @idempotent(calls_provider=True)
    def post(self, request: Request) -> Response:
        """Make yourself known to the payment provider. Repeating it returns the same customer."""
        customer = services.ensure_customer(request.user)
        return Response(CustomerSerializer(customer).data, status=201)


class CustomerDetail(APIView):
    @extend_schema(operation_id="stripe_customers_retrieve", responses=CustomerSerializer)
    def get(self, request: Request, customer_id: str) -> Response:
        own = PaymentCustomer.objects.filter(user=request.user).select_related("user")
        return Response(CustomerSerializer(get_or_refuse(own, customer_id=customer_id)).data)


class PaymentMethods(generics.ListAPIView[Any]):
    """The cards that you kept for next time."""

    serializer_class = PaymentMethodSerializer
    filter_backends: tuple[type, ...] = ()  # there is no query: the payment provider keeps them

    def get_queryset(self) -> Any:
        return services.list_cards(self.request.user)


class PaymentMethodDetail(APIView):
    @extend_schema(
        operation_id="stripe_payment_methods_forget", responses={204: OpenApiResponse(description="Forgotten.")}
    )
    def delete(self, request: Request, card_id: str) -> Response:
        """Forget a card. A plan that is paid by it asks for another one when its month is over."""
        services.forget_card(request.user, card_id=card_id)
        return Response(status=204)


class PaymentIntents(APIView):
    @extend_schema(
        operation_id="stripe_payment_intents_create",
        request=PaymentIntentInput,
        responses={201: PaymentIntentSerializer},
    )
    @idempotent(calls_provider=True)
    def post(self, request: Request) -> Response:
        """Start paying in credit. Confirm it with its `client_secret` in the browser, or by `confirm`."""
        payment = services.create_payment(request.user, **parsed(PaymentIntentInput, request), token=token_of(request))
        return Response(PaymentIntentSerializer(payment).data, status=201)


class PaymentIntentDetail(APIView):
    @extend_schema(operation_id="stripe_payment_intents_retrieve", responses=PaymentIntentSerializer)
    def get(self, request: Request, intent_id: str) -> Response:
        payment = get_or_refuse(Payment.objects.visible_to(request.user), intent_id=intent_id)
        return Response(PaymentIntentSerializer(payment).data)


class ConfirmPaymentIntent(APIView):
    @extend_schema(
        operation_id="stripe_payment_intents_confirm",
        request=ConfirmInput,
        responses=PaymentIntentSerializer,
    )
    @idempotent(calls_provider=True)
    def post(self, request: Request, intent_id: str) -> Response:
        """Take the money by `payment_method`. A declined card is a 409 `card_declined`; another one may be tried."""
        payment = services.confirm_payment(request.user, intent_id=intent_id, **parsed(ConfirmInput, request))
        services.refuse_declined(payment)
        return Response(PaymentIntentSerializer(payment).data)


class CapturePaymentIntent(APIView):
    @extend_schema(
        operation_id="stripe_payment_intents_capture",
        request=CaptureInput,
        responses=PaymentIntentSerializer,
    )
    @idempotent(calls_provider=True)
    def post(self, request: Request, intent_id: str) -> Response:
        """Take an authorised payment, or a part of it; the rest is freed."""
        minor = parsed(CaptureInput, request).get("amount_to_capture")
        amount = _in_currency_of(request, intent_id, minor)
        payment = services.capture_payment(request.user, intent_id=intent_id, amount=amount)
        return Response(PaymentIntentSerializer(payment).data)


class CancelPaymentIntent(APIView):
    @extend_schema(operation_id="stripe_payment_intents_cancel", request=None, responses=PaymentIntentSerializer)
    @idempotent(calls_provider=True)
    def post(self, request: Request, intent_id: str) -> Response:
        """Give up a payment that is not paid."""
        payment = services.cancel_payment(request.user, intent_id=intent_id)
        return Response(PaymentIntentSerializer(payment).data)


class Refunds(APIView):
    @extend_schema(operation_id="stripe_refunds_create", request=RefundInput, responses={201: RefundSerializer})
    @idempotent(calls_provider=True)
    def post(self, request: Request) -> Response:
        """Send back unspent credit. Funds held for work go back only by ending that work (409 `funds_held`)."""
        data = parsed(RefundInput, request)
        intent_id = data["payment_intent"]
        amount = _in_currency_of(request, intent_id, data.get("amount"))
        refund = services.request_refund(
            request.user,
            intent_id=intent_id,
            amount=amount,
            reason=data.get("reason", ""),
            token=token_of(request),
        )
        if refund.refund_id is None:
            raise Conflict("refund_failed", "The payment provider refused this refund. Our staff look into it.")
        return Response(RefundSerializer(refund).data, status=201)


class RefundDetail(APIView):
    @extend_schema(operation_id="stripe_refunds_retrieve", responses=RefundSerializer)
    def get(self, request: Request, refund_id: str) -> Response:
        own = Refund.objects.visible_to(request.user).select_related("payment")
        return Response(RefundSerializer(get_or_refuse(own, refund_id=refund_id)).data)


class Payments(generics.ListAPIView[Payment]):
    """The person's payments, newest first."""

    queryset = Payment.objects.none()  # names the model to the schema
    serializer_class = PaymentSerializer
    filterset_class = PaymentFilter

    def get_queryset(self) -> Any:
        return Payment.objects.visible_to(self.request.user)

    @extend_schema(operation_id="payments_create", request=PaymentInput, responses={201: PaymentSerializer})
    @idempotent(calls_provider=True)
    def post(self, request: Request) -> Response:
        """Pay in: credit, or held funds by their `hold_id`. With a `payment_method` it is confirmed at once, with
        `provider` "paypal" the payer agrees at its `approval_url`. Look at its `status` and `problem`.
        """
        given = parsed(PaymentInput, request)
        if "hold_id" in given:
            payment = services.pay_hold(request.user, **given)
        else:
            payment = services.create_payment(request.user, **given, token=token_of(request))
        return Response(PaymentSerializer(payment).data, status=201)


class PaymentDetail(APIView):
    @extend_schema(operation_id="payments_retrieve", responses=PaymentSerializer)
    def get(self, request: Request, pk: int) -> Response:
        payment = get_or_refuse(Payment.objects.visible_to(request.user), pk=pk)
        return Response(PaymentSerializer(payment).data)


class PaymentConfig(APIView):
    @extend_schema(operation_id="payments_config", responses=PaymentConfigSerializer)
    def get(self, request: Request) -> Response:
        return Response(
            {
                "publishable_key": settings.STRIPE_PUBLISHABLE_KEY,
                "js_url": settings.STRIPE_JS_URL,
                "currencies": {code.lower(): decimals for code, decimals in EXPONENTS.items()},
                "providers": {name: sorted(code.lower() for code in TAKES[name]) for name in providers.offered()},
                "fee_bps": marketplace_rules().fee_bps,
            }
        )


def _in_currency_of(request: Request, intent_id: str, minor: int | None) -> Money | None:
    if minor is None:
        return None
    currency = Payment.objects.filter(payer=request.user, intent_id=intent_id).values_list("currency", flat=True)
    known = currency.first()
    if known is None:
        raise NotFound
    return Money(minor, known)
