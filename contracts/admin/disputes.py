"""Disputes: the queue, and one whole record with the decision."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.html import format_html

from accounts.selectors import marketplace_rules
from contracts.forms import dispute as forms
from contracts.models import (
    Dispute,
    DisputeDecision,
    DisputeEvent,
    DisputeOffer,
)
from contracts.policies import role_in, why_not_confirm_decision
from contracts.rules import DisputeStatus
from contracts.selectors import DisputeRecord, queue
from contracts.services import disputes as services
from core import pages
from core.admin import MINUTES, EventInline, ReadOnlyAdmin, ReadOnlyInline, in_line
from core.errors import DomainError
from payments.rules import needs_two


class DisputeEventInline(EventInline):
    model = DisputeEvent


class DisputeOfferInline(ReadOnlyInline):
    model = DisputeOffer
    fields = ["created_at", "by", "to_freelancer", "to_client", "note", "accepted_at", "ended_at"]
    readonly_fields = fields
    show_change_link = False


class DisputeDecisionInline(ReadOnlyInline):
    model = DisputeDecision
    fk_name = "dispute"
    fields = [
        "created_at",
        "by",
        "to_freelancer",
        "to_client",
        "reasons",
        "second",
        "confirmed_at",
        "refused_at",
        "refusal",
    ]
    readonly_fields = fields
    show_change_link = False


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    """Two pages of its own: the queue of what is to be decided, and one dispute's whole record with the decision."""

    records_views = True
    list_before_template = "contracts/_to_queue.html"
    list_display = ["id", "record_link", "opened_by", "held", "claim", "state", "deadline"]
    list_filter = ["status", "reason", "currency"]
    search_fields = ["=id", "=contract__id", "contract__client__email", "contract__freelancer__email"]
    list_select_related = ["opener", "hold"]
    exclude = ["held_minor", "claim_minor", "to_freelancer_minor", "to_client_minor", "currency"]
    readonly_fields = ["status", "held", "claim", "to_freelancer", "to_client"]
    inlines = [DisputeEventInline, DisputeOfferInline, DisputeDecisionInline]

    def has_view_permission(self, request: HttpRequest, obj: Dispute | None = None) -> bool:
        """Who is a side of it, and of the staff as well, does not read what mediators tell each other."""
        is_side = obj is not None and bool(role_in(obj.contract, request.user))
        return not is_side and bool(super().has_view_permission(request, obj))

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("queue/", wrap(self.queue), name="contracts_dispute_queue"),
            path("<int:object_id>/record/", wrap(self.record), name="contracts_dispute_record"),
            *super().get_urls(),
        ]

    @admin.display(description="Record")
    def record_link(self, dispute: Dispute) -> str:
        url = reverse("admin:contracts_dispute_record", args=[dispute.pk])
        return format_html('<a class="text-link" href="{}">{}</a>', url, dispute.title)

    @admin.display(description="Opened by", ordering="opener")
    def opened_by(self, dispute: Dispute) -> str:
        return f"{dispute.opener}, {dispute.get_side_display().lower()}"

    @admin.display(description="Deadline")
    def deadline(self, dispute: Dispute) -> str:
        """Of the answer, or of the decision."""
        by = dispute.answer_by or dispute.mediation_by
        return in_line(by, MINUTES) if by else "–"

    def queue(self, request: HttpRequest) -> HttpResponse:
        """What is to be decided, the nearest deadline first, and below it what the two sides still talk about."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._render(request, "contracts/dispute_queue.html", "Disputes to decide", queue=queue())

    def record(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Everything about one dispute. Looking at it is kept in the audit log; deciding goes through the services."""
        record = services.review_dispute(request.user, dispute_id=object_id)
        bound: dict[str, Any] = {}
        if request.method == "POST":
            done = self._act(request, record, bound)
            if done:
                messages.success(request, done)
                return redirect("admin:contracts_dispute_record", object_id)
            record = services.review_dispute(request.user, dispute_id=object_id)
        waiting = record.waiting_decision
        return self._render(
            request,
            "contracts/dispute_record.html",
            f"Dispute {object_id}",
            record=record,
            dispute=record.dispute,
            contract=record.contract,
            waiting=waiting,
            waiting_parts=waiting and record.parts(waiting.to_freelancer),
            may_confirm=waiting is not None and why_not_confirm_decision(request.user, waiting) is None,
            needs_second=needs_two(record.moved_by_outcome, marketplace_rules().dispute_two_staff_over),
            in_mediation=record.dispute.status == DisputeStatus.MEDIATION,
            form=bound.get("decide") or forms.DecisionForm(currency=record.dispute.currency),
            refusal_form=bound.get("refuse") or forms.RefusalForm(),
        )

    def _act(self, request: HttpRequest, record: DisputeRecord, bound: dict[str, Any]) -> str:
        """What was done, or "" with the refusal on the bound form."""
        act = request.POST.get("act", "")
        dispute = record.dispute
        seen = request.POST.get("decision", "")
        decision_id = int(seen) if seen.isdecimal() else 0  # the one that they read, not one that came in its place
        form: Any = forms.RefusalForm(request.POST)
        if act == "decide":
            form = forms.DecisionForm(request.POST, currency=dispute.currency)
        bound[act] = form
        if act != "confirm" and not form.is_valid():
            return ""
        try:
            match act:
                case "decide":
                    made = services.decide_dispute(request.user, dispute_id=dispute.pk, **form.cleaned_data)
                    return "Decided. Both sides were told." if made.confirmed_at else "Waits for a second person."
                case "confirm":
                    services.confirm_decision(request.user, decision_id=decision_id)
                    return "Confirmed. Both sides were told."
                case "refuse":
                    services.refuse_decision(request.user, decision_id=decision_id, **form.cleaned_data)
                    return "Not confirmed. It can be decided again."
        except DomainError as error:
            if act == "confirm":
                messages.error(request, error.message)
            else:
                pages.apply(form, error)
        return ""

    def _render(self, request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
        request.current_app = self.admin_site.name
        return render(request, template, {**self.admin_site.each_context(request), "title": title, **context})
