"""The wallet, its statement, debts, funds held for work, and what the fee leaves, over the API."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from core.api import parsed
from core.idempotency import idempotent, token_of
from core.money import Money
from core.pagination import StreamPagination
from core.queries import get_or_refuse
from payments import selectors, services
from payments.api.filters import EntryFilter, TransactionFilter
from payments.api.serializers.amounts import FeeQuoteInput, FeeQuoteSerializer, quote_json
from payments.api.serializers.payments import DebtInput, PaymentSerializer
from payments.api.serializers.wallet import BalanceSerializer, EntrySerializer, TransactionSerializer, WalletSerializer
from payments.models import Hold, Line
from payments.rules import quote
from payments.selectors import wallet


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


class TransactionHistory(generics.ListAPIView[Hold]):
    """Funds held for work that the person paid or is paid for, newest first."""

    queryset = Hold.objects.none()  # names the model to the schema
    serializer_class = TransactionSerializer
    pagination_class = StreamPagination
    filterset_class = TransactionFilter

    def get_queryset(self) -> Any:
        return Hold.objects.visible_to(self.request.user)
