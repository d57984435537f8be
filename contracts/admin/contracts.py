"""Contracts, milestones, and what was agreed about them later."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest

from contracts.admin.hours import TimesheetInline
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
)
from core.admin import DAY, EventInline, ReadOnlyAdmin, ReadOnlyInline, in_line
from payments.rules import HOLD_QUEUE, HOLD_WARNING, hold_ends_at


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


@admin.register(Contract)
class ContractAdmin(ReadOnlyAdmin):
    list_display = ["title", "client", "freelancer", "kind", "state", "started", "ended"]
    list_filter = ["status", "kind", "currency"]
    search_fields = ["=id", "title", "client__email", "freelancer__email"]
    list_select_related = ["client", "freelancer"]
    inlines = [MilestoneInline, TimesheetInline, ChangeInline, TermsInline, ContractEventInline]

    @admin.display(description="Started", ordering="started_at")
    def started(self, contract: Contract) -> str:
        return in_line(contract.started_at, DAY)

    @admin.display(description="Ended", ordering="ended_at")
    def ended(self, contract: Contract) -> str:
        return in_line(contract.ended_at, DAY) if contract.ended_at else "–"


@admin.register(Milestone)
class MilestoneAdmin(ReadOnlyAdmin):
    list_display = ["title", "contract", "amount", "state", "due_date", "released_by_silence", "settled_by"]
    list_filter = [HeldForFilter, "status", "currency"]
    search_fields = ["=id", "title", "=contract__id"]
    list_select_related = ["contract", "hold"]
    exclude = ["amount_minor", "currency"]
    readonly_fields = ["amount", "status"]
    inlines = [SubmissionInline, MilestoneEventInline]

    @admin.display(description="Silence releases", ordering="release_at")
    def released_by_silence(self, milestone: Milestone) -> str:
        return in_line(milestone.release_at, DAY) if milestone.release_at else "–"

    @admin.display(description="A rule settles", ordering="hold__funded_at")
    def settled_by(self, milestone: Milestone) -> str:
        hold = milestone.hold
        return in_line(hold_ends_at(hold.funded_at), DAY) if hold and hold.held_minor else "–"


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
