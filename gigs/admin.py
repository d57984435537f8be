"""Gigs, reports that somebody did not come, and the gazetteer in the staff console."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Case, QuerySet, When
from django.http import HttpRequest
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from accounts.models import User
from core.admin import EventInline, ReadOnlyAdmin, for_each
from core.admin.dialogs import in_dialog
from core.money import Money
from gigs import services
from gigs.models import Gig, GigEvent, NoShow, NoShowEvent, Town
from gigs.rules import STANDING_NO_SHOWS, NoShowStatus, Side, compensation
from payments.rules import quote


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
        "state",
        "area",
        "starts_at",
    ]
    list_filter = ["status", "currency", "category"]
    search_fields = ["=id", "title", "seeker__email", "helper__email"]
    list_select_related = ["seeker", "helper"]
    exclude = ["search", "location", "public_location", "address", "budget_minor", "currency"]
    readonly_fields = [
        "status",
        "budget",
        "helper",
        "hold",
        "approval_days",
        "accepted_at",
        "completed_at",
        "release_at",
        "lapsed_at",
        "compensation",
    ]
    inlines = [GigEventInline]
    actions = ["cancel"]

    @admin.action(description="Cancel, and refund what is held", permissions=["act"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[Gig]) -> None:
        def act(gig: Gig) -> None:
            services.cancel_gig_as_staff(request.user, gig_id=gig.pk, reason="Cancelled by Guildhall.")

        for_each(self, request, chosen, act, "Cancelled")


class NoShowEventInline(EventInline):
    model = NoShowEvent


class DecisionForm(BaseDialogForm):
    absent = forms.ChoiceField(
        label="Who did not come",
        choices=[(Side.HELPER, "The helper"), (Side.SEEKER, "The seeker"), ("", "Nobody: the gig goes on")],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    reasons = forms.CharField(max_length=2000, widget=UnfoldAdminTextareaWidget, help_text="Both sides read them.")


@admin.register(NoShow)
class NoShowAdmin(ReadOnlyAdmin):
    """The queue: what waits for a decision comes first, the oldest on top."""

    list_display = ["gig", "absent", "reporter", "state", "answer_by", "found_absent", "decided_by", "created"]
    list_filter = ["status", "absent"]
    search_fields = ["=gig__id", "gig__title", "gig__seeker__email", "gig__helper__email"]
    list_select_related = ["gig__hold", "reporter", "decided_by"]
    ordering = [Case(When(status=NoShowStatus.CONTESTED, then=0), default=1), "created_at"]
    fields = [
        *("gig", "held", "at_stake", "status", "reporter", "absent", "note", "answer_by", "answer"),
        *("found_absent", "reasons", "decided_by", "created_at", "updated_at"),
    ]
    readonly_fields = fields
    inlines = [NoShowEventInline]
    actions_detail = ["decide"]

    @admin.display(description="Held")
    def held(self, no_show: NoShow) -> Money:
        return no_show.gig.held

    @admin.display(description="If the seeker did not come")
    def at_stake(self, no_show: NoShow) -> str:
        if no_show.status not in STANDING_NO_SHOWS:
            return "–"
        gig = no_show.gig
        gross, fee, net = quote(compensation(gig.budget, gig.held), gig.fee_bps)
        return f"{gross} to the helper, who receives {net} after the fee of {fee}; {gig.held - gross} back"

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[Any]:
        """None once it is settled."""
        stands = NoShow.objects.filter(pk=object_id, status__in=STANDING_NO_SHOWS).exists()
        return super().get_actions_detail(request, object_id) if stands else []

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("gigs.change_gig"))

    @in_dialog(
        "Decide",
        title="Decide who did not come",
        description="The helper: everything goes back, and they have a strike. The seeker: 20 % of the budget goes to the "
        "helper. Both are told.",
        form=DecisionForm,
        submit="Decide",
        done="Decided. Both sides were told.",
        permission="decide",
    )
    def decide(self, actor: User, no_show_id: int, absent: str, reasons: str) -> None:
        services.decide_no_show(actor, no_show_id=no_show_id, absent=absent, reasons=reasons)


@admin.register(Town)
class TownAdmin(ReadOnlyAdmin):
    list_display = ["name", "country", "population"]
    list_filter = ["country"]
    search_fields = ["search_names"]
    exclude = ["location"]
