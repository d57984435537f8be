"""Gigs and their held funds over the API."""

from typing import Any

from django.db.models import Q
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics
from rest_framework.permissions import SAFE_METHODS, AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import Conflict
from core.idempotency import idempotent
from core.queries import get_or_refuse
from gigs import services
from gigs.api.filters import GigFilter
from gigs.api.serializers import (
    EscrowInput,
    GigInput,
    GigSerializer,
    GigStatusInput,
    NoShowAnswerInput,
    NoShowInput,
    TransactionSerializer,
    open_gig_json,
)
from gigs.models import Gig
from gigs.rules import GigStatus
from gigs.selectors import OpenGigs, open_gig
from payments.api.serializers import payment_intent_json
from payments.models import Hold
from payments.services import refuse_declined


def gig_json(gig_id: int, request: Request) -> Any:
    gig = Gig.objects.with_people().get(pk=gig_id)
    return GigSerializer(gig, context={"user": request.user}).data


class GigListMixin:
    """Represents gigs for the person who asks."""

    serializer_class = GigSerializer

    def get_serializer_context(self) -> dict[str, Any]:
        return {"user": self.request.user}  # type: ignore[attr-defined]


class PublicReading:
    """Reading is for everybody, writing for signed-in people."""

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny() if self.request.method in SAFE_METHODS else IsAuthenticated()]  # type: ignore[attr-defined]


class Gigs(PublicReading, GigListMixin, generics.ListAPIView[Gig]):
    """Open gigs (or with `status` the person's own in that state): nearest first when searched by place, else newest."""

    filterset_class = GigFilter

    def get_queryset(self) -> Any:
        if self._wants_open():
            return Gig.objects.open()
        return Gig.objects.visible_to(self.request.user).with_people()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if not self._wants_open():
            return super().list(request, *args, **kwargs)
        rows = self.paginate_queryset(OpenGigs(self.filter_queryset(self.get_queryset())))  # type: ignore[arg-type]
        return self.get_paginated_response([open_gig_json(row, request.user) for row in rows or []])

    def _wants_open(self) -> bool:
        return self.request.query_params.get("status") in {None, "", GigStatus.PENDING}

    @extend_schema(operation_id="gigs_create", request=GigInput, responses={201: GigSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        serializer = GigInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        gig = services.post_gig(request.user, details=serializer.details())
        return Response(gig_json(gig.pk, request), status=201)


class MyGigs(GigListMixin, generics.ListAPIView[Gig]):
    """Gigs that the person posted or helps with, newest first."""

    queryset = Gig.objects.none()

    def get_queryset(self) -> Any:
        user = self.request.user
        return Gig.objects.filter(Q(seeker=user) | Q(helper=user)).with_people().order_by("-id")

    @extend_schema(operation_id="gigs_mine")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class GigDetail(PublicReading, APIView):
    @extend_schema(operation_id="gigs_retrieve", responses=GigSerializer)
    def get(self, request: Request, pk: int) -> Response:
        if row := open_gig(pk):
            return Response(open_gig_json(row, request.user))
        gig = get_or_refuse(Gig.objects.visible_to(request.user).with_people(), pk=pk)
        return Response(GigSerializer(gig, context={"user": request.user}).data)

    @extend_schema(operation_id="gigs_update", request=GigInput, responses=GigSerializer)
    def put(self, request: Request, pk: int) -> Response:
        return self._edit(request, pk, partial=False)

    @extend_schema(operation_id="gigs_partial_update", request=GigInput(partial=True), responses=GigSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        return self._edit(request, pk, partial=True)

    @extend_schema(operation_id="gigs_cancel", responses={200: OpenApiResponse(GigSerializer, "Cancelled, refunded.")})
    def delete(self, request: Request, pk: int) -> Response:
        """Cancel. What is held goes back to the seeker; what it costs when it is late, `cancellation` said before."""
        services.cancel_gig(request.user, gig_id=pk)
        return Response(gig_json(pk, request))

    def _edit(self, request: Request, pk: int, *, partial: bool) -> Response:
        gig = get_or_refuse(Gig.objects.visible_to(request.user).with_people(), pk=pk)
        serializer = GigInput(gig, data=request.data, partial=partial)
        serializer.is_valid(raise_exception=True)
        services.edit_gig(request.user, gig_id=pk, details=serializer.details())
        return Response(gig_json(pk, request))


class AcceptGig(APIView):
    @extend_schema(operation_id="gigs_accept", request=None, responses=GigSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """The first helper gets it; everybody else a 409 `gig_taken`."""
        services.accept_gig(request.user, gig_id=pk)
        return Response(gig_json(pk, request))


class ChangeGigStatus(APIView):
    @extend_schema(operation_id="gigs_change_status", request=GigStatusInput, responses=GigSerializer)
    @idempotent
    def put(self, request: Request, pk: int) -> Response:
        """The helper starts (`in_progress`, once the funds are held) and finishes (`completed`); either side cancels.

        Cancelling is free until 24 hours before the start or within 5 minutes of the acceptance. Later, 20 % of the
        budget goes to the helper if the seeker cancels; for the helper it is a strike. See `cancellation` of the gig.
        """
        serializer = GigStatusInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        match serializer.validated_data["status"]:
            case GigStatus.IN_PROGRESS:
                services.start_gig(request.user, gig_id=pk)
            case GigStatus.COMPLETED:
                services.complete_gig(request.user, gig_id=pk)
            case GigStatus.CANCELLED:
                services.cancel_gig(request.user, gig_id=pk, late=serializer.validated_data["late"])
        return Response(gig_json(pk, request))


class ReportNoShow(APIView):
    @extend_schema(operation_id="gigs_report_no_show", request=NoShowInput, responses=GigSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Within 24 hours after the start: the other side did not come. They have 24 hours to answer.

        Silence confirms it: everything goes back if it was the helper, 20 % goes to the helper if it was the seeker.
        """
        serializer = NoShowInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        services.report_no_show(request.user, gig_id=pk, **serializer.validated_data)
        return Response(gig_json(pk, request))


class ContestNoShow(APIView):
    @extend_schema(operation_id="gigs_contest_no_show", request=NoShowAnswerInput, responses=GigSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Who was reported came, they say. Staff decide, and both sides read why."""
        serializer = NoShowAnswerInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        services.contest_no_show(request.user, gig_id=pk, **serializer.validated_data)
        return Response(gig_json(pk, request))


class WithdrawNoShow(APIView):
    @extend_schema(operation_id="gigs_withdraw_no_show", request=None, responses=GigSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """The report was a mistake: the gig goes on as it was."""
        services.withdraw_no_show(request.user, gig_id=pk)
        return Response(gig_json(pk, request))


class Escrow(APIView):
    @extend_schema(operation_id="transactions_escrow", request=EscrowInput, responses=TransactionSerializer)
    @idempotent(calls_provider=True)
    def post(self, request: Request) -> Response:
        """The seeker pays in for an accepted gig; held until the work is done. `provider` "paypal": see `approval_url`."""
        serializer = EscrowInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        gig, payment = services.fund_gig(request.user, **serializer.validated_data)
        refuse_declined(payment)
        return Response(TransactionSerializer(gig).data | {"payment_intent": payment_intent_json(payment)})


class ReleaseTransaction(APIView):
    @extend_schema(operation_id="transactions_release", request=None, responses=TransactionSerializer)
    @idempotent
    def put(self, request: Request, pk: int) -> Response:
        """The seeker releases the held funds of a finished gig to the helper. 409 `not_a_gig` for those of a contract."""
        gig = services.release_gig(request.user, gig_id=_gig_paid_by(request, pk))
        return Response(TransactionSerializer(gig).data)


class CancelTransaction(APIView):
    @extend_schema(operation_id="transactions_cancel", request=None, responses=TransactionSerializer)
    @idempotent
    def put(self, request: Request, pk: int) -> Response:
        """Cancels the gig; what is held goes back, less the cost of a late one. 409 `not_a_gig` for the funds of a contract."""
        gig = services.cancel_gig(request.user, gig_id=_gig_paid_by(request, pk))
        return Response(TransactionSerializer(Gig.objects.select_related("hold").get(pk=gig.pk)).data)


def _gig_paid_by(request: Request, hold_id: int) -> int:
    """The gig of these funds."""
    hold = get_or_refuse(Hold.objects.visible_to(request.user).select_related("gig"), pk=hold_id)
    if hold.purpose != Hold.Purpose.GIG:
        raise Conflict("not_a_gig", "These funds are for a contract. They move when its work is approved or ended.")
    return int(hold.gig.pk)
