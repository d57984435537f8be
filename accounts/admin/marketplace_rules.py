"""The figures by which the marketplace is run."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import MarketplaceRules
from accounts.selectors import marketplace_rules
from core.admin import ModelAdmin


@admin.register(MarketplaceRules)
class MarketplaceRulesAdmin(ModelAdmin):
    """Its one row at once. Only administrators change it: it says which money moves need two people."""

    fieldsets = [
        ("Fee", {"fields": ["fee_bps"]}),
        ("Work and reviews", {"fields": ["approval_days", "review_reveal_days"]}),
        ("Disputes", {"fields": ["dispute_answer_days", "dispute_mediation_days", "dispute_window_days"]}),
        ("New accounts", {"fields": ["new_account_days", "new_account_proposals", "new_account_messages"]}),
        ("Payments and payouts", {"fields": ["payment_expiry_minutes", "payout_wait_days", "payout_minimum"]}),
        ("Two members of staff", {"fields": ["dispute_two_staff_over", "payout_approval_over"]}),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: MarketplaceRules | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect(reverse("admin:accounts_marketplacerules_change", args=[marketplace_rules().pk]))
