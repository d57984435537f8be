"""Money in the staff console: to read, and to set going again what a service left waiting."""

from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, F, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView
from djstripe import models as stripe_models
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.views import UnfoldModelAdminViewMixin
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from core import hooks, jobs
from core.admin import EventInline, ModelAdmin, ReadOnlyAdmin, ReadOnlyInline, for_each, from_dialog
from core.errors import Conflict
from core.money import Money
from payments import selectors, services
from payments.models import (
    Account,
    Chargeback,
    ChargebackEvent,
    ConnectAccount,
    Document,
    Hold,
    HoldEvent,
    Journal,
    LedgerCheck,
    Line,
    Payment,
    PaymentCustomer,
    PaymentEvent,
    Payout,
    PayoutApproval,
    PayoutEvent,
    Plan,
    ProviderEvent,
    ProviderTransaction,
    ReconciliationException,
    ReconciliationRun,
    Refund,
    RefundEvent,
    Subscription,
    SubscriptionEvent,
)
from payments.rules import ANSWERABLE, AccountKind, ChargebackStatus, PayoutStatus
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


class PayoutEventInline(EventInline):
    model = PayoutEvent


class PayoutApprovalInline(ReadOnlyInline):
    model = PayoutApproval
    fields = ["created_at", "staff"]
    readonly_fields = fields
    show_change_link = False


class RejectionForm(BaseDialogForm):
    reason = forms.CharField(
        label="Why, as the person will read it", max_length=300, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


@admin.register(Payout)
class PayoutAdmin(ReadOnlyAdmin):
    """The queue: what waits for a decision comes first, the oldest on top."""

    list_display = ["id", "user", "amount", "status", "approved_by", "bank_label", "failure_message", "created_at"]
    list_filter = ["status", "needs_approval", "currency", ("returned_at", admin.EmptyFieldListFilter)]
    search_fields = ["=id", "user__email", "=transfer_id", "=payout_id"]
    list_select_related = ["user"]
    ordering = [Case(When(status=PayoutStatus.AWAITING_APPROVAL, then=0), default=1), "-created_at"]
    fields = [
        *("user", "amount", "status", "needs_approval", "bank_label", "arrives_at"),
        *("failure_message", "returned_at", "transfer_id", "payout_id", "created_at", "updated_at"),
    ]
    readonly_fields = fields
    inlines = [PayoutApprovalInline, PayoutEventInline]
    actions = ["send_again"]
    actions_detail = ["approve", "reject"]

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[Any]:
        waits = Payout.objects.filter(pk=object_id, status=PayoutStatus.AWAITING_APPROVAL).exists()
        return super().get_actions_detail(request, object_id) if waits else []

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payout]:
        return super().get_queryset(request).prefetch_related("approvals__staff")

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("payments.change_payout"))

    @admin.display(description="Approved by")
    def approved_by(self, payout: Payout) -> str:
        return ", ".join(str(approval.staff) for approval in payout.approvals.all())

    @admin.action(description="Try again what is not sent or not taken back yet", permissions=["act"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[Payout]) -> None:
        def queue(payout: Payout) -> None:
            failed = payout.status == PayoutStatus.FAILED
            jobs.enqueue("payments.return_transfer" if failed else "payments.send_payout", payout_id=payout.pk)

        for_each(self, request, chosen, queue, "Queued")

    @action(
        description="Approve",
        permissions=["decide"],
        dialog={
            "title": "Approve this payout",
            "description": "It is sent when two different people have approved it. Look at how the money was earned first.",
            "form_class": None,
            "form_submit_text": "Approve",
        },
    )
    def approve(self, request: HttpRequest, form: BaseDialogForm, object_id: int) -> HttpResponse:
        def act() -> None:
            services.approve_payout(request.user, payout_id=object_id)

        return from_dialog(self, request, form, act, "Approved by you.")

    @action(
        description="Reject",
        permissions=["decide"],
        dialog={
            "title": "Reject this payout",
            "description": "The money goes back to the person's wallet, and they read your reason.",
            "form_class": RejectionForm,
            "form_submit_text": "Reject",
        },
    )
    def reject(self, request: HttpRequest, form: RejectionForm, object_id: int) -> HttpResponse:
        def act() -> None:
            services.reject_payout(request.user, payout_id=object_id, reason=form.cleaned_data["reason"])

        return from_dialog(self, request, form, act, "Rejected. The person was told.")


@admin.register(ConnectAccount)
class ConnectAccountAdmin(ReadOnlyAdmin):
    list_display = ["user", "account_id", "country", "payouts_enabled", "bank_label", "disabled_reason", "checked_at"]
    list_filter = ["payouts_enabled", "country"]
    search_fields = ["user__email", "=account_id"]
    list_select_related = ["user"]
    exclude = ["token"]


class ChargebackEventInline(EventInline):
    model = ChargebackEvent


class ReasonForm(BaseDialogForm):
    reason = forms.CharField(
        label="Why",
        max_length=500,
        help_text="Kept in the audit log.",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


class EvidenceForm(BaseDialogForm):
    """The names are the provider's."""

    product_description = forms.CharField(
        label="What was ordered", max_length=5000, required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2})
    )
    service_date = forms.CharField(
        label="When it was done", max_length=200, required=False, widget=UnfoldAdminTextInputWidget()
    )
    access_activity_log = forms.CharField(
        label="What the client did here: approvals, downloads, messages",
        max_length=5000,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    refund_refusal_explanation = forms.CharField(
        label="Why it was not refunded",
        max_length=5000,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )
    uncategorized_text = forms.CharField(
        label="Anything else", max_length=5000, required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


EVIDENCE = tuple(EvidenceForm.base_fields.keys() - BaseDialogForm.base_fields.keys())


def _ask_about(chargeback: Chargeback) -> object:
    if chargeback.is_reversal:
        raise Conflict("chargeback_without_dispute", "PayPal took this back by itself: there is nothing to ask about.")
    return services.refresh_chargeback(chargeback.dispute_id, provider=chargeback.payment.provider)


@admin.register(Chargeback)
class ChargebackAdmin(ReadOnlyAdmin):
    """The queue: what needs an answer comes first, the nearest deadline on top."""

    list_display = ["id", "payment", "amount", "status", "reason", "answer_by", "evidence_sent_at", "created_at"]
    list_filter = ["status", "reason", "currency"]
    search_fields = ["=id", "=dispute_id", "payment__payer__email"]
    list_select_related = ["payment"]
    ordering = [Case(When(status__in=ANSWERABLE, then=0), default=1), "answer_by"]
    inlines = [ChargebackEventInline]
    actions = ["ask_provider"]
    actions_detail = ["answer", "accept", "write_off"]
    fields = [
        *("payment", "amount", "status", "reason", "answer_by", "taken_at", "given_back_at", "written_off"),
        *("evidence", "evidence_by", "evidence_sent_at", "accepted_by", "accepted_at", "dispute_id", "created_at"),
    ]
    readonly_fields = fields

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[Any]:
        """What can be done with it now."""
        chargeback = get_object_or_404(Chargeback, pk=object_id)
        possible = {
            "answer": chargeback.can_be_answered,
            "accept": chargeback.can_be_accepted,
            "write_off": chargeback.status == ChargebackStatus.LOST and not services.written_off(chargeback),
        }
        found = super().get_actions_detail(request, object_id)
        return [
            one for one in found if any(one.action_name.endswith(f"_{name}") for name in possible if possible[name])
        ]

    @admin.display(description="Written off")
    def written_off(self, chargeback: Chargeback) -> Money:
        return services.written_off(chargeback)

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return bool(request.user.has_perm("payments.change_chargeback"))

    @admin.action(description="Ask the provider how it stands", permissions=["act"])
    def ask_provider(self, request: HttpRequest, chosen: QuerySet[Chargeback]) -> None:
        for_each(self, request, chosen, _ask_about, "Asked")

    @action(
        description="Answer the bank",
        permissions=["decide"],
        dialog={
            "title": "Answer the bank",
            "description": "This is sent once and cannot be changed. Write so that a stranger understands what happened.",
            "form_class": EvidenceForm,
            "form_submit_text": "Send to the bank",
        },
    )
    def answer(self, request: HttpRequest, form: EvidenceForm, object_id: int) -> HttpResponse:
        told = {name: form.cleaned_data.get(name, "") for name in EVIDENCE}

        def act() -> None:
            services.answer_chargeback(request.user, chargeback_id=object_id, evidence=told)

        return from_dialog(self, request, form, act, "Your answer is on its way to the bank.")

    @action(
        description="Accept it",
        permissions=["decide"],
        dialog={
            "title": "Accept without an answer",
            "description": "The bank keeps what it took, for good. The client goes on owing what was not covered.",
            "form_class": ReasonForm,
            "form_submit_text": "Accept",
        },
    )
    def accept(self, request: HttpRequest, form: ReasonForm, object_id: int) -> HttpResponse:
        def act() -> None:
            services.accept_chargeback(request.user, chargeback_id=object_id, reason=form.cleaned_data["reason"])

        return from_dialog(self, request, form, act, "The bank is told that nobody answers.")

    @action(
        description="Write off what is owed",
        permissions=["decide"],
        url_path="write-off",
        dialog={
            "title": "Write off what is owed",
            "description": "What this lost chargeback left open becomes a loss of Guildhall, and the client can hire again.",
            "form_class": ReasonForm,
            "form_submit_text": "Write off",
        },
    )
    def write_off(self, request: HttpRequest, form: ReasonForm, object_id: int) -> HttpResponse:
        def act() -> None:
            services.write_off_debt(request.user, chargeback_id=object_id, reason=form.cleaned_data["reason"])

        return from_dialog(self, request, form, act, "Written off. The client was told.")


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


# --- Proof and reconciliation -------------------------------------------------------------------


class MoneyHealthView(UnfoldModelAdminViewMixin, TemplateView):
    """Green or red: what the last proof of the books found, what waits and for how long, and what providers say."""

    title = "Money health"
    permission_required = "payments.view_ledgercheck"
    template_name = "payments/money_health.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        health = selectors.money_health()
        findings = health.last.findings if health.last else {}
        return super().get_context_data(
            **kwargs,
            health=health,
            counts=findings.get("counts", {}),
            sums=_table(["Account", "Accounts", "Sums"], _sums_by_kind(findings.get("sums", []))),
            waiting=_by_age(health.waiting),
            exceptions=_by_age(health.exceptions),
            providers=_table(
                ["Provider", "By its own movements", "By our books", "Difference", "Explained by exceptions"],
                [[row.provider, row.theirs, row.ours, row.difference, row.explained] for row in health.at_providers],
            ),
            holds=_table(
                ["Held for", "Holds", "Amount"],
                [[row.age, row.count, ", ".join(map(str, row.amounts)) or "–"] for row in health.holds],
            ),
            may_run=self.request.user.has_perm("payments.change_ledgercheck"),
        )


def _sums_by_kind(sums: list[dict[str, Any]]) -> list[list[Any]]:
    kinds: dict[str, list[dict[str, Any]]] = {}
    for row in sums:
        kinds.setdefault(row["kind"], []).append(row)
    return [
        [
            AccountKind(kind).label,
            f"{sum(row['accounts'] for row in rows):,}",
            ", ".join(row["amount"] for row in rows if row["minor"]) or "–",
        ]
        for kind, rows in kinds.items()
    ]


def _table(headers: list[str], rows: list[list[Any]]) -> dict[str, Any]:
    return {"headers": headers, "rows": [[str(cell) for cell in row] for row in rows]}


def _by_age(rows: list[selectors.Waiting]) -> dict[str, Any]:
    linked = [
        [
            format_html('<a href="{}">{}</a>', reverse(f"admin:{row.url_name}_changelist"), row.label),
            *(str(count or "–") for count in row.counts),
        ]
        for row in rows
    ]
    return {"headers": ["", *selectors.AGES], "rows": linked}


@admin.register(LedgerCheck)
class LedgerCheckAdmin(ReadOnlyAdmin):
    """Every run of the proof, and the page that shows the last one."""

    list_display = ["started_at", "is_right", "took", "__str__"]
    list_filter = ["is_right"]
    fields = ["started_at", "finished_at", "is_right", "findings"]
    actions_list = ["show_health"]

    @action(description="Money health", url_path="now", permissions=["view"])
    def show_health(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:payments_ledgercheck_health")

    def get_urls(self) -> list[Any]:
        health = MoneyHealthView.as_view(model_admin=self)
        run = require_POST(self.run)
        return [
            path("health", self.admin_site.admin_view(health), name="payments_ledgercheck_health"),
            path("run", self.admin_site.admin_view(run), name="payments_ledgercheck_run"),
            *super().get_urls(),
        ]

    def run(self, request: HttpRequest) -> HttpResponse:
        if not self.has_act_permission(request):
            raise PermissionDenied
        services.ask_for_check(request.user)
        self.message_user(request, "Queued. Look again in a moment.", messages.SUCCESS)
        return redirect("admin:payments_ledgercheck_health")


@admin.register(ProviderTransaction)
class ProviderTransactionAdmin(ReadOnlyAdmin):
    list_display = ["transaction_id", "type", "amount", "fee", "net", "source_id", "created_at", "journal"]
    list_filter = ["provider", "type", ("journal", admin.EmptyFieldListFilter), "currency"]
    search_fields = ["=transaction_id", "=source_id", "=parent_id"]
    list_select_related = ["journal"]


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

    list_display = ["what", "kind", "amount", "detail", "age", "resolved_at", "resolution", "resolved_by"]
    list_filter = [("resolved_at", admin.EmptyFieldListFilter), "kind", "provider"]
    search_fields = ["=about", "detail"]
    list_select_related = ["resolved_by"]
    ordering = [F("resolved_at").desc(nulls_first=True), "opened_at"]
    fields = [
        "kind", "what", "provider", "amount", "detail", "opened_at", "resolved_at", "resolution", "resolved_by", "note",
    ]  # fmt: skip
    readonly_fields = ["what", "amount"]
    actions_detail = ["resolve"]

    def has_resolve_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.has_act_permission(request)

    @admin.display(description="About", ordering="about")
    def what(self, one: ReconciliationException) -> str:
        noun, _, key = one.about.partition(":")
        model = {"event": "providerevent", "transaction": "providertransaction"}.get(noun, noun)
        if noun == "transaction":
            return format_html(
                '<a href="{}?q={}">{}</a>', reverse(f"admin:payments_{model}_changelist"), key, one.about
            )
        return format_html('<a href="{}">{}</a>', reverse(f"admin:payments_{model}_change", args=[key]), one.about)

    @admin.display(description="Open for", ordering="opened_at")
    def age(self, one: ReconciliationException) -> str:
        return timesince(one.opened_at, one.resolved_at or timezone.now())

    @action(
        description="Resolve",
        permissions=["resolve"],
        dialog={
            "title": "Resolve by hand",
            "description": "A difference of money is written off in the books, so that they agree with the provider again. "
            "Most exceptions close by themselves when the other half comes.",
            "form_class": ResolveForm,
            "form_submit_text": "Resolve",
        },
    )
    def resolve(self, request: HttpRequest, form: ResolveForm, object_id: int) -> HttpResponse:
        def act() -> None:
            services.resolve_exception(request.user, exception_id=object_id, reason=form.cleaned_data["reason"])

        return from_dialog(self, request, form, act, "Resolved.")
