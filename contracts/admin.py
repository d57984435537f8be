"""Contracts and what belongs to them in the staff console."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from contracts import services
from contracts.models import (
    Bonus,
    ChangeEvent,
    ChangeRequest,
    Contract,
    ContractEvent,
    Milestone,
    MilestoneEvent,
    RefundRequest,
    RefundRequestEvent,
    Submission,
    TermsVersion,
    TimeEntry,
    Timesheet,
    TimesheetEvent,
)
from contracts.rules.clocks import HOLD_QUEUE, HOLD_WARNING, hold_ends_at
from core.admin import EventInline, ReadOnlyAdmin, ReadOnlyInline, from_dialog
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


class ContractEventInline(EventInline):
    model = ContractEvent


class MilestoneEventInline(EventInline):
    model = MilestoneEvent


class MilestoneInline(ReadOnlyInline):
    model = Milestone
    fields = ["position", "title", "amount", "status", "due_date", "release_at"]
    readonly_fields = fields


class SubmissionInline(ReadOnlyInline):
    model = Submission
    fields = ["version", "created_at", "note", "revision_note", "revision_requested_at"]
    readonly_fields = fields
    show_change_link = False


class TermsInline(ReadOnlyInline):
    model = TermsVersion
    fields = ["number", "created_at", "sha256", "text"]
    readonly_fields = fields
    show_change_link = False


class ChangeInline(ReadOnlyInline):
    model = ChangeRequest
    fields = ["created_at", "kind", "proposer", "status", "before", "after", "decided_at"]
    readonly_fields = fields


class ChangeEventInline(EventInline):
    model = ChangeEvent


class RefundRequestEventInline(EventInline):
    model = RefundRequestEvent


class HeldForFilter(admin.SimpleListFilter):
    """The queue of funds that near the limit of 90 days: look at them before a rule settles them."""

    title = "held for"
    parameter_name = "held_for"
    periods = {"85": HOLD_QUEUE, "75": HOLD_WARNING, "30": timedelta(days=30)}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(days, f"{days} days or more") for days in self.periods]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Milestone]) -> QuerySet[Milestone]:
        period = self.periods.get(self.value() or "")
        return queryset.filter(pk__in=Milestone.objects.held_for(period)) if period else queryset


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


@admin.register(Contract)
class ContractAdmin(ReadOnlyAdmin):
    list_display = ["id", "title", "client", "freelancer", "kind", "status", "currency", "started_at", "ended_at"]
    list_filter = ["status", "kind", "currency"]
    search_fields = ["=id", "title", "client__email", "freelancer__email"]
    list_select_related = ["client", "freelancer"]
    inlines = [MilestoneInline, TimesheetInline, ChangeInline, TermsInline, ContractEventInline]


@admin.register(Milestone)
class MilestoneAdmin(ReadOnlyAdmin):
    list_display = [
        "id", "title", "contract", "amount", "status", "due_date", "release_at", "released_at", "held_since", "settled_by",
    ]  # fmt: skip
    list_filter = [HeldForFilter, "status", "currency"]
    search_fields = ["=id", "title", "=contract__id"]
    list_select_related = ["contract", "hold"]
    inlines = [SubmissionInline, MilestoneEventInline]

    @admin.display(description="Held since", ordering="hold__funded_at")
    def held_since(self, milestone: Milestone) -> Any:
        return milestone.hold.funded_at if milestone.hold and milestone.hold.held_minor else None

    @admin.display(description="Settled by rule on")
    def settled_by(self, milestone: Milestone) -> Any:
        since = self.held_since(milestone)
        return hold_ends_at(since) if since else None


@admin.register(ChangeRequest)
class ChangeRequestAdmin(ReadOnlyAdmin):
    list_display = ["id", "contract", "kind", "proposer", "status", "created_at", "decided_at"]
    list_filter = ["status", "kind"]
    search_fields = ["=id", "=contract__id", "contract__title", "proposer__email"]
    list_select_related = ["contract", "proposer"]
    inlines = [ChangeEventInline]


@admin.register(RefundRequest)
class RefundRequestAdmin(ReadOnlyAdmin):
    """Those that wait for an answer come first, the most pressing on top."""

    list_display = ["id", "milestone", "asked_by", "status", "answer_by", "created_at", "answered_at"]
    list_filter = ["status"]
    search_fields = ["=id", "=milestone__contract__id", "asked_by__email"]
    list_select_related = ["milestone", "asked_by"]
    ordering = [F("answered_at").desc(nulls_first=True), "answer_by"]
    inlines = [RefundRequestEventInline]


@admin.register(Bonus)
class BonusAdmin(ReadOnlyAdmin):
    list_display = ["id", "contract", "amount", "state", "note", "created_at"]
    list_filter = ["hold__status"]
    search_fields = ["=id", "=contract__id", "contract__client__email", "contract__freelancer__email"]
    list_select_related = ["contract", "hold"]

    @admin.display(description="Status", ordering="hold__status")
    def state(self, bonus: Bonus) -> str:
        return bonus.hold.get_status_display()


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
    inlines = [TimeEntryInline, TimesheetEventInline]
    actions_detail = ["decide"]

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
