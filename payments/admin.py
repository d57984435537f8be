"""Money in the staff console: to read, and to set going again what a service left waiting."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from djstripe import models as stripe_models

from core import jobs
from core.admin import EventInline, ReadOnlyAdmin, ReadOnlyInline, for_each
from payments import services
from payments.models import (
    Account,
    Hold,
    HoldEvent,
    Journal,
    Line,
    Payment,
    PaymentCustomer,
    PaymentEvent,
    ProviderEvent,
    Refund,
    RefundEvent,
)


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
