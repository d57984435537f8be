"""Weeks of hours."""

from django import forms
from django.contrib import admin
from django.shortcuts import get_object_or_404
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.models import User
from contracts import services
from contracts.models import TimeEntry, Timesheet, TimesheetEvent
from core.admin import EventInline, ReadOnlyAdmin, ReadOnlyInline
from core.admin.dialogs import in_dialog
from core.clock import hours_text
from core.money import Money


class DecideWeekForm(BaseDialogForm):
    amount = forms.DecimalField(
        min_value=0,
        max_digits=14,
        decimal_places=3,
        widget=UnfoldAdminTextInputWidget,
        help_text="Gross, in the week's currency; 0 if all of it goes back.",
    )
    reason = forms.CharField(
        max_length=1000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}), help_text="Shown to both people."
    )

    def clean_amount(self) -> Money:
        currency = get_object_or_404(Timesheet, pk=self.object_id).currency
        try:
            return Money.parse(self.cleaned_data["amount"], currency)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class TimesheetInline(ReadOnlyInline):
    model = Timesheet
    fields = ["week_start", "status", "cap_minutes", "rate", "billed", "review_until"]
    readonly_fields = fields


class TimesheetEventInline(EventInline):
    model = TimesheetEvent


class TimeEntryInline(ReadOnlyInline):
    model = TimeEntry
    fields = ["started_at", "ended_at", "minutes", "memo", "is_manual", "rejection"]
    readonly_fields = fields


@admin.register(Timesheet)
class TimesheetAdmin(ReadOnlyAdmin):
    """Weeks of hours. Those that are not agreed wait here for a decision: filter by status."""

    list_display = ["id", "contract", "week_start", "status", "cap_minutes", "rate", "billed", "review_until"]
    list_filter = ["status", "currency"]
    search_fields = [
        "=id",
        "=contract__id",
        "contract__title",
        "contract__client__email",
        "contract__freelancer__email",
    ]
    list_select_related = ["contract"]
    fields = [
        "contract",
        "week_start",
        "status",
        "hours",
        "rate",
        "price",
        "held",
        "billed",
        "hold",
        "edits_until",
        "submitted_at",
        "review_until",
        "billed_at",
    ]
    readonly_fields = fields
    inlines = [TimeEntryInline, TimesheetEventInline]
    actions_detail = ["decide"]

    @admin.display(description="Hours")
    def hours(self, week: Timesheet) -> str:
        logged = sum(entry.minutes for entry in week.entries.all())
        return f"{hours_text(logged)} of {hours_text(week.cap_minutes)}"

    @admin.display(description="Held")
    def held(self, week: Timesheet) -> str:
        return str(week.hold.held) if week.hold else "–"

    @in_dialog(
        "Decide on hours that are not agreed",
        title="Decide on hours that are not agreed",
        description="What the freelancer gets of what is still held; the rest goes back. Both read the reason.",
        form=DecideWeekForm,
        submit="Decide",
        done="Decided. Both were told.",
    )
    def decide(self, actor: User, timesheet_id: int, amount: Money, reason: str) -> None:
        services.decide_timesheet(actor, timesheet_id=timesheet_id, amount=amount, reason=reason)


@admin.register(TimeEntry)
class TimeEntryAdmin(ReadOnlyAdmin):
    list_display = ["id", "freelancer", "timesheet", "started_at", "ended_at", "minutes", "is_manual", "rejection"]
    list_filter = ["is_manual", ("ended_at", admin.EmptyFieldListFilter), ("rejected_at", admin.EmptyFieldListFilter)]
    search_fields = ["=id", "freelancer__email", "=timesheet__id"]
    list_select_related = ["freelancer", "timesheet"]
