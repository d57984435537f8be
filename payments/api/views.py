"""Money over the API. Ids below /api/stripe are the provider's; everything else has ours."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import session_of
from accounts.models import User
from core.errors import Conflict, NotFound
from core.idempotency import idempotent, token_of
from core.money import EXPONENTS, Money
from core.openapi import ErrorSerializer
from core.pagination import StreamPagination
from core.queries import get_or_refuse
from payments import providers, selectors, services
from payments.api.filters import DocumentFilter, EntryFilter, PaymentFilter, PayoutFilter, TransactionFilter
from payments.api.serializers.amounts import FeeQuoteInput, FeeQuoteSerializer, MoneyInput, quote_json
from payments.api.serializers.documents import DocumentSerializer
from payments.api.serializers.payments import (
    CaptureInput,
    ConfirmInput,
    CustomerSerializer,
    DebtInput,
    PaymentConfigSerializer,
    PaymentInput,
    PaymentIntentInput,
    PaymentIntentSerializer,
    PaymentSerializer,
    RefundInput,
    RefundSerializer,
)
from payments.api.serializers.payouts import (
    PayoutAccountInput,
    PayoutAccountLinkSerializer,
    PayoutAccountSerializer,
    PayoutSerializer,
)
from payments.api.serializers.plans import PlanSerializer, SubscriptionInput, SubscriptionSerializer
from payments.api.serializers.wallet import BalanceSerializer, EntrySerializer, TransactionSerializer, WalletSerializer
from payments.models import ConnectAccount, Document, Hold, Line, Payment, PaymentCustomer, Payout, Refund, Subscription
from payments.rules import TAKES, DocumentKind, quote
from payments.selectors import wallet


def parsed(serializer_class: Any, request: Request) -> dict[str, Any]:
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    data: dict[str, Any] = serializer.validated_data
    return data


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
                "fee_bps": settings.PLATFORM_FEE_BPS,
            }
        )


class Wallet(APIView):
    @extend_schema(operation_id="wallet_retrieve", responses=WalletSerializer)
    def get(self, request: Request) -> Response:
        return Response({"balances": BalanceSerializer(wallet(request.user), many=True).data})


class WalletEntries(generics.ListAPIView[Line]):
    """The person's statement, newest first."""

    queryset = Line.objects.none()  # names the model to the schema
    serializer_class = EntrySerializer
    pagination_class = StreamPagination
    filterset_class = EntryFilter

    def get_queryset(self) -> Any:
        return Line.objects.visible_to(self.request.user).with_story()


class PayoutAccount(APIView):
    @extend_schema(
        operation_id="wallet_payout_account_retrieve",
        responses={200: PayoutAccountSerializer, 404: ErrorSerializer},
    )
    def get(self, request: Request) -> Response:
        """Where you are paid; 404 before you said so."""
        account = get_or_refuse(ConnectAccount.objects.all(), user=request.user)
        return Response(PayoutAccountSerializer(account).data)

    @extend_schema(
        operation_id="wallet_payout_account_create",
        request=PayoutAccountInput,
        responses={201: PayoutAccountSerializer},
    )
    @idempotent(calls_provider=True)
    def post(self, request: Request) -> Response:
        """Open an account to be paid at. Needs a sign-in that was confirmed in the last 15 minutes."""
        country = parsed(PayoutAccountInput, request)["country"]
        account = services.open_connect_account(request.user, country=country, session=session_of(request))
        return Response(PayoutAccountSerializer(account).data, status=201)


class PayoutAccountLink(APIView):
    @extend_schema(operation_id="wallet_payout_account_link", request=None, responses=PayoutAccountLinkSerializer)
    def post(self, request: Request) -> Response:
        """The payment provider's page to say who you are, and to give or change your bank. Needs a fresh confirmation."""
        page = f"{settings.SITE_URL.rstrip('/')}{reverse('payout-account:home')}"
        url = services.begin_onboarding(
            request.user, session=session_of(request), return_url=f"{page}?back", refresh_url=page
        )
        return Response({"url": url})


class Payouts(generics.ListAPIView[Payout]):
    """The person's payouts, newest first."""

    queryset = Payout.objects.none()  # names the model to the schema
    serializer_class = PayoutSerializer
    filterset_class = PayoutFilter

    def get_queryset(self) -> Any:
        return Payout.objects.visible_to(self.request.user)

    @extend_schema(operation_id="wallet_payouts_create", request=MoneyInput, responses={201: PayoutSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Send earned money to your bank. It is set aside at once; there is no fee."""
        payout = services.request_payout(request.user, amount=parsed(MoneyInput, request)["amount"])
        return Response(PayoutSerializer(payout).data, status=201)


class PayoutDetail(APIView):
    @extend_schema(operation_id="wallet_payouts_retrieve", responses=PayoutSerializer)
    def get(self, request: Request, pk: int) -> Response:
        payout = get_or_refuse(Payout.objects.visible_to(request.user), pk=pk)
        return Response(PayoutSerializer(payout).data)


class CancelPayout(APIView):
    @extend_schema(operation_id="wallet_payouts_cancel", request=None, responses=PayoutSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Keep the money after all. 409 `payout_already_sent` when it has left."""
        return Response(PayoutSerializer(services.cancel_payout(request.user, payout_id=pk)).data)


class Debt(APIView):
    @extend_schema(operation_id="wallet_debt_pay", request=DebtInput, responses={201: PaymentSerializer})
    @idempotent(calls_provider=True)
    def post(self, request: Request) -> Response:
        """Pay in what a chargeback left open in a currency; with a `payment_method` it is confirmed at once."""
        payment = services.pay_debt(request.user, **parsed(DebtInput, request), token=token_of(request))
        return Response(PaymentSerializer(payment).data, status=201)


class FeeQuote(APIView):
    @extend_schema(operation_id="transactions_fee", request=FeeQuoteInput, responses=FeeQuoteSerializer)
    def post(self, request: Request) -> Response:
        """What would be left of an amount after the fee of work that begins today."""
        data = parsed(FeeQuoteInput, request)
        amount: Money = data["amount"]
        if worker := data.get("freelancer_id"):
            freelancer = get_or_refuse(User.objects.filter(is_active=True), pk=worker)
            fee_bps = selectors.fee_bps(client=request.user, freelancer=freelancer)
        else:
            fee_bps = selectors.fee_bps(freelancer=request.user)
        done = Money(0, amount.currency)
        parts = []
        for minor in data.get("parts", [amount.minor]):
            part = quote(Money(minor, amount.currency), fee_bps, after=done)
            parts.append({"gross": part.gross.minor, "fee": part.fee.minor, "net": part.net.minor})
            done = done + part.gross
        return Response(quote_json(quote(amount, fee_bps), fee_bps) | {"parts": parts})


class Receipt(APIView):
    @extend_schema(operation_id="payments_receipt", responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The receipt as PDF. Conflict `payment_not_received` while the money has not come."""
        payment = get_or_refuse(Payment.objects.visible_to(request.user), pk=pk)
        receipt = payment.documents.filter(kind=DocumentKind.RECEIPT).first()
        if receipt is None:
            raise Conflict("payment_not_received", "There is a receipt once the money has come.")
        return _pdf(receipt)


class Documents(generics.ListAPIView[Document]):
    """The person's receipts, invoices and credit notes, newest first."""

    queryset = Document.objects.none()  # names the model to the schema
    serializer_class = DocumentSerializer
    pagination_class = StreamPagination
    filterset_class = DocumentFilter

    def get_queryset(self) -> Any:
        return Document.objects.visible_to(self.request.user)


class DocumentPdf(APIView):
    @extend_schema(operation_id="documents_pdf", responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """A document as PDF."""
        return _pdf(get_or_refuse(Document.objects.visible_to(request.user), pk=pk))


class Plans(APIView):
    @extend_schema(operation_id="payments_plans", responses=PlanSerializer(many=True))
    def get(self, request: Request) -> Response:
        """What people can subscribe to."""
        return Response(PlanSerializer(selectors.offers(request.user), many=True).data)


class Subscriptions(APIView):
    @extend_schema(operation_id="stripe_subscriptions_list", responses=SubscriptionSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Your subscriptions that have not ended."""
        mine = Subscription.objects.visible_to(request.user).live().select_related("plan")
        return Response(SubscriptionSerializer(mine, many=True).data)

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


class TransactionHistory(generics.ListAPIView[Hold]):
    """Funds held for work that the person paid or is paid for, newest first."""

    queryset = Hold.objects.none()  # names the model to the schema
    serializer_class = TransactionSerializer
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


def _own_subscription(request: Request, subscription_id: str) -> Subscription:
    own = Subscription.objects.visible_to(request.user).select_related("plan", "user")
    subscription: Subscription = get_or_refuse(own, subscription_id=subscription_id)
    return subscription


def _pdf(document: Document) -> HttpResponse:
    response = HttpResponse(selectors.document_pdf(document), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{document.reference}.pdf"'
    return response
