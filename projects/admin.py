"""Projects and proposals in the staff console."""

from django.contrib import admin

from core.admin import EventInline, ReadOnlyAdmin, ReadOnlyInline
from projects.models import Project, ProjectEvent, Proposal, ProposalEvent, ProposalMilestone


class ProjectEventInline(EventInline):
    model = ProjectEvent


class ProposalEventInline(EventInline):
    model = ProposalEvent


class ProposalMilestoneInline(ReadOnlyInline):
    model = ProposalMilestone
    fields = ["position", "title", "amount", "due_date"]
    readonly_fields = fields


@admin.register(Project)
class ProjectAdmin(ReadOnlyAdmin):
    list_display = ["id", "title", "client", "status", "budget_min", "budget_max", "proposal_count", "created_at"]
    list_filter = ["status", "budget_type", "visibility", "currency", "experience_level"]
    search_fields = ["=id", "title", "client__email"]
    list_select_related = ["client"]
    fields = [
        "client", "title", "description", "status", "visibility",
        "category", "skill_names", "experience_level",
        "budget_type", "budget_min", "budget_max", "estimated_duration", "deadline", "attachments",
        "proposal_count", "published_at", "created_at", "updated_at",
    ]  # fmt: skip
    readonly_fields = fields
    inlines = [ProjectEventInline]


@admin.register(Proposal)
class ProposalAdmin(ReadOnlyAdmin):
    list_display = ["id", "project", "freelancer", "bid_amount", "estimated_days", "status", "created_at"]
    list_filter = ["status", "currency"]
    search_fields = ["=id", "project__title", "freelancer__email"]
    list_select_related = ["project", "freelancer"]
    fields = [
        "project", "freelancer", "cover_letter", "bid_amount", "estimated_days", "fee_bps", "status",
        "created_at", "updated_at",
    ]  # fmt: skip
    readonly_fields = fields
    inlines = [ProposalMilestoneInline, ProposalEventInline]
