"""Money over the API. Ids below /api/stripe are the provider's; everything else has ours."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import Conflict, NotFound
from core.idempotency import idempotent, token_of
from core.money import EXPONENTS, Money
from core.pagination import StreamPagination
from core.queries import get_or_refuse
from payments import services
from payments.api import serializers as shapes
from payments.api.filters import EntryFilter, PaymentFilter, TransactionFilter
from payments.models import Hold, Line, Payment, PaymentCustomer, Refund
from payments.rules import quote
from payments.selectors import wallet


def parsed(serializer_class: Any, request: Request) -> dict[str, Any]:
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    data: dict[str, Any] = serializer.validated_data
    return data


class Customers(APIView):
    @extend_schema(operation_id="stripe_customers_create", request=None, responses={201: shapes.CustomerSerializer})
    @idempotent(calls_provider=True)
    def post(self, request: Request) -> Response:
        """Make yourself known to the payment provider. Repeating it returns the same customer."""
        customer = services.ensure_customer(request.user)
        return Response(shapes.CustomerSerializer(customer).data, status=201)


class CustomerDetail(APIView):
    @extend_schema(operation_id="stripe_customers_retrieve", responses=shapes.CustomerSerializer)
    def get(self, request: Request, customer_id: str) -> Response:
        own = PaymentCustomer.objects.filter(user=request.user).select_related("user")
        return Response(shapes.CustomerSerializer(get_or_refuse(own, customer_id=customer_id)).data)


class PaymentIntents(APIView):
    @extend_schema(
        operation_id="stripe_payment_intents_create",
        request=shapes.PaymentIntentInput,
        responses={201: shapes.PaymentIntentSerializer},
    )
    @idempotent(calls_provider=True)
    def post(self, request: Request) -> Response:
        """Start paying in credit. Confirm it with its `client_secret` in the browser, or by `confirm`."""
        payment = services.create_payment(
            request.user, **parsed(shapes.PaymentIntentInput, request), token=token_of(request)
        )
        return Response(shapes.PaymentIntentSerializer(payment).data, status=201)


class PaymentIntentDetail(APIView):
    @extend_schema(operation_id="stripe_payment_intents_retrieve", responses=shapes.PaymentIntentSerializer)
    def get(self, request: Request, intent_id: str) -> Response:
        payment = get_or_refuse(Payment.objects.visible_to(request.user), intent_id=intent_id)
        return Response(shapes.PaymentIntentSerializer(payment).data)


class ConfirmPaymentIntent(APIView):
    @extend_schema(
        operation_id="stripe_payment_intents_confirm",
        request=shapes.ConfirmInput,
        responses=shapes.PaymentIntentSerializer,
    )
    @idempotent(calls_provider=True)
    def post(self, request: Request, intent_id: str) -> Response:
        """Take the money by `payment_method`. A declined card is a 409 `card_declined`; another one may be tried."""
        payment = services.confirm_payment(request.user, intent_id=intent_id, **parsed(shapes.ConfirmInput, request))
        services.refuse_declined(payment)
        return Response(shapes.PaymentIntentSerializer(payment).data)


class CapturePaymentIntent(APIView):
    @extend_schema(
        operation_id="stripe_payment_intents_capture",
        request=shapes.CaptureInput,
        responses=shapes.PaymentIntentSerializer,
    )
    @idempotent(calls_provider=True)
    def post(self, request: Request, intent_id: str) -> Response:
        """Take an authorised payment, or a part of it; the rest is freed."""
        minor = parsed(shapes.CaptureInput, request).get("amount_to_capture")
        amount = _in_currency_of(request, intent_id, minor)
        payment = services.capture_payment(request.user, intent_id=intent_id, amount=amount)
        return Response(shapes.PaymentIntentSerializer(payment).data)


class CancelPaymentIntent(APIView):
    @extend_schema(operation_id="stripe_payment_intents_cancel", request=None, responses=shapes.PaymentIntentSerializer)
    @idempotent(calls_provider=True)
    def post(self, request: Request, intent_id: str) -> Response:
        """Give up a payment that is not paid."""
        payment = services.cancel_payment(request.user, intent_id=intent_id)
        return Response(shapes.PaymentIntentSerializer(payment).data)


class Refunds(APIView):
    @extend_schema(
        operation_id="stripe_refunds_create", request=shapes.RefundInput, responses={201: shapes.RefundSerializer}
    )
    @idempotent(calls_provider=True)
    def post(self, request: Request) -> Response:
        """Send back unspent credit. Funds held for work go back only by ending that work (409 `funds_held`)."""
        data = parsed(shapes.RefundInput, request)
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
        return Response(shapes.RefundSerializer(refund).data, status=201)


class RefundDetail(APIView):
    @extend_schema(operation_id="stripe_refunds_retrieve", responses=shapes.RefundSerializer)
    def get(self, request: Request, refund_id: str) -> Response:
        own = Refund.objects.visible_to(request.user).select_related("payment")
        return Response(shapes.RefundSerializer(get_or_refuse(own, refund_id=refund_id)).data)


class Payments(generics.ListAPIView[Payment]):
    """The person's payments, newest first."""

    queryset = Payment.objects.none()  # names the model to the schema
    serializer_class = shapes.PaymentSerializer
    filterset_class = PaymentFilter

    def get_queryset(self) -> Any:
        return Payment.objects.visible_to(self.request.user)

    @extend_schema(
        operation_id="payments_create", request=shapes.PaymentInput, responses={201: shapes.PaymentSerializer}
    )
    @idempotent(calls_provider=True)
    def post(self, request: Request) -> Response:
        """Pay in credit; with a `payment_method` it is confirmed at once. Look at its `status` and `problem`."""
        payment = services.create_payment(request.user, **parsed(shapes.PaymentInput, request), token=token_of(request))
        return Response(shapes.PaymentSerializer(payment).data, status=201)


class PaymentDetail(APIView):
    @extend_schema(operation_id="payments_retrieve", responses=shapes.PaymentSerializer)
    def get(self, request: Request, pk: int) -> Response:
        payment = get_or_refuse(Payment.objects.visible_to(request.user), pk=pk)
        return Response(shapes.PaymentSerializer(payment).data)


class PaymentConfig(APIView):
    @extend_schema(operation_id="payments_config", responses=shapes.PaymentConfigSerializer)
    def get(self, request: Request) -> Response:
        return Response(
            {
                "publishable_key": settings.STRIPE_PUBLISHABLE_KEY,
                "js_url": settings.STRIPE_JS_URL,
                "currencies": {code.lower(): decimals for code, decimals in EXPONENTS.items()},
                "fee_bps": settings.PLATFORM_FEE_BPS,
            }
        )


class Wallet(APIView):
    @extend_schema(operation_id="wallet_retrieve", responses=shapes.WalletSerializer)
    def get(self, request: Request) -> Response:
        return Response({"balances": shapes.BalanceSerializer(wallet(request.user), many=True).data})


class WalletEntries(generics.ListAPIView[Line]):
    """The person's statement, newest first."""

    queryset = Line.objects.none()  # names the model to the schema
    serializer_class = shapes.EntrySerializer
    pagination_class = StreamPagination
    filterset_class = EntryFilter

    def get_queryset(self) -> Any:
        return Line.objects.visible_to(self.request.user).with_story()


class FeeQuote(APIView):
    @extend_schema(operation_id="transactions_fee", request=shapes.MoneyInput, responses=shapes.QuoteSerializer)
    def post(self, request: Request) -> Response:
        """What would be left of an amount after today's fee."""
        amount: Money = parsed(shapes.MoneyInput, request)["amount"]
        return Response(shapes.quote_json(quote(amount, settings.PLATFORM_FEE_BPS), settings.PLATFORM_FEE_BPS))


class TransactionHistory(generics.ListAPIView[Hold]):
    """Funds held for work that the person paid or is paid for, newest first."""

    queryset = Hold.objects.none()  # names the model to the schema
    serializer_class = shapes.TransactionSerializer
    pagination_class = StreamPagination
    filterset_class = TransactionFilter

    def get_queryset(self) -> Any:
        return Hold.objects.visible_to(self.request.user)


def _in_currency_of(request: Request, intent_id: str, minor: int | None) -> Money | None:
    if minor is None:
        return None
    currency = Payment.objects.visible_to(request.user).filter(intent_id=intent_id).values_list("currency", flat=True)
    known = currency.first()
    if known is None:
        raise NotFound
    return Money(minor, known)
