"""Hours and the weeks that they are paid by."""

from typing import Any

from rest_framework import serializers

from contracts.models import TimeEntry, Timesheet
from contracts.rules.time import MAX_ENTRIES_A_WEEK, TimesheetStatus, pay_for
from core.fields import AmountField, CurrencyField
from core.formats import iso
from core.money import Money
from payments.api.serializers import PaymentIntentSerializer
from payments.rules import quote


class TimeEntrySerializer(serializers.Serializer[TimeEntry]):
    """Needs `with_week()`."""

    id = serializers.IntegerField()
    contract_id = serializers.UUIDField()
    timesheet_id = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True, help_text="Empty while the timer runs.")
    minutes = serializers.IntegerField(help_text="Whole minutes; 0 while the timer runs.")
    memo = serializers.CharField()
    is_manual = serializers.BooleanField(help_text="Written down afterwards, not measured by the timer.")
    rejection = serializers.CharField(help_text="Why the client does not agree, if so.")
    created_at = serializers.DateTimeField()

    def to_representation(self, entry: TimeEntry) -> dict[str, Any]:
        return {
            "id": entry.pk,
            "contract_id": str(entry.timesheet.contract_id),
            "timesheet_id": entry.timesheet_id,
            "started_at": iso(entry.started_at),
            "ended_at": iso(entry.ended_at),
            "minutes": entry.minutes,
            "memo": entry.memo,
            "is_manual": entry.is_manual,
            "rejection": entry.rejection,
            "created_at": iso(entry.created_at),
        }


class WrittenTimeSerializer(TimeEntrySerializer):
    """What was written, and what of it fell into a later week."""

    split_off = TimeEntrySerializer(many=True)

    def to_representation(self, entries: Any) -> dict[str, Any]:
        first, *others = entries
        return super().to_representation(first) | {"split_off": TimeEntrySerializer(others, many=True).data}


class TimesheetSerializer(serializers.Serializer[Timesheet]):
    """Needs `with_sums()`, `.contract` and `.hold`."""

    id = serializers.IntegerField()
    contract_id = serializers.UUIDField()
    week_start = serializers.DateField(help_text="A Monday; the week is Monday to Sunday in UTC.")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    status = serializers.ChoiceField(choices=TimesheetStatus.choices)
    currency = CurrencyField()
    hourly_rate = AmountField()
    cap_minutes = serializers.IntegerField()
    price = AmountField(help_text="What the week is paid in with: the cap at the rate.")
    minutes = serializers.IntegerField(help_text="Of finished entries.")
    rejected_minutes = serializers.IntegerField(help_text="Of entries that the client sent back.")
    amount = AmountField(help_text="What the minutes come to.")
    fee = AmountField(help_text="Guildhall's part of it.")
    net = AmountField(help_text="What the freelancer receives.")
    held = AmountField()
    billed = AmountField(help_text="Gross, what was released.")
    edits_until = serializers.DateTimeField(help_text="When the week is sent by itself.")
    review_until = serializers.DateTimeField(help_text="When silence becomes approval.")
    submitted_at = serializers.DateTimeField(allow_null=True)
    billed_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, timesheet: Timesheet) -> dict[str, Any]:
        minutes: int = timesheet.minutes  # type: ignore[attr-defined]  # by with_sums
        figures = quote(pay_for(minutes, timesheet.rate), timesheet.contract.fee_bps)
        return {
            "id": timesheet.pk,
            "contract_id": str(timesheet.contract_id),
            "week_start": timesheet.week_start.isoformat(),
            "starts_at": iso(timesheet.starts_at),
            "ends_at": iso(timesheet.ends_at),
            "status": timesheet.status,
            "currency": timesheet.currency,
            "hourly_rate": timesheet.rate.as_string(),
            "cap_minutes": timesheet.cap_minutes,
            "price": timesheet.price.as_string(),
            "minutes": minutes,
            "rejected_minutes": timesheet.rejected_minutes,  # type: ignore[attr-defined]
            "amount": figures.gross.as_string(),
            "fee": figures.fee.as_string(),
            "net": figures.net.as_string(),
            "held": (timesheet.hold.held if timesheet.hold else Money(0, timesheet.currency)).as_string(),
            "billed": timesheet.billed.as_string(),
            "edits_until": iso(timesheet.edits_until),
            "review_until": iso(timesheet.review_until),
            "submitted_at": iso(timesheet.submitted_at),
            "billed_at": iso(timesheet.billed_at),
        }


class FundedWeekSerializer(serializers.Serializer[Any]):
    timesheet = TimesheetSerializer()
    payment_intent = PaymentIntentSerializer()


class TimeEntryInput(serializers.Serializer[Any]):
    """Without times, a timer starts now."""

    contract_id = serializers.UUIDField()
    memo = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    started_at = serializers.DateTimeField(required=False)
    ended_at = serializers.DateTimeField(required=False)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if ("started_at" in data) != ("ended_at" in data):
            missing = "ended_at" if "started_at" in data else "started_at"
            raise serializers.ValidationError({missing: ["Give both times, or none to start a timer."]})
        return data


class TimeEntryChanges(serializers.Serializer[Any]):
    memo = serializers.CharField(max_length=500, required=False, allow_blank=True)
    started_at = serializers.DateTimeField(required=False)
    ended_at = serializers.DateTimeField(required=False)


class RejectedEntryInput(serializers.Serializer[Any]):
    id = serializers.IntegerField(min_value=1)
    reason = serializers.CharField(max_length=500)


class RejectWeekInput(serializers.Serializer[Any]):
    entries = RejectedEntryInput(many=True, allow_empty=False, max_length=MAX_ENTRIES_A_WEEK)
    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class WeeklyCapInput(serializers.Serializer[Any]):
    weekly_cap_minutes = serializers.IntegerField(min_value=1)
