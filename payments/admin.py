"""Money in the staff console: to read, and to set going again what a service left waiting."""

from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.db.models import Case, QuerySet, When
from django.http import HttpRequest, HttpResponse
from djstripe import models as stripe_models
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from core import jobs
from core.admin import EventInline, ReadOnlyAdmin, ReadOnlyInline, for_each, from_dialog
from payments import services
from payments.models import (
    Account,
    Chargeback,
    ChargebackEvent,
    ConnectAccount,
    Hold,
    HoldEvent,
    Journal,
    Line,
    Payment,
    PaymentCustomer,
    PaymentEvent,
    Payout,
    PayoutApproval,
    PayoutEvent,
    ProviderEvent,
    Refund,
    RefundEvent,
)
from payments.rules import ANSWERABLE, PayoutStatus


class LineInline(ReadOnlyInline):
    model = Line
    fields = ["account", "amount", "currency"]
    readonly_fields = fields


class HoldEventInline(EventInline):
    model = HoldEvent


class PaymentEventInline(EventInline):
    model = PaymentEvent


class RefundEventInline(EventInline):
    model = RefundEvent


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ["id", "kind", "owner", "hold", "balance", "currency"]
    list_filter = ["kind", "currency"]
    search_fields = ["owner__email", "=hold__id"]
    list_select_related = ["owner", "hold"]


@admin.register(Journal)
class JournalAdmin(ReadOnlyAdmin):
    list_display = ["id", "created_at", "kind", "cause", "hold", "actor"]
    list_filter = ["kind"]
    search_fields = ["=cause", "=hold__id"]
    list_select_related = ["hold", "actor"]
    inlines = [LineInline]


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    list_display = ["id", "title", "purpose", "status", "amount", "held", "released", "fee", "refunded", "created_at"]
    list_filter = ["status", "purpose", "currency"]
    search_fields = ["=id", "title", "payer__email", "payee__email"]
    inlines = [HoldEventInline]


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = [
        "id",
        "payer",
        "amount",
        "status",
        "provider",
        "method_label",
        "intent_id",
        "failure_code",
        "created_at",
    ]
    list_filter = ["status", "provider", "currency"]
    search_fields = ["=id", "=intent_id", "payer__email"]
    list_select_related = ["payer"]
    exclude = ["client_secret"]
    inlines = [PaymentEventInline]
    actions = ["ask_provider"]

    @admin.action(description="Ask the provider how it stands", permissions=["act"])
    def ask_provider(self, request: HttpRequest, chosen: QuerySet[Payment]) -> None:
        for_each(self, request, chosen, lambda row: services.refresh_payment(row.pk), "Asked")


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    list_display = ["id", "payment", "amount", "status", "reason", "refund_id", "failure_message", "created_at"]
    list_filter = ["status"]
    search_fields = ["=id", "=refund_id", "payment__payer__email"]
    list_select_related = ["payment"]
    inlines = [RefundEventInline]
    actions = ["send_again"]

    @admin.action(description="Send again", permissions=["act"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[Refund]) -> None:
        for_each(self, request, chosen, lambda row: services.retry_refund(request.user, refund_id=row.pk), "Queued")


class PayoutEventInline(EventInline):
    model = PayoutEvent


class PayoutApprovalInline(ReadOnlyInline):
    model = PayoutApproval
    fields = ["created_at", "staff"]
    readonly_fields = fields
    show_change_link = False


class RejectionForm(BaseDialogForm):
    reason = forms.CharField(
        label="Why, as the person will read it", max_length=300, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


@admin.register(Payout)
class PayoutAdmin(ReadOnlyAdmin):
    """The queue: what waits for a decision comes first, the oldest on top."""

    list_display = ["id", "user", "amount", "status", "approved_by", "bank_label", "failure_message", "created_at"]
    list_filter = ["status", "needs_approval", "currency", ("returned_at", admin.EmptyFieldListFilter)]
    search_fields = ["=id", "user__email", "=transfer_id", "=payout_id"]
    list_select_related = ["user"]
    ordering = [Case(When(status=PayoutStatus.AWAITING_APPROVAL, then=0), default=1), "-created_at"]
    inlines = [PayoutApprovalInline, PayoutEventInline]
    actions = ["send_again"]
    actions_detail = ["approve", "reject"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payout]:
        return super().get_queryset(request).prefetch_related("approvals__staff")

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("payments.change_payout"))

    @admin.display(description="Approved by")
    def approved_by(self, payout: Payout) -> str:
        return ", ".join(str(approval.staff) for approval in payout.approvals.all())

    @admin.action(description="Try again what is not sent or not taken back yet", permissions=["act"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[Payout]) -> None:
        def queue(payout: Payout) -> None:
            failed = payout.status == PayoutStatus.FAILED
            jobs.enqueue("payments.return_transfer" if failed else "payments.send_payout", payout_id=payout.pk)

        for_each(self, request, chosen, queue, "Queued")

    @action(
        description="Approve",
        permissions=["decide"],
        dialog={
            "title": "Approve this payout",
            "description": "It is sent when two different people have approved it. Look at how the money was earned first.",
            "form_class": None,
            "form_submit_text": "Approve",
        },
    )
    def approve(self, request: HttpRequest, form: BaseDialogForm, object_id: int) -> HttpResponse:
        def act() -> None:
            services.approve_payout(request.user, payout_id=object_id)

        return from_dialog(self, request, form, act, "Approved by you.")

    @action(
        description="Reject",
        permissions=["decide"],
        dialog={
            "title": "Reject this payout",
            "description": "The money goes back to the person's wallet, and they read your reason.",
            "form_class": RejectionForm,
            "form_submit_text": "Reject",
        },
    )
    def reject(self, request: HttpRequest, form: RejectionForm, object_id: int) -> HttpResponse:
        def act() -> None:
            services.reject_payout(request.user, payout_id=object_id, reason=form.cleaned_data["reason"])

        return from_dialog(self, request, form, act, "Rejected. The person was told.")


@admin.register(ConnectAccount)
class ConnectAccountAdmin(ReadOnlyAdmin):
    list_display = ["user", "account_id", "country", "payouts_enabled", "bank_label", "disabled_reason", "checked_at"]
    list_filter = ["payouts_enabled", "country"]
    search_fields = ["user__email", "=account_id"]
    list_select_related = ["user"]
    exclude = ["token"]


class ChargebackEventInline(EventInline):
    model = ChargebackEvent


class EvidenceForm(BaseDialogForm):
    """The names are the provider's."""

    product_description = forms.CharField(
        label="What was ordered", max_length=5000, required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2})
    )
    service_date = forms.CharField(
        label="When it was done", max_length=200, required=False, widget=UnfoldAdminTextInputWidget()
    )
    access_activity_log = forms.CharField(
        label="What the client did here: approvals, downloads, messages",
        max_length=5000,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    refund_refusal_explanation = forms.CharField(
        label="Why it was not refunded",
        max_length=5000,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )
    uncategorized_text = forms.CharField(
        label="Anything else", max_length=5000, required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


EVIDENCE = tuple(EvidenceForm.base_fields.keys() - BaseDialogForm.base_fields.keys())


@admin.register(Chargeback)
class ChargebackAdmin(ReadOnlyAdmin):
    """The queue: what needs an answer comes first, the nearest deadline on top."""

    list_display = ["id", "payment", "amount", "status", "reason", "answer_by", "evidence_sent_at", "created_at"]
    list_filter = ["status", "reason", "currency"]
    search_fields = ["=id", "=dispute_id", "payment__payer__email"]
    list_select_related = ["payment"]
    ordering = [Case(When(status__in=ANSWERABLE, then=0), default=1), "answer_by"]
    inlines = [ChargebackEventInline]
    actions = ["ask_provider"]
    actions_detail = ["answer"]

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("payments.change_chargeback"))

    @admin.action(description="Ask the provider how it stands", permissions=["act"])
    def ask_provider(self, request: HttpRequest, chosen: QuerySet[Chargeback]) -> None:
        for_each(self, request, chosen, lambda row: services.refresh_chargeback(row.dispute_id), "Asked")

    @action(
        description="Answer the bank",
        permissions=["decide"],
        dialog={
            "title": "Answer the bank",
            "description": "This is sent once and cannot be changed. Write so that a stranger understands what happened.",
            "form_class": EvidenceForm,
            "form_submit_text": "Send to the bank",
        },
    )
    def answer(self, request: HttpRequest, form: EvidenceForm, object_id: int) -> HttpResponse:
        told = {name: form.cleaned_data.get(name, "") for name in EVIDENCE}

        def act() -> None:
            services.answer_chargeback(request.user, chargeback_id=object_id, evidence=told)

        return from_dialog(self, request, form, act, "Your answer is on its way to the bank.")


@admin.register(ProviderEvent)
class ProviderEventAdmin(ReadOnlyAdmin):
    list_display = ["event_id", "provider", "type", "received_at", "processed_at", "attempts", "last_error"]
    list_filter = ["provider", "type", ("processed_at", admin.EmptyFieldListFilter)]
    search_fields = ["=event_id"]
    actions = ["process_again"]

    @admin.action(description="Process again", permissions=["act"])
    def process_again(self, request: HttpRequest, chosen: QuerySet[ProviderEvent]) -> None:
        def queue(event: Any) -> None:
            jobs.enqueue("payments.process_event", event_id=event.pk)

        for_each(self, request, chosen, queue, "Queued")


@admin.register(PaymentCustomer)
class PaymentCustomerAdmin(ReadOnlyAdmin):
    list_display = ["user", "customer_id", "created_at"]
    search_fields = ["user__email", "=customer_id"]
    list_select_related = ["user"]


# --- Copies of the provider's objects -----------------------------------------------------------

# dj-stripe brings an admin for each of its models. Its actions would change things at the provider behind the ledger's
# back, and its page of API keys shows them.
for mirror in apps.get_app_config("djstripe").get_models():
    if admin.site.is_registered(mirror):
        admin.site.unregister(mirror)


@admin.register(
    stripe_models.Customer,
    stripe_models.PaymentMethod,
    stripe_models.PaymentIntent,
    stripe_models.Charge,
    stripe_models.Refund,
)
class MirrorAdmin(ReadOnlyAdmin):
    """What `payments.services.mirror` keeps."""

    list_display = ["id", "livemode", "created"]
    search_fields = ["=id"]
    ordering = ["-djstripe_id"]
    fields = ["id", "livemode", "created"]  # the rest may hold the secret of a payment
