"""Money in the staff console: to read, and to set going again what a service left waiting."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.html import format_html
from djstripe import models as stripe_models

from core import hooks, jobs
from core.admin import EventInline, ModelAdmin, ReadOnlyAdmin, ReadOnlyInline, for_each
from payments import services
from payments.models import (
    Account,
    Document,
    Hold,
    HoldEvent,
    Journal,
    Line,
    Payment,
    PaymentCustomer,
    PaymentEvent,
    Plan,
    ProviderEvent,
    Refund,
    RefundEvent,
    Subscription,
    SubscriptionEvent,
)
from payments.selectors import document_pdf


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
    list_display = ["id", "payer", "amount", "status", "method_label", "intent_id", "failure_code", "created_at"]
    list_filter = ["status", "currency"]
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
    list_display = ["event_id", "type", "received_at", "processed_at", "attempts", "last_error"]
    list_filter = ["type", ("processed_at", admin.EmptyFieldListFilter)]
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


# --- Documents and plans ------------------------------------------------------------------------


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    """Who looked at one, or printed it, is recorded."""

    records_views = True
    list_display = ["reference", "kind", "recipient", "title", "net", "tax", "total", "created_at"]
    list_filter = ["kind", "year", "currency"]
    search_fields = ["=number", "title", "recipient__email"]
    list_select_related = ["recipient"]
    readonly_fields = ["as_pdf"]

    def get_urls(self) -> list[Any]:
        printing = self.admin_site.admin_view(self.show_pdf)
        return [path("<int:pk>/pdf/", printing, name="payments_document_pdf"), *super().get_urls()]

    @admin.display(description="PDF")
    def as_pdf(self, document: Document) -> str:
        return format_html('<a href="{}">Open</a>', reverse("admin:payments_document_pdf", args=[document.pk]))

    def show_pdf(self, request: HttpRequest, pk: int) -> HttpResponse:
        document = get_object_or_404(Document, pk=pk)
        if not self.has_view_permission(request, document):
            raise PermissionDenied
        hooks.staff_acted(request.user, "console.printed", document)
        response = HttpResponse(document_pdf(document), content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="{document.reference}.pdf"'
        return response


@admin.register(Plan)
class PlanAdmin(ModelAdmin):
    """What is on offer. A changed price is for who begins from now on."""

    list_display = ["name", "code", "audience", "price", "fee_bps", "project_files", "is_offered"]
    list_filter = ["audience", "is_offered"]
    readonly_fields = ["price_id", "created_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Plan | None = None) -> list[str]:
        """People's subscriptions and their addresses name the plan by its code."""
        return [*self.readonly_fields, *(["code", "audience"] if obj else [])]

    def has_delete_permission(self, request: HttpRequest, obj: Plan | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Plan, form: Any, change: bool) -> None:
        if {"price_minor", "currency", "name"} & set(form.changed_data):
            obj.price_id = ""  # the next who begins makes one of that price at the provider
        super().save_model(request, obj, form, change)


class SubscriptionEventInline(EventInline):
    model = SubscriptionEvent


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    list_display = ["id", "user", "plan", "price", "status", "current_period_end", "cancel_at_period_end", "created_at"]
    list_filter = ["status", "plan", "cancel_at_period_end"]
    search_fields = ["=id", "=subscription_id", "user__email"]
    list_select_related = ["user", "plan"]
    exclude = ["client_secret"]
    inlines = [SubscriptionEventInline]
    actions = ["ask_provider", "cancel"]

    @admin.action(description="Ask the provider how it stands", permissions=["act"])
    def ask_provider(self, request: HttpRequest, chosen: QuerySet[Subscription]) -> None:
        for_each(self, request, chosen, lambda row: services.refresh_subscription(row.pk), "Asked")

    @admin.action(description="Cancel with the period that is paid for", permissions=["act"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[Subscription]) -> None:
        def leave(row: Subscription) -> object:
            return services.cancel_subscription(request.user, subscription=row)

        for_each(self, request, chosen.select_related("plan", "user"), leave, "Cancelled")


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
