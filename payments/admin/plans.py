"""Plans on offer, and who is on them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin import EventInline, ModelAdmin, ReadOnlyAdmin, ReadOnlyInline, for_each
from payments import services
from payments.admin.asking import or_mismatch
from payments.models import Payment, Plan, Subscription, SubscriptionEvent


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


class PaymentInline(ReadOnlyInline):
    """Each leads to its page, where it is refunded."""

    model = Payment
    fields = ["created_at", "amount", "refunded", "charged_back", "invoice_id"]
    readonly_fields = fields


class SubscriptionEventInline(EventInline):
    model = SubscriptionEvent


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    list_display = ["id", "user", "plan", "price", "state", "current_period_end", "cancel_at_period_end", "created"]
    list_filter = ["status", "plan", "cancel_at_period_end"]
    search_fields = ["=id", "=subscription_id", "user__email"]
    list_select_related = ["user", "plan"]
    fields = [
        *("user", "plan", "price", "status", "current_period_end", "cancel_at_period_end", "past_due_since"),
        *("grace_ends_at", "failure_message", "subscription_id", "created_at", "ended_at"),
    ]
    readonly_fields = fields
    inlines = [PaymentInline, SubscriptionEventInline]
    actions = ["ask_provider", "cancel"]

    @admin.action(description="Ask the provider how it stands", permissions=["act"])
    def ask_provider(self, request: HttpRequest, chosen: QuerySet[Subscription]) -> None:
        for_each(self, request, chosen, or_mismatch(lambda row: services.refresh_subscription(row.pk)), "Asked")

    @admin.action(description="Cancel with the period that is paid for", permissions=["act"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[Subscription]) -> None:
        def leave(row: Subscription) -> object:
            return services.cancel_subscription(request.user, subscription=row)

        for_each(self, request, chosen.select_related("plan", "user"), leave, "Cancelled")
