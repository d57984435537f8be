"""Money asked back, and bonuses, over the API."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from contracts import services
from contracts.api.serializers.contracts import ContractReasonInput
from contracts.api.serializers.money import (
    AnswerInput,
    BonusInput,
    BonusPaidSerializer,
    BonusSerializer,
    RefundRequestSerializer,
)
from contracts.api.views.contracts import visible_contract
from contracts.models import Bonus, Contract, Milestone, RefundRequest
from core.api import parsed
from core.fields import to_money
from core.idempotency import idempotent, token_of
from core.queries import get_or_refuse
from payments.api.serializers import payment_intent_json
from payments.services import refuse_declined


class RefundRequests(generics.ListAPIView[RefundRequest]):
    """Newest first."""

    serializer_class = RefundRequestSerializer
    queryset = RefundRequest.objects.none()

    def get_queryset(self) -> Any:
        milestone = get_or_refuse(Milestone.objects.visible_to(self.request.user), pk=self.kwargs["pk"])
        return milestone.refund_requests.all()

    @extend_schema(
        operation_id="milestones_refund_requests_create",
        request=ContractReasonInput,
        responses={201: RefundRequestSerializer},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Ask the money back, since nothing was handed in by the due date. Silence for seven days refunds it."""
        asked = services.request_milestone_refund(request.user, milestone_id=pk, **parsed(ContractReasonInput, request))
        return Response(RefundRequestSerializer(asked).data, status=201)


def _own(request: Request, milestone_id: int, request_id: int) -> int:
    """The request's id, if it is of that milestone."""
    asked = RefundRequest.objects.visible_to(request.user).filter(milestone=milestone_id)
    return int(get_or_refuse(asked, pk=request_id).pk)


class AgreeToRefund(APIView):
    @extend_schema(operation_id="milestones_refund_requests_agree", request=None, responses=RefundRequestSerializer)
    @idempotent
    def post(self, request: Request, pk: int, request_id: int) -> Response:
        """Give the money back."""
        asked = services.agree_to_refund(request.user, request_id=_own(request, pk, request_id))
        return Response(RefundRequestSerializer(asked).data)


class RefuseRefund(APIView):
    @extend_schema(
        operation_id="milestones_refund_requests_refuse",
        request=AnswerInput,
        responses=RefundRequestSerializer,
    )
    @idempotent
    def post(self, request: Request, pk: int, request_id: int) -> Response:
        """Say why not. The money stays held."""
        data = parsed(AnswerInput, request)
        asked = services.refuse_refund(request.user, request_id=_own(request, pk, request_id), **data)
        return Response(RefundRequestSerializer(asked).data)


class WithdrawRefundRequest(APIView):
    @extend_schema(operation_id="milestones_refund_requests_withdraw", request=None, responses=RefundRequestSerializer)
    @idempotent
    def post(self, request: Request, pk: int, request_id: int) -> Response:
        """Wait on."""
        asked = services.withdraw_refund_request(request.user, request_id=_own(request, pk, request_id))
        return Response(RefundRequestSerializer(asked).data)


class Bonuses(generics.ListAPIView[Bonus]):
    """Newest first; for the freelancer those that were given."""

    serializer_class = BonusSerializer
    queryset = Bonus.objects.none()

    def get_queryset(self) -> Any:
        contract = visible_contract(self)
        return Bonus.objects.visible_to(self.request.user).filter(contract=contract).select_related("hold")

    @extend_schema(operation_id="contracts_bonus_create", request=BonusInput, responses={201: BonusPaidSerializer})
    @idempotent(calls_provider=True)
    def post(self, request: Request, pk: UUID) -> Response:
        """Pay something on top. It is the freelancer's, less the fee, as soon as it is paid."""
        data = parsed(BonusInput, request)
        contract = get_or_refuse(Contract.objects.visible_to(request.user), pk=pk)
        amount = to_money(data.pop("amount"), contract.currency, "amount")
        bonus, payment = services.give_bonus(
            request.user, contract_id=pk, amount=amount, **data, token=token_of(request)
        )
        refuse_declined(payment)
        body = {
            "bonus": BonusSerializer(bonus).data,
            "payment_intent": payment_intent_json(payment),
        }
        return Response(body, status=201)
