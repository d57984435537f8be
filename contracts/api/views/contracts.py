"""Contracts, milestones, and the acceptance of proposals over the API."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from contracts import services
from contracts.api.filters import ContractFilter
from contracts.api.serializers.changes import ChangeSerializer, MilestoneChangeInput, ScopeInput
from contracts.api.serializers.contracts import (
    AcceptInput,
    ContractEventSerializer,
    ContractReasonInput,
    ContractSerializer,
    HireInput,
    PauseInput,
)
from contracts.api.serializers.milestones import (
    ApproveInput,
    FundedSerializer,
    FundInput,
    MilestoneInput,
    MilestoneSerializer,
    RevisionInput,
    SubmitInput,
)
from contracts.models import ChangeRequest, Contract, ContractEvent, Milestone
from contracts.selectors import history
from core.api import parsed
from core.fields import to_money
from core.idempotency import idempotent
from core.queries import get_or_refuse
from payments.api.serializers import payment_intent_json
from payments.services import refuse_declined
from projects.api.serializers import ProposalSerializer
from projects.models import Proposal


def contract_json(contract_id: UUID) -> Any:
    return ContractSerializer(Contract.objects.with_parties().get(pk=contract_id)).data


def visible_contract(view: APIView) -> Contract:
    """The contract that the address names."""
    contract: Contract = get_or_refuse(Contract.objects.visible_to(view.request.user), pk=view.kwargs["pk"])
    return contract


def milestone_json(milestone_id: int) -> Any:
    return MilestoneSerializer(Milestone.objects.with_work().get(pk=milestone_id)).data


def propose_change_of(request: Request, milestone: Milestone, data: dict[str, Any]) -> ChangeRequest:
    """What of `data` is a milestone's, proposed as its change."""
    note = data.get("note", "")
    changes = {name: data[name] for name in ("title", "description", "due_date") if name in data}
    if "amount" in data:
        changes["amount"] = to_money(data["amount"], milestone.currency, "amount")
    return services.propose_milestone_change(request.user, milestone_id=milestone.pk, changes=changes, note=note)


class AcceptedProposalSerializer(ProposalSerializer):
    """The proposal plus the contract it became."""

    contract_id = serializers.UUIDField()

    def to_representation(self, proposal: Proposal) -> dict[str, Any]:
        return super().to_representation(proposal) | {"contract_id": str(proposal.contract.pk)}


class AcceptProposal(APIView):
    @extend_schema(operation_id="proposals_accept", request=AcceptInput, responses={200: AcceptedProposalSerializer})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Hire: makes the contract, its milestones (or weeks) and chat room, and rejects the other proposals."""
        contract = services.accept_proposal(request.user, proposal_id=pk, **parsed(AcceptInput, request))
        return Response(AcceptedProposalSerializer(contract.proposal).data)


class Contracts(generics.ListAPIView[Contract]):
    """The person's contracts, newest first."""

    serializer_class = ContractSerializer
    filterset_class = ContractFilter
    queryset = Contract.objects.none()

    def get_queryset(self) -> Any:
        return Contract.objects.visible_to(self.request.user).with_parties()

    @extend_schema(operation_id="contracts_create", request=HireInput, responses={201: ContractSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """The same as accepting the proposal."""
        contract = services.accept_proposal(request.user, **parsed(HireInput, request))
        return Response(contract_json(contract.pk), status=201)


class ContractDetail(APIView):
    @extend_schema(operation_id="contracts_retrieve", responses=ContractSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        contract = get_or_refuse(Contract.objects.visible_to(request.user).with_parties(), pk=pk)
        return Response(ContractSerializer(contract).data)

    @extend_schema(operation_id="contracts_update", request=ScopeInput, responses=ChangeSerializer)
    def put(self, request: Request, pk: UUID) -> Response:
        """Propose other `terms`. The contract stays as it is until the other side accepts this change."""
        change = services.propose_scope(request.user, contract_id=pk, **parsed(ScopeInput, request))
        return Response(ChangeSerializer(change).data)

    @extend_schema(
        operation_id="contracts_cancel", responses={200: OpenApiResponse(ContractSerializer, "Ended, refunded.")}
    )
    def delete(self, request: Request, pk: UUID) -> Response:
        """End a contract on which nothing was handed in; what is held goes back to the client."""
        services.cancel_contract(request.user, contract_id=pk)
        return Response(contract_json(pk))


class EndContract(APIView):
    @extend_schema(operation_id="contracts_end", request=ContractReasonInput, responses=ContractSerializer)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Stop here: what was released stays so, what is held for work that was never handed in goes back to the client."""
        services.end_contract(request.user, contract_id=pk, **parsed(ContractReasonInput, request))
        return Response(contract_json(pk))


class PauseContract(APIView):
    @extend_schema(operation_id="contracts_pause", request=PauseInput, responses=ContractSerializer)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        services.pause_contract(request.user, contract_id=pk, **parsed(PauseInput, request))
        return Response(contract_json(pk))


class ResumeContract(APIView):
    @extend_schema(operation_id="contracts_resume", request=None, responses=ContractSerializer)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        services.resume_contract(request.user, contract_id=pk)
        return Response(contract_json(pk))


class CompleteContract(APIView):
    @extend_schema(operation_id="contracts_complete", request=None, responses=ContractSerializer)
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Ends a contract whose money is settled; steps that were never funded are left out."""
        services.complete_contract(request.user, contract_id=pk)
        return Response(contract_json(pk))


class ContractMilestones(generics.ListAPIView[Milestone]):
    """The steps of a contract, in their order."""

    serializer_class = MilestoneSerializer
    queryset = Milestone.objects.none()

    def get_queryset(self) -> Any:
        return visible_contract(self).milestones.with_work()

    @extend_schema(
        operation_id="contracts_milestones_create",
        request=MilestoneInput,
        responses={201: MilestoneSerializer},
        description="Propose one more step. It can be paid in once the other side has accepted the change that this makes: "
        "see `proposed_change` of the milestone.",
    )
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Propose one more step. It can be paid in once the other side has accepted the change that this makes."""
        data = parsed(MilestoneInput, request)
        contract = get_or_refuse(Contract.objects.visible_to(request.user), pk=pk)
        amount = to_money(data.pop("amount"), contract.currency, "amount")
        milestone = services.add_milestone(request.user, contract_id=pk, amount=amount, **data)
        return Response(milestone_json(milestone.pk), status=201)


class ContractHistory(generics.ListAPIView[ContractEvent]):
    """Every move of a contract and of what belongs to it, oldest first."""

    serializer_class = ContractEventSerializer
    queryset = ContractEvent.objects.none()

    def get_queryset(self) -> Any:
        return history(visible_contract(self))


class MilestoneDetail(APIView):
    @extend_schema(operation_id="milestones_retrieve", responses=MilestoneSerializer)
    def get(self, request: Request, pk: int) -> Response:
        milestone = get_or_refuse(Milestone.objects.visible_to(request.user).with_work(), pk=pk)
        return Response(MilestoneSerializer(milestone).data)

    @extend_schema(operation_id="milestones_update", request=MilestoneChangeInput, responses=MilestoneSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Propose a change. The milestone stays as it is, with `proposed_change`, until the other side accepts it."""
        data = parsed(MilestoneChangeInput, request)
        milestone = get_or_refuse(Milestone.objects.visible_to(request.user), pk=pk)
        propose_change_of(request, milestone, data)
        return Response(milestone_json(pk))

    @extend_schema(
        operation_id="milestones_delete",
        responses={200: OpenApiResponse(ChangeSerializer, "Proposed or taken back.")},
    )
    def delete(self, request: Request, pk: int) -> Response:
        """Propose to leave a milestone out that was not paid in; of one that you only proposed, take the proposal back."""
        milestone = get_or_refuse(Milestone.objects.visible_to(request.user), pk=pk)
        own = milestone.changes.open().filter(kind="add_milestone", proposer=request.user).first()
        change = (
            services.withdraw_change(request.user, change_id=own.pk)
            if own
            else services.propose_milestone_removal(request.user, milestone_id=pk)
        )
        return Response(ChangeSerializer(change).data)


class FundMilestone(APIView):
    @extend_schema(operation_id="milestones_fund", request=FundInput, responses=FundedSerializer)
    @idempotent(calls_provider=True)
    def post(self, request: Request, pk: int) -> Response:
        """Pay in. With a `payment_method` it is confirmed at once; else confirm with the `client_secret`, or lead the
        payer to the `approval_url` with `provider` "paypal".
        """
        _, payment = services.fund_milestone(request.user, milestone_id=pk, **parsed(FundInput, request))
        refuse_declined(payment)
        return Response({"milestone": milestone_json(pk), "payment_intent": payment_intent_json(payment)})


class SubmitMilestone(APIView):
    @extend_schema(operation_id="milestones_submit", request=SubmitInput, responses=MilestoneSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Hand in work, and start the client's time to answer."""
        services.submit_milestone(request.user, milestone_id=pk, **parsed(SubmitInput, request))
        return Response(milestone_json(pk))


class ApproveMilestone(APIView):
    @extend_schema(operation_id="milestones_approve", request=ApproveInput, responses=MilestoneSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Approve and release what is held, or a part of it; then the rest stays held or goes with the next milestone."""
        data = parsed(ApproveInput, request)
        amount = data["amount"]
        milestone = get_or_refuse(Milestone.objects.visible_to(request.user), pk=pk)
        money = to_money(amount, milestone.currency, "amount") if amount is not None else None
        services.approve_milestone(request.user, milestone_id=pk, amount=money, remainder=data["remainder"])
        return Response(milestone_json(pk))


class RequestRevision(APIView):
    @extend_schema(operation_id="milestones_request_revision", request=RevisionInput, responses=MilestoneSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Ask for changes; the clock stops until the work is handed in again."""
        services.request_revision(request.user, milestone_id=pk, **parsed(RevisionInput, request))
        return Response(milestone_json(pk))
