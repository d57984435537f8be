"""What providers say against the books, and the queue of what does not agree."""

from django import forms
from django.contrib import admin
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince
from unfold.decorators import display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.models import User
from core.admin import ReadOnlyAdmin
from core.admin.dialogs import in_dialog
from payments import services
from payments.models import ProviderTransaction, ReconciliationException, ReconciliationRun


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


class ResolveForm(BaseDialogForm):
    reason = forms.CharField(
        max_length=500, widget=UnfoldAdminTextareaWidget, help_text="Kept with the exception and in the audit log."
    )


@admin.register(ReconciliationException)
class ReconciliationExceptionAdmin(ReadOnlyAdmin):
    """The queue: those that are open come first, the oldest on top."""

    list_display = ["what", "kind", "amount", "detail", "age", "outcome"]
    list_filter = [("resolved_at", admin.EmptyFieldListFilter), "kind", "provider"]
    search_fields = ["=about", "detail"]
    list_select_related = ["resolved_by"]
    ordering = [F("resolved_at").desc(nulls_first=True), "opened_at"]
    fields = [
        "kind", "what", "provider", "amount", "detail", "opened_at", "resolved_at", "resolution", "resolved_by", "note",
    ]  # fmt: skip
    readonly_fields = ["what", "amount"]
    actions_detail = ["resolve"]

    @admin.display(description="About", ordering="about")
    def what(self, one: ReconciliationException) -> str:
        noun, _, key = one.about.partition(":")
        model = {"event": "providerevent", "transaction": "providertransaction"}.get(noun, noun)
        if noun == "transaction":
            return format_html(
                '<a href="{}?q={}">{}</a>', reverse(f"admin:payments_{model}_changelist"), key, one.about
            )
        return format_html('<a href="{}">{}</a>', reverse(f"admin:payments_{model}_change", args=[key]), one.about)

    @display(description="Outcome", ordering="resolution", label={"open": "warning", "resolved": "success"})
    def outcome(self, one: ReconciliationException) -> tuple[str, str]:
        if not one.resolved_at:
            return "open", "Open"
        by = f" by {one.resolved_by}" if one.resolved_by else ""
        return "resolved", f"{one.get_resolution_display()}{by}"

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
    def resolve(self, actor: User, exception_id: int, reason: str) -> None:
        services.resolve_exception(actor, exception_id=exception_id, reason=reason)
