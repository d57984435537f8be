"""Accounts, journals, and money held for work."""

from django.contrib import admin

from core.admin import EventInline, ReadOnlyAdmin, ReadOnlyInline
from payments.models import Account, Hold, HoldEvent, Journal, Line


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
