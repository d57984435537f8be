"""Chargebacks: the queue of those that need an answer."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Case, Exists, OuterRef, QuerySet, When
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.html import format_html_join
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.models import User
from core.admin import MINUTES, EventInline, ReadOnlyAdmin, for_each, in_line
from core.admin.dialogs import in_dialog
from core.errors import Conflict
from core.money import Money
from payments import services
from payments.admin.asking import or_mismatch
from payments.admin.entries import WithEntries
from payments.admin.write_offs import ASKED, WAITS, WriteOffForm, WriteOffInline, what_waits
from payments.models import Chargeback, ChargebackEvent, WriteOff
from payments.rules import ANSWERABLE, ChargebackStatus


class ChargebackEventInline(EventInline):
    model = ChargebackEvent


class ReasonForm(BaseDialogForm):
    reason = forms.CharField(
        label="Why",
        max_length=500,
        help_text="Kept in the audit log.",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


class WriteOffDebtForm(WriteOffForm):
    def find(self) -> tuple[Chargeback, Money]:
        chargeback = get_object_or_404(Chargeback.objects.select_related("payment"), pk=self.object_id)
        return chargeback, services.to_write_off(chargeback)


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


WAITING = Exists(WriteOff.objects.waiting().filter(chargeback=OuterRef("pk")))


def _ask_about(chargeback: Chargeback) -> object:
    if chargeback.is_reversal:
        raise Conflict("chargeback_without_dispute", "PayPal took this back by itself: there is nothing to ask about.")
    return services.refresh_chargeback(chargeback.dispute_id, provider=chargeback.payment.provider)


@admin.register(Chargeback)
class ChargebackAdmin(WithEntries, ReadOnlyAdmin):
    """The queue: what needs an answer or a second comes first, the nearest deadline on top."""

    list_display = ["id", "payer", "amount", "state", "why", "deadline", "second", "created"]
    list_filter = ["status", "reason", "currency"]
    search_fields = ["=id", "=dispute_id", "payment__payer__email"]
    list_select_related = ["payment__payer"]
    ordering = [Case(When(status__in=ANSWERABLE, then=0), When(WAITING, then=0), default=1), "answer_by"]
    inlines = [WriteOffInline, ChargebackEventInline]
    actions = ["ask_provider"]
    actions_detail = ["answer", "accept", "write_off"]
    fields = [
        *("payer", "payment", "amount", "status", "why", "answer_by", "taken_at", "given_back_at"),
        *("written_off", "asked_for"),
        *("told", "evidence_by", "evidence_sent_at", "accepted_by", "accepted_at", "dispute_id", "created_at"),
    ]
    readonly_fields = fields

    def causes(self, chargeback: Chargeback) -> list[str]:
        return [f"chargeback:{chargeback.pk}"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Chargeback]:
        return super().get_queryset(request).annotate(waits=WAITING)

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[Any]:
        """What can be done with it now."""
        chargeback = get_object_or_404(Chargeback, pk=object_id)
        possible = {
            "answer": chargeback.can_be_answered,
            "accept": chargeback.can_be_accepted,
            "write_off": chargeback.status == ChargebackStatus.LOST
            and not services.written_off(chargeback)
            and services.to_write_off(chargeback),
        }
        found = super().get_actions_detail(request, object_id)
        return [
            one for one in found if any(one.action_name.endswith(f"_{name}") for name in possible if possible[name])
        ]

    @admin.display(description="Payer", ordering="payment__payer")
    def payer(self, chargeback: Chargeback) -> User:
        return chargeback.payment.payer

    @admin.display(description="Reason of the bank", ordering="reason")
    def why(self, chargeback: Chargeback) -> str:
        return chargeback.reason.replace("_", " ").capitalize()

    @admin.display(description="Answer by", ordering="answer_by")
    def deadline(self, chargeback: Chargeback) -> str:
        waits = chargeback.answer_by and chargeback.can_be_answered
        return in_line(chargeback.answer_by, MINUTES) if waits else "–"

    @admin.display(description="What we told the bank")
    def told(self, chargeback: Chargeback) -> str:
        labels = {name: field.label for name, field in EvidenceForm.base_fields.items()}
        said = ((labels.get(name, name), text) for name, text in chargeback.evidence.items())
        return format_html_join("", "<p><strong>{}</strong><br>{}</p>", said) or "–"

    @admin.display(description="Written off")
    def written_off(self, chargeback: Chargeback) -> Money:
        return services.written_off(chargeback)

    @admin.display(description="To be written off")
    def asked_for(self, chargeback: Chargeback) -> str:
        return what_waits(chargeback)

    @admin.display(description="Write-off")
    def second(self, chargeback: Any) -> str:
        return WAITS if chargeback.waits else "–"

    @admin.action(description="Ask the provider how it stands", permissions=["act"])
    def ask_provider(self, request: HttpRequest, chosen: QuerySet[Chargeback]) -> None:
        for_each(self, request, chosen, or_mismatch(_ask_about), "Asked")

    @in_dialog(
        "Answer the bank",
        title="Answer the bank",
        description="This is sent once and cannot be changed. Write so that a stranger understands what happened. "
        "Only words are sent from here, to PayPal 2,000 characters in all; add files at the provider.",
        form=EvidenceForm,
        submit="Send to the bank",
        done="Your answer is on its way to the bank.",
    )
    def answer(self, actor: User, chargeback_id: int, **evidence: str) -> None:
        services.answer_chargeback(actor, chargeback_id=chargeback_id, evidence=evidence)

    @in_dialog(
        "Accept it",
        title="Accept without an answer",
        description="The bank keeps what it took, for good. The client goes on owing what was not covered.",
        form=ReasonForm,
        submit="Accept",
        done="The bank is told that nobody answers.",
    )
    def accept(self, actor: User, chargeback_id: int, reason: str) -> None:
        services.accept_chargeback(actor, chargeback_id=chargeback_id, reason=reason)

    @in_dialog(
        "Write off what is owed",
        title="Write off what is owed",
        description="What this lost chargeback left open becomes a loss of Guildhall, and the client can hire again.",
        form=WriteOffDebtForm,
        submit="Write off",
        done="Written off. The client was told.",
    )
    def write_off(self, actor: User, chargeback_id: int, reason: str, seen_minor: int) -> str:
        chargeback = services.write_off_debt(actor, chargeback_id=chargeback_id, seen_minor=seen_minor, reason=reason)
        return "" if services.written_off(chargeback) else ASKED
