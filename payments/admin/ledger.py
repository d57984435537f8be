"""Accounts, journals, and money held for work."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin import EventInline, ReadOnlyAdmin, ReadOnlyInline
from payments.models import Account, Hold, HoldEvent, Journal, Line
from payments.rules import HOLD_QUEUE, HOLD_WARNING


class LineInline(ReadOnlyInline):
    model = Line
    fields = ["account", "amount", "currency"]
    readonly_fields = fields


class HoldEventInline(EventInline):
    model = HoldEvent


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ["id", "kind", "owner", "hold", "balance", "currency"]
    list_filter = ["kind", "currency"]
    search_fields = ["owner__email", "=hold__id"]
    list_select_related = ["owner", "hold"]


@admin.register(Journal)
class JournalAdmin(ReadOnlyAdmin):
    list_display = ["id", "created", "kind", "cause", "hold", "actor"]
    list_filter = ["kind"]
    search_fields = ["=cause", "=hold__id"]
    list_select_related = ["hold", "actor"]
    inlines = [LineInline]


class HeldForFilter(admin.SimpleListFilter):
    """The queue of funds of any work that near the limit of 90 days."""

    title = "held for"
    parameter_name = "held_for"
    periods = {"85": HOLD_QUEUE, "75": HOLD_WARNING}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(days, f"{days} days or more") for days in self.periods]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Hold]) -> QuerySet[Hold]:
        period = self.periods.get(self.value() or "")
        return queryset.filter(pk__in=Hold.objects.held_for(period)) if period else queryset


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin):
    list_display = ["id", "title", "purpose", "state", "amount", "held", "released", "fee", "refunded", "funded_at"]
    list_filter = [HeldForFilter, "status", "purpose", "currency"]
    search_fields = ["=id", "title", "payer__email", "payee__email"]
    fields = [
        *("title", "purpose", "url", "payer", "payee", "status", "amount", "held", "released", "fee", "refunded"),
        *("fee_bps", "funded_at", "frozen_at", "created_at", "updated_at"),
    ]
    readonly_fields = fields
    inlines = [HoldEventInline]
