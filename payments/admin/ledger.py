"""Accounts, journals, and money held for work."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from core.admin import DAY, EventInline, ReadOnlyAdmin, ReadOnlyInline, in_line
from core.money import Money, total
from payments.admin.entries import entries_url
from payments.models import Account, Hold, HoldEvent, Journal, Line
from payments.rules import HOLD_QUEUE, HOLD_WARNING

OF_LINES = {"lines__account", "lines__account__kind", "lines__currency"}


class LineInline(ReadOnlyInline):
    model = Line
    fields = ["account", "amount", "currency"]
    readonly_fields = fields


def moved(journal: Journal) -> Money:
    """What its accounts received together. Prefetch `lines`."""
    lines = list(journal.lines.all())
    return total((line.amount for line in lines if line.amount_minor > 0), lines[0].currency)


class JournalInline(ReadOnlyInline):
    model = Journal
    fields = ["created_at", "kind", "moved", "cause"]
    readonly_fields = fields
    ordering = ["-id"]
    verbose_name_plural = "Ledger entries"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Journal]:
        return super().get_queryset(request).prefetch_related("lines")

    @admin.display(description="Moved")
    def moved(self, journal: Journal) -> Money:
        return moved(journal)


class HoldEventInline(EventInline):
    model = HoldEvent


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ["id", "kind", "owner", "hold", "balance", "currency", "entries"]
    list_filter = ["kind", "currency"]
    search_fields = ["owner__email", "=hold__id"]
    list_select_related = ["owner", "hold"]
    readonly_fields = ["entries"]

    @admin.display(description="Entries")
    def entries(self, account: Account) -> str:
        return format_html('<a class="text-link" href="{}">Show</a>', entries_url(account=account.pk))


@admin.register(Journal)
class JournalAdmin(ReadOnlyAdmin):
    list_display = ["id", "created", "kind", "moved", "cause", "hold", "actor"]
    list_filter = ["kind"]
    search_fields = ["=cause", "=hold__id"]
    list_select_related = ["hold", "actor"]
    inlines = [LineInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Journal]:
        return super().get_queryset(request).prefetch_related("lines")

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Other pages of the console lead to the entries of an account, or of a kind of accounts."""
        return lookup in OF_LINES or super().lookup_allowed(lookup, value, request)

    @admin.display(description="Moved")
    def moved(self, journal: Journal) -> Money:
        return moved(journal)


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
    list_display = ["id", "title", "state", "amount", "held", "released", "refunded", "funded"]
    list_filter = [HeldForFilter, "status", "purpose", "currency"]
    search_fields = ["=id", "title", "payer__email", "payee__email"]
    fields = [
        *("title", "purpose", "url", "payer", "payee", "status", "amount", "held", "released", "fee", "refunded"),
        *("fee_bps", "funded_at", "frozen_at", "created_at", "updated_at"),
    ]
    readonly_fields = fields
    inlines = [JournalInline, HoldEventInline]

    @admin.display(description="Funded", ordering="funded_at")
    def funded(self, hold: Hold) -> str:
        return in_line(hold.funded_at, DAY) if hold.funded_at else "–"
