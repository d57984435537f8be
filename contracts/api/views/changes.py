"""Changes by agreement, and the terms that came of them, over the API."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from contracts import services
from contracts.api.serializers.changes import ChangeSerializer, ContractChangeInput, TermsSerializer
from contracts.api.serializers.contracts import ContractReasonInput
from contracts.api.views.contracts import propose_change_of, visible_contract
from contracts.models import ChangeRequest, Contract, Milestone, TermsVersion
from contracts.rules import ChangeKind
from core.api import parsed
from core.fields import to_money
from core.idempotency import idempotent
from core.queries import get_or_refuse


class Changes(generics.ListAPIView[ChangeRequest]):
    """All that was ever proposed, newest first, with how it stood before and after."""

    serializer_class = ChangeSerializer
    queryset = ChangeRequest.objects.none()

    def get_queryset(self) -> Any:
        return visible_contract(self).changes.all()

    @extend_schema(
        operation_id="contracts_changes_create",
        request=ContractChangeInput,
        responses={201: ChangeSerializer},
    )
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Propose a change; either side may. It holds once the other has accepted it."""
        data = parsed(ContractChangeInput, request)
        contract = get_or_refuse(Contract.objects.visible_to(request.user), pk=pk)
        change = _PROPOSE[ChangeKind(data["kind"])](request, contract, data)
        return Response(ChangeSerializer(change).data, status=201)


def _add(request: Request, contract: Contract, data: dict[str, Any]) -> ChangeRequest:
    milestone = services.add_milestone(
        request.user,
        contract_id=contract.pk,
        title=data["title"],
        amount=to_money(data["amount"], contract.currency, "amount"),
        description=data.get("description", ""),
        due_date=data.get("due_date"),
        note=data["note"],
    )
    return milestone.changes.get()


def _change(request: Request, contract: Contract, data: dict[str, Any]) -> ChangeRequest:
    return propose_change_of(request, _milestone(contract, data), data)


def _remove(request: Request, contract: Contract, data: dict[str, Any]) -> ChangeRequest:
    milestone = _milestone(contract, data)
    return services.propose_milestone_removal(request.user, milestone_id=milestone.pk, note=data["note"])


def _scope(request: Request, contract: Contract, data: dict[str, Any]) -> ChangeRequest:
    return services.propose_scope(request.user, contract_id=contract.pk, terms=data["terms"], note=data["note"])


def _milestone(contract: Contract, data: dict[str, Any]) -> Milestone:
    return get_or_refuse(contract.milestones.all(), pk=data["milestone_id"])


_PROPOSE: dict[ChangeKind, Callable[[Request, Contract, dict[str, Any]], ChangeRequest]] = {
    ChangeKind.ADD_MILESTONE: _add,
    ChangeKind.CHANGE_MILESTONE: _change,
    ChangeKind.REMOVE_MILESTONE: _remove,
    ChangeKind.CHANGE_SCOPE: _scope,
}


def _own(request: Request, contract_id: UUID, change_id: int) -> int:
    """The change's id, if it is of that contract."""
    changes = ChangeRequest.objects.visible_to(request.user).filter(contract=contract_id)
    return int(get_or_refuse(changes, pk=change_id).pk)


class AcceptChange(APIView):
    @extend_schema(operation_id="contracts_changes_accept", request=None, responses=ChangeSerializer)
    @idempotent
    def post(self, request: Request, pk: UUID, change_id: int) -> Response:
        """Agree: it holds from now on, and the terms get their next version."""
        change = services.accept_change(request.user, change_id=_own(request, pk, change_id))
        return Response(ChangeSerializer(change).data)


class DeclineChange(APIView):
    @extend_schema(operation_id="contracts_changes_decline", request=ContractReasonInput, responses=ChangeSerializer)
    @idempotent
    def post(self, request: Request, pk: UUID, change_id: int) -> Response:
        """Say no; everything stays as it was."""
        data = parsed(ContractReasonInput, request)
        change = services.decline_change(request.user, change_id=_own(request, pk, change_id), **data)
        return Response(ChangeSerializer(change).data)


class WithdrawChange(APIView):
    @extend_schema(operation_id="contracts_changes_withdraw", request=None, responses=ChangeSerializer)
    @idempotent
    def post(self, request: Request, pk: UUID, change_id: int) -> Response:
        """Take your own proposal back."""
        change = services.withdraw_change(request.user, change_id=_own(request, pk, change_id))
        return Response(ChangeSerializer(change).data)


class Terms(generics.ListAPIView[TermsVersion]):
    """Every version of what was agreed, word for word, with its fingerprint and who accepted it when; newest first."""

    serializer_class = TermsSerializer
    queryset = TermsVersion.objects.none()

    def get_queryset(self) -> Any:
        return visible_contract(self).terms_versions.order_by("-number").prefetch_related("acceptances")
