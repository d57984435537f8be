"""Gigs and the gazetteer in the staff console."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin import EventInline, ReadOnlyAdmin, for_each
from gigs import services
from gigs.models import Gig, GigEvent, Town


class GigEventInline(EventInline):
    model = GigEvent


@admin.register(Gig)
class GigAdmin(ReadOnlyAdmin):
    list_display = [
        "id",
        "title",
        "seeker",
        "helper",
        "budget",
        "status",
        "area",
        "starts_at",
        "release_at",
        "created_at",
    ]
    list_filter = ["status", "currency", "category"]
    search_fields = ["=id", "title", "seeker__email", "helper__email"]
    list_select_related = ["seeker", "helper"]
    exclude = ["search", "location", "public_location", "address"]
    readonly_fields = [
        "status",
        "helper",
        "hold",
        "approval_days",
        "accepted_at",
        "completed_at",
        "release_at",
        "lapsed_at",
    ]
    inlines = [GigEventInline]
    actions = ["cancel"]

    @admin.action(description="Cancel, and refund what is held", permissions=["act"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[Gig]) -> None:
        def act(gig: Gig) -> None:
            services.cancel_gig_as_staff(request.user, gig_id=gig.pk, reason="Cancelled by Guildhall.")

        for_each(self, request, chosen, act, "Cancelled")


@admin.register(Town)
class TownAdmin(ReadOnlyAdmin):
    list_display = ["name", "country", "population"]
    list_filter = ["country"]
    search_fields = ["search_names"]
    exclude = ["location"]
