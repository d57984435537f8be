"""Payments, refunds, and what providers told of them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core import jobs
from core.admin import EventInline, ReadOnlyAdmin, for_each
from payments import services
from payments.models import Payment, PaymentCustomer, PaymentEvent, ProviderEvent, Refund, RefundEvent


class PaymentEventInline(EventInline):
    model = PaymentEvent


class RefundEventInline(EventInline):
    model = RefundEvent


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
