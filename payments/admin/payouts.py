"""Payouts: the queue of those that need a decision, and where people are paid."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Case, QuerySet, When
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.models import User
from core import jobs
from core.admin import EventInline, PartInline, ReadOnlyAdmin, for_each
from core.admin.dialogs import in_dialog
from payments import services
from payments.admin.entries import WithEntries
from payments.models import ConnectAccount, Payout, PayoutApproval, PayoutEvent
from payments.rules import APPROVALS_NEEDED, PayoutStatus


class PayoutEventInline(EventInline):
    model = PayoutEvent


class PayoutApprovalInline(PartInline):
    model = PayoutApproval
    fields = ["created_at", "staff"]
    readonly_fields = fields


class RejectionForm(BaseDialogForm):
    reason = forms.CharField(
        label="Why, as the person will read it", max_length=300, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


@admin.register(Payout)
class PayoutAdmin(WithEntries, ReadOnlyAdmin):
    """The queue: what waits for a decision comes first, the oldest on top."""

    list_display = ["id", "user", "amount", "state", "approved_by", "bank", "created"]
    list_filter = ["status", "needs_approval", "currency", ("returned_at", admin.EmptyFieldListFilter)]
    search_fields = ["=id", "user__email", "=transfer_id", "=payout_id"]
    list_select_related = ["user"]
    ordering = [Case(When(status=PayoutStatus.AWAITING_APPROVAL, then=0), default=1), "-created_at"]
    fields = [
        *("user", "amount", "status", "approved_by", "bank_label", "arrives_at"),
        *("failure_message", "returned_at", "transfer_id", "payout_id", "created_at", "updated_at"),
    ]
    readonly_fields = fields
    inlines = [PayoutApprovalInline, PayoutEventInline]
    actions = ["send_again"]
    actions_detail = ["approve", "reject"]

    def causes(self, payout: Payout) -> list[str]:
        return [f"payout:{payout.pk}", f"payout-paid:{payout.pk}"]

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[Any]:
        waits = Payout.objects.filter(pk=object_id, status=PayoutStatus.AWAITING_APPROVAL).exists()
        return super().get_actions_detail(request, object_id) if waits else []

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payout]:
        return super().get_queryset(request).prefetch_related("approvals__staff")

    @admin.display(description="Bank", ordering="bank_label")
    def bank(self, payout: Payout) -> str:
        return format_html('<span class="whitespace-nowrap">{}</span>', payout.bank_label or "–")

    @admin.display(description="Approved by")
    def approved_by(self, payout: Payout) -> str:
        """Of large ones: how many of those that it takes, and who."""
        if not payout.needs_approval:
            return "–"
        names = [str(approval.staff) for approval in payout.approvals.all()]
        return f"{len(names)} of {APPROVALS_NEEDED}" + (f": {', '.join(names)}" if names else "")

    @admin.action(description="Try again what is not sent or not taken back yet", permissions=["act"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[Payout]) -> None:
        def queue(payout: Payout) -> None:
            failed = payout.status == PayoutStatus.FAILED
            jobs.enqueue("payments.return_transfer" if failed else "payments.send_payout", payout_id=payout.pk)

        for_each(self, request, chosen, queue, "Queued")

    @in_dialog(
        "Approve",
        title="Approve this payout",
        description="It is sent when two different people have approved it. Look at how the money was earned first.",
        submit="Approve",
        done="Approved by you.",
    )
    def approve(self, actor: User, payout_id: int) -> None:
        services.approve_payout(actor, payout_id=payout_id)

    @in_dialog(
        "Reject",
        title="Reject this payout",
        description="The money goes back to the person's wallet, and they read your reason.",
        form=RejectionForm,
        submit="Reject",
        done="Rejected. The person was told.",
    )
    def reject(self, actor: User, payout_id: int, reason: str) -> None:
        services.reject_payout(actor, payout_id=payout_id, reason=reason)


@admin.register(ConnectAccount)
class ConnectAccountAdmin(ReadOnlyAdmin):
    list_display = ["user", "account_id", "country", "payouts_enabled", "bank_label", "disabled_reason", "checked_at"]
    list_filter = ["payouts_enabled", "country"]
    search_fields = ["user__email", "=account_id"]
    list_select_related = ["user"]
    exclude = ["token"]
