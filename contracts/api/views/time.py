"""Hours of hourly contracts over the API."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from contracts import services
from contracts.api.filters import TimeEntryFilter, TimesheetFilter
from contracts.api.serializers.contracts import ContractSerializer
from contracts.api.serializers.milestones import FundInput
from contracts.api.serializers.time import (
    FundedWeekSerializer,
    RejectWeekInput,
    TimeEntryChanges,
    TimeEntryInput,
    TimeEntrySerializer,
    TimesheetSerializer,
    WeeklyCapInput,
    WrittenTimeSerializer,
)
from contracts.api.views.contracts import contract_json
from contracts.models import TimeEntry, Timesheet
from core.api import parsed
from core.idempotency import idempotent
from core.queries import get_or_refuse
from payments.api.serializers import payment_intent_json
from payments.services import refuse_declined


def timesheet_json(timesheet_id: int) -> Any:
    weeks = Timesheet.objects.with_sums().select_related("contract", "hold")
    return TimesheetSerializer(weeks.get(pk=timesheet_id)).data


class TimeEntries(generics.ListAPIView[TimeEntry]):
    """The hours of the person's contracts, newest first."""

    serializer_class = TimeEntrySerializer
    filterset_class = TimeEntryFilter
    queryset = TimeEntry.objects.none()

    def get_queryset(self) -> Any:
        return TimeEntry.objects.visible_to(self.request.user).with_week().order_by("-started_at", "-id")

    @extend_schema(
        operation_id="time_entries_create",
        request=TimeEntryInput,
        responses={201: WrittenTimeSerializer},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Start a timer, or with both times write hours down. Only in a week that is paid in, and never twice."""
        data = parsed(TimeEntryInput, request)
        if "started_at" in data:
            entries = services.add_time(request.user, **data)
        else:
            entries = [services.start_timer(request.user, **data)]
        return Response(WrittenTimeSerializer(entries).data, status=201)


class TimeEntryDetail(APIView):
    @extend_schema(operation_id="time_entries_retrieve", responses=TimeEntrySerializer)
    def get(self, request: Request, pk: int) -> Response:
        entry = get_or_refuse(TimeEntry.objects.visible_to(request.user).with_week(), pk=pk)
        return Response(TimeEntrySerializer(entry).data)

    @extend_schema(operation_id="time_entries_update", request=TimeEntryChanges, responses=TimeEntrySerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Until Monday 12:00 UTC, and afterwards for hours that the client sent back."""
        entry = services.edit_time(request.user, entry_id=pk, **parsed(TimeEntryChanges, request))
        return Response(TimeEntrySerializer(entry).data)

    @extend_schema(operation_id="time_entries_delete", responses={204: OpenApiResponse(description="Gone.")})
    def delete(self, request: Request, pk: int) -> Response:
        services.delete_time(request.user, entry_id=pk)
        return Response(status=204)


class StopTimer(APIView):
    @extend_schema(operation_id="time_entries_stop", request=None, responses=WrittenTimeSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """A timer that ran into another week is cut there."""
        entries = services.stop_timer(request.user, entry_id=pk)
        return Response(WrittenTimeSerializer(entries).data)


class Timesheets(generics.ListAPIView[Timesheet]):
    """The weeks of the person's hourly contracts, newest first."""

    serializer_class = TimesheetSerializer
    filterset_class = TimesheetFilter
    queryset = Timesheet.objects.none()

    def get_queryset(self) -> Any:
        return Timesheet.objects.visible_to(self.request.user).with_sums().select_related("contract", "hold")


class TimesheetDetail(APIView):
    @extend_schema(operation_id="timesheets_retrieve", responses=TimesheetSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Its hours are at `/api/time-entries?timesheet_id=`."""
        get_or_refuse(Timesheet.objects.visible_to(request.user), pk=pk)
        return Response(timesheet_json(pk))


class FundWeek(APIView):
    @extend_schema(operation_id="timesheets_fund", request=FundInput, responses=FundedWeekSerializer)
    @idempotent(calls_provider=True)
    def post(self, request: Request, pk: int) -> Response:
        """Pay the week in, up to its cap; time that is not worked goes back. As with milestones: see there."""
        _, payment = services.fund_week(request.user, timesheet_id=pk, **parsed(FundInput, request))
        refuse_declined(payment)
        return Response({"timesheet": timesheet_json(pk), "payment_intent": payment_intent_json(payment)})


class SubmitTimesheet(APIView):
    @extend_schema(operation_id="timesheets_submit", request=None, responses=TimesheetSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Send the week to be reviewed. It happens by itself on Monday at 12:00 UTC."""
        services.submit_timesheet(request.user, timesheet_id=pk)
        return Response(timesheet_json(pk))


class ApproveTimesheet(APIView):
    @extend_schema(operation_id="timesheets_approve", request=None, responses=TimesheetSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Approve every hour: they are paid out, and the rest of the week's money goes back."""
        services.approve_timesheet(request.user, timesheet_id=pk)
        return Response(timesheet_json(pk))


class RejectTimesheet(APIView):
    @extend_schema(operation_id="timesheets_reject", request=RejectWeekInput, responses=TimesheetSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Send hours back with a reason each; the freelancer corrects them within the time to review."""
        data = parsed(RejectWeekInput, request)
        reasons = {entry["id"]: entry["reason"] for entry in data["entries"]}
        services.reject_timesheet(request.user, timesheet_id=pk, reasons=reasons, note=data["note"])
        return Response(timesheet_json(pk))


class ConcedeTimesheet(APIView):
    @extend_schema(operation_id="timesheets_concede", request=None, responses=TimesheetSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """The freelancer gives up hours that are not agreed; what is held for them goes back."""
        services.concede_timesheet(request.user, timesheet_id=pk)
        return Response(timesheet_json(pk))


class WeeklyCap(APIView):
    @extend_schema(operation_id="contracts_weekly_cap", request=WeeklyCapInput, responses=ContractSerializer)
    def put(self, request: Request, pk: UUID) -> Response:
        """How long a week may be at most, from the first week on that is not paid in."""
        data = parsed(WeeklyCapInput, request)
        services.change_weekly_cap(request.user, contract_id=pk, minutes=data["weekly_cap_minutes"])
        return Response(contract_json(pk))
