"""Payments, refunds, and what providers told of them."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.models import User
from core import jobs
from core.admin import EventInline, ReadOnlyAdmin, for_each
from core.admin.dialogs import in_dialog
from core.forms import AmountField
from core.money import Money
from payments import services
from payments.admin.asking import or_mismatch
from payments.admin.entries import WithEntries
from payments.models import Payment, PaymentCustomer, PaymentEvent, ProviderEvent, Refund, RefundEvent


class PaymentEventInline(EventInline):
    model = PaymentEvent


class RefundEventInline(EventInline):
    model = RefundEvent


def causes_of_refund(refund: Refund) -> list[str]:
    """Setting it aside, and sending it."""
    set_aside = [refund.journal.cause] if refund.journal else []
    return [*set_aside, f"refund:{refund.reference}", f"refund-by-bank:{refund.pk}"]


class RefundForm(BaseDialogForm):
    """`token`: pressing the button twice is one refund."""

    amount = AmountField(label="How much", required=False, widget=UnfoldAdminTextInputWidget())
    reason = forms.CharField(
        label="Why, as the person will read it", max_length=200, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )
    token = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payment = get_object_or_404(Payment, pk=self.object_id)
        self.fields["amount"].help_text = f"In {self.payment.currency}. Empty: all of {self.payment.left} that is left."

    def clean_amount(self) -> Money | None:
        amount = self.cleaned_data["amount"]
        if amount is None:
            return None
        try:
            return Money.parse(amount, self.payment.currency)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


@admin.register(Payment)
class PaymentAdmin(WithEntries, ReadOnlyAdmin):
    list_display = ["id", "payer", "amount", "state", "provider", "method_label", "failure_code", "created"]
    list_filter = ["status", "provider", "currency", ("subscription", admin.EmptyFieldListFilter)]
    search_fields = ["=id", "=intent_id", "=invoice_id", "payer__email"]
    list_select_related = ["payer"]
    fields = [
        *("payer", "description", "amount", "status", "hold", "subscription", "received", "refunded", "charged_back"),
        *("left", "provider", "method_label", "receipt_url", "intent_id", "invoice_id", "capture_method", "attempt"),
        *("unheard_since", "failure_code", "failure_message", "metadata", "created_at", "updated_at"),
    ]
    readonly_fields = fields
    inlines = [PaymentEventInline]
    actions = ["ask_provider"]
    actions_detail = ["refund"]

    def causes(self, payment: Payment) -> list[str]:
        return [
            *(f"payment:{payment.pk}", f"late-payment:{payment.pk}", f"invoice:{payment.invoice_id}"),
            *(cause for refund in payment.refunds.select_related("journal") for cause in causes_of_refund(refund)),
            *(f"chargeback:{chargeback.pk}" for chargeback in payment.chargebacks.all()),
        ]

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[Any]:
        """Only what paid for a plan is refunded here; money for work goes back by ending the work."""
        payment = Payment.objects.of_plans().filter(pk=object_id).first()
        return super().get_actions_detail(request, object_id) if payment and payment.left else []

    @in_dialog(
        "Refund",
        title="Refund this plan's invoice",
        description="It goes back the way it was paid, with a credit note. When all of the latest invoice goes back, "
        "the plan ends at once.",
        form=RefundForm,
        submit="Refund",
        done="It is on its way. The person was told.",
    )
    def refund(self, actor: User, payment_id: int, **what: Any) -> None:
        services.refund_invoice(actor, payment_id=payment_id, **what)

    @admin.action(description="Ask the provider how it stands", permissions=["act"])
    def ask_provider(self, request: HttpRequest, chosen: QuerySet[Payment]) -> None:
        for_each(self, request, chosen, or_mismatch(lambda row: services.refresh_payment(row.pk)), "Asked")


@admin.register(Refund)
class RefundAdmin(WithEntries, ReadOnlyAdmin):
    list_display = ["id", "payment", "amount", "state", "reason", "failure_message", "created"]
    list_filter = ["status"]
    search_fields = ["=id", "=refund_id", "payment__payer__email"]
    list_select_related = ["payment"]
    fields = [
        *("payment", "amount", "status", "reason", "attempt", "refund_id", "requested_by", "failure_message"),
        *("created_at", "updated_at"),
    ]
    readonly_fields = fields
    inlines = [RefundEventInline]
    actions = ["send_again"]

    def causes(self, refund: Refund) -> list[str]:
        return causes_of_refund(refund)

    @admin.action(description="Send again", permissions=["act"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[Refund]) -> None:
        for_each(self, request, chosen, lambda row: services.retry_refund(request.user, refund_id=row.pk), "Queued")


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
