"""Payouts, and the account that they go to, over the API."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import session_of
from core.api import parsed
from core.idempotency import idempotent
from core.openapi import ErrorSerializer
from core.queries import get_or_refuse
from payments import services
from payments.api.filters import PayoutFilter
from payments.api.serializers.amounts import MoneyInput
from payments.api.serializers.payouts import (
    PayoutAccountInput,
    PayoutAccountLinkSerializer,
    PayoutAccountSerializer,
    PayoutSerializer,
)
from payments.models import ConnectAccount, Payout


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
