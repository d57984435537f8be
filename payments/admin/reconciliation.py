"""What providers say against the books, and the queue of what does not agree."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince
from unfold.decorators import display

from accounts.models import User
from core.admin import ReadOnlyAdmin
from core.admin.dialogs import in_dialog
from core.money import Money
from payments import services
from payments.admin.write_offs import ASKED, WAITS, WriteOffForm, WriteOffInline, what_waits
from payments.models import ProviderTransaction, ReconciliationException, ReconciliationRun, WriteOff


@admin.register(ProviderTransaction)
class ProviderTransactionAdmin(ReadOnlyAdmin):
    list_display = ["transaction_id", "type", "amount", "fee", "net", "source_id", "created_at", "journal"]
    list_filter = ["provider", "type", ("journal", admin.EmptyFieldListFilter), "currency"]
    search_fields = ["=transaction_id", "=source_id", "=parent_id"]
    list_select_related = ["journal"]
    fields = [
        "provider", "transaction_id", "type", "amount", "fee", "net", "source_id", "parent_id", "created_at", "stored_at",
        "journal",
    ]  # fmt: skip
    readonly_fields = fields


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(ReadOnlyAdmin):
    list_display = ["provider", "started_at", "finished_at", "fetched", "stored", "matched", "opened", "closed"]
    list_filter = ["provider"]


class ResolveForm(WriteOffForm):
    def find(self) -> tuple[ReconciliationException, Money | None]:
        one = get_object_or_404(ReconciliationException, pk=self.object_id)
        return one, one.amount if one.is_about_money else None


@admin.register(ReconciliationException)
class ReconciliationExceptionAdmin(ReadOnlyAdmin):
    """The queue: those that are open come first, the oldest on top."""

    list_display = ["what", "kind", "amount", "detail", "age", "outcome"]
    list_filter = [("resolved_at", admin.EmptyFieldListFilter), "kind", "provider"]
    search_fields = ["=about", "detail"]
    list_select_related = ["resolved_by"]
    ordering = [F("resolved_at").desc(nulls_first=True), "opened_at"]
    fields = [
        "kind", "what", "provider", "amount", "detail", "opened_at", "write_off", "resolved_at", "resolution",
        "resolved_by", "note",
    ]  # fmt: skip
    readonly_fields = ["what", "amount", "write_off"]
    inlines = [WriteOffInline]
    actions_detail = ["resolve"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReconciliationException]:
        waiting = WriteOff.objects.waiting().filter(exception=OuterRef("pk"))
        return super().get_queryset(request).annotate(waits=Exists(waiting))

    @admin.display(description="About", ordering="about")
    def what(self, one: ReconciliationException) -> str:
        noun, _, key = one.about.partition(":")
        model = {"event": "providerevent", "transaction": "providertransaction"}.get(noun, noun)
        if noun == "transaction":
            url = reverse(f"admin:payments_{model}_changelist", query={"q": key})
        else:
            url = reverse(f"admin:payments_{model}_change", args=[key])
        return format_html('<a class="text-link" href="{}">{}</a>', url, one.about)

    @display(
        description="Outcome", ordering="resolution", label={"open": "warning", "waits": "info", "resolved": "success"}
    )
    def outcome(self, one: Any) -> tuple[str, str]:
        if not one.resolved_at:
            return ("waits", WAITS) if one.waits else ("open", "Open")
        by = f" by {one.resolved_by}" if one.resolved_by else ""
        return "resolved", f"{one.get_resolution_display()}{by}"

    @admin.display(description="Write-off")
    def write_off(self, one: ReconciliationException) -> str:
        return what_waits(one)

    @admin.display(description="Open for", ordering="opened_at")
    def age(self, one: ReconciliationException) -> str:
        return timesince(one.opened_at, one.resolved_at or timezone.now())

    @in_dialog(
        "Resolve",
        title="Resolve by hand",
        description="A difference of money is written off in the books, so that they agree with the provider again. "
        "Most exceptions close by themselves when the other half comes.",
        form=ResolveForm,
        submit="Resolve",
        done="Resolved.",
    )
    def resolve(self, actor: User, exception_id: int, reason: str, seen_minor: int) -> str:
        one = services.resolve_exception(actor, exception_id=exception_id, seen_minor=seen_minor, reason=reason)
        return "" if one.resolved_at else ASKED
