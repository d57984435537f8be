"""Disputes over the API: what the two sides do, and the staff's decision."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from contracts.api.filters import DisputeFilter
from contracts.api.serializers.disputes import (
    ContestInput,
    DecisionSerializer,
    DisputeInput,
    DisputeOfferSerializer,
    DisputeSerializer,
    EvidenceInput,
    EvidenceSerializer,
    OfferInput,
    RefusalInput,
    ResolveInput,
    TranscriptSerializer,
    offer_json,
)
from contracts.models import Dispute, DisputeDecision, Milestone, Timesheet
from contracts.selectors import DisputeView, record_pdf
from contracts.services import disputes as services
from core.api import parsed
from core.fields import to_money
from core.idempotency import idempotent
from core.queries import get_or_refuse


def dispute_json(dispute_id: int) -> Any:
    return DisputeSerializer(Dispute.objects.with_record().get(pk=dispute_id)).data


class Disputes(generics.ListAPIView[Dispute]):
    """The person's disputes, newest first."""

    serializer_class = DisputeSerializer
    filterset_class = DisputeFilter
    queryset = Dispute.objects.none()

    def get_queryset(self) -> Any:
        return Dispute.objects.visible_to(self.request.user).with_record()

    @extend_schema(operation_id="disputes_create", request=DisputeInput, responses={201: DisputeSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        """Freezes what is held for the milestone, and asks the other side for an answer within five days.

        Of hours only what is claimed is frozen: the rest of them is paid out, and what was not worked goes back.
        """
        data = parsed(DisputeInput, request)
        if "timesheet_id" in data:
            currency = get_or_refuse(Timesheet.objects.visible_to(request.user), pk=data["timesheet_id"]).currency
            act = services.open_week_dispute
        else:
            currency = get_or_refuse(Milestone.objects.visible_to(request.user), pk=data["milestone_id"]).currency
            act = services.open_dispute
        dispute = act(request.user, claim=to_money(data.pop("amount"), currency, "amount"), **data)
        return Response(dispute_json(dispute.pk), status=201)


class DisputeDetail(APIView):
    @extend_schema(operation_id="disputes_retrieve", responses=DisputeSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """For the two sides, and for staff who mediate."""
        return Response(DisputeSerializer(services.read_dispute(request.user, dispute_id=pk).dispute).data)


class AcceptClaim(APIView):
    @extend_schema(operation_id="disputes_accept_claim", request=None, responses=DisputeSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """The other side agrees: the claim is paid as it stands."""
        services.accept_claim(request.user, dispute_id=pk)
        return Response(dispute_json(pk))


class ContestDispute(APIView):
    @extend_schema(operation_id="disputes_contest", request=ContestInput, responses=DisputeSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """The other side disagrees: the staff mediate, and decide within thirty days."""
        services.contest_dispute(request.user, dispute_id=pk, **parsed(ContestInput, request))
        return Response(dispute_json(pk))


class AskMediation(APIView):
    @extend_schema(operation_id="disputes_ask_mediation", request=None, responses=DisputeSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """The opener does not take the counter-offer."""
        services.ask_mediation(request.user, dispute_id=pk)
        return Response(dispute_json(pk))


class WithdrawDispute(APIView):
    @extend_schema(operation_id="disputes_withdraw", request=None, responses=DisputeSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """The opener takes it back: work and clocks go on."""
        services.withdraw_dispute(request.user, dispute_id=pk)
        return Response(dispute_json(pk))


class DisputeOffers(APIView):
    @extend_schema(operation_id="disputes_offer", request=OfferInput, responses={201: DisputeOfferSerializer})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Say which split you would agree to. To a claim it is a counter-offer."""
        data = parsed(OfferInput, request)
        dispute = get_or_refuse(Dispute.objects.visible_to(request.user).with_record(), pk=pk)
        amount = to_money(data.pop("to_freelancer"), dispute.currency, "to_freelancer")
        offer = services.offer_split(request.user, dispute_id=pk, to_freelancer=amount, **data)
        return Response(offer_json(offer, DisputeView(dispute).parts(amount)), status=201)


class AcceptOffer(APIView):
    @extend_schema(operation_id="disputes_accept_offer", request=None, responses=DisputeSerializer)
    @idempotent
    def post(self, request: Request, pk: int, offer_id: int) -> Response:
        """Take the other side's standing offer. The money moves at once."""
        services.accept_offer(request.user, dispute_id=pk, offer_id=offer_id)
        return Response(dispute_json(pk))


class DisputeEvidence(APIView):
    @extend_schema(
        operation_id="disputes_add_evidence",
        request=EvidenceInput,
        responses={201: EvidenceSerializer},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Words and files (uploads of the kind `attachment`), for the two sides and the staff. They cannot be changed."""
        evidence = services.add_evidence(request.user, dispute_id=pk, **parsed(EvidenceInput, request))
        return Response(EvidenceSerializer(evidence).data, status=201)


class DisputeTranscript(APIView):
    @extend_schema(operation_id="disputes_transcript", responses=TranscriptSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """The whole record: terms, milestone, work, chat, evidence, offers, money, and what happened when."""
        return Response(TranscriptSerializer(services.read_dispute(request.user, dispute_id=pk)).data)


class DisputePdf(APIView):
    @extend_schema(operation_id="disputes_pdf", responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The whole record as PDF, with the names of files. Of a long chat, the latest messages."""
        record = services.read_dispute(request.user, dispute_id=pk)
        response = HttpResponse(record_pdf(record), content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="dispute-{pk}.pdf"'
        return response


class ResolveDispute(APIView):
    @extend_schema(operation_id="disputes_resolve", request=ResolveInput, responses=DecisionSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Staff who mediate split what is held. About much money, the decision waits for a second person."""
        data = parsed(ResolveInput, request)
        dispute = services.read_dispute(request.user, dispute_id=pk).dispute
        amount = to_money(data.pop("to_freelancer"), dispute.currency, "to_freelancer")
        decision = services.decide_dispute(request.user, dispute_id=pk, to_freelancer=amount, **data)
        return Response(DecisionSerializer(decision).data)


class ConfirmDecision(APIView):
    @extend_schema(operation_id="disputes_confirm_decision", request=None, responses=DecisionSerializer)
    @idempotent
    def post(self, request: Request, decision_id: int) -> Response:
        """A second member of staff agrees, and the money moves."""
        services.confirm_decision(request.user, decision_id=decision_id)
        return Response(DecisionSerializer(DisputeDecision.objects.get(pk=decision_id)).data)


class RefuseDecision(APIView):
    @extend_schema(operation_id="disputes_refuse_decision", request=RefusalInput, responses=DecisionSerializer)
    @idempotent
    def post(self, request: Request, decision_id: int) -> Response:
        """A second member of staff does not agree: the dispute is to be decided again."""
        decision = services.refuse_decision(request.user, decision_id=decision_id, **parsed(RefusalInput, request))
        return Response(DecisionSerializer(decision).data)
