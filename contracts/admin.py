"""Contracts and milestones in the staff console."""

from django.contrib import admin

from contracts.models import Contract, ContractEvent, Milestone, MilestoneEvent, Submission
from core.admin import EventInline, ReadOnlyAdmin, ReadOnlyInline


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
    fields = ["created_at", "note", "revision_note"]
    readonly_fields = fields
    show_change_link = False


@admin.register(Contract)
class ContractAdmin(ReadOnlyAdmin):
    list_display = ["id", "title", "client", "freelancer", "status", "currency", "started_at", "ended_at"]
    list_filter = ["status", "currency"]
    search_fields = ["=id", "title", "client__email", "freelancer__email"]
    list_select_related = ["client", "freelancer"]
    inlines = [MilestoneInline, ContractEventInline]


@admin.register(Milestone)
class MilestoneAdmin(ReadOnlyAdmin):
    list_display = ["id", "title", "contract", "amount", "status", "due_date", "release_at", "released_at"]
    list_filter = ["status", "currency"]
    search_fields = ["=id", "title", "=contract__id"]
    list_select_related = ["contract"]
    inlines = [SubmissionInline, MilestoneEventInline]
