"""Weeks of hours."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from contracts import services
from contracts.models import (
    TimeEntry,
    Timesheet,
    TimesheetEvent,
)
from core.admin import EventInline, ReadOnlyAdmin, ReadOnlyInline, from_dialog
from core.clock import hours_text
from core.errors import Invalid
from core.money import Money


class DecideWeekForm(BaseDialogForm):
    amount = forms.DecimalField(
        min_value=0,
        max_digits=14,
        decimal_places=3,
        widget=UnfoldAdminTextInputWidget,
        help_text="Gross, in the week's currency; 0 if all of it goes back.",
    )
    reason = forms.CharField(max_length=1000, widget=UnfoldAdminTextareaWidget, help_text="Shown to both people.")

    def money(self, currency: str) -> Money:
        try:
            return Money.parse(self.cleaned_data["amount"], currency)
        except ValueError as error:
            raise Invalid(fields={"amount": [str(error)]}) from error


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

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.has_act_permission(request)

    @action(
        description="Decide on hours that are not agreed",
        permissions=["decide"],
        dialog={
            "title": "Decide on hours that are not agreed",
            "description": "What the freelancer gets of what is still held; the rest goes back. Both read the reason.",
            "form_class": DecideWeekForm,
            "form_submit_text": "Decide",
        },
    )
    def decide(self, request: HttpRequest, form: DecideWeekForm, object_id: int) -> HttpResponse:
        def act() -> None:
            currency = Timesheet.objects.get(pk=object_id).currency
            services.decide_timesheet(
                request.user,  # type: ignore[arg-type]  # the console lets only signed-in people in
                timesheet_id=object_id,
                amount=form.money(currency),
                reason=form.cleaned_data["reason"],
            )

        return from_dialog(self, request, form, act, "Decided. Both were told.")


@admin.register(TimeEntry)
class TimeEntryAdmin(ReadOnlyAdmin):
    list_display = ["id", "freelancer", "timesheet", "started_at", "ended_at", "minutes", "is_manual", "rejection"]
    list_filter = ["is_manual", ("ended_at", admin.EmptyFieldListFilter), ("rejected_at", admin.EmptyFieldListFilter)]
    search_fields = ["=id", "freelancer__email", "=timesheet__id"]
    list_select_related = ["freelancer", "timesheet"]
