"""Writing off in the console: what the dialog tells, and who asked for what."""

from typing import Any

from django import forms
from django.utils.html import format_html
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.selectors import marketplace_rules
from core.admin import PartInline
from core.money import Money
from payments.models import Chargeback, ReconciliationException, WriteOff
from payments.rules import about, needs_two

WAITS = "Waits for a second"
ASKED = "Asked for. It is written off when a second member of staff confirms it."


class WriteOffForm(BaseDialogForm):
    """Says what is written off, and who asked for it. The amount that its reader saw is sent with it."""

    reason = forms.CharField(
        label="Why",
        max_length=500,
        help_text="Kept with it and in the audit log.",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    seen_minor = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row, self.amount = self.find()
        self.fields["seen_minor"].initial = self.amount.minor if self.amount else 0

    def find(self) -> tuple[ReconciliationException | Chargeback, Money | None]:
        """What it is about, and how much of it would be written off now."""
        raise NotImplementedError

    def render_before_template(self) -> str:
        return format_html('<p class="leading-relaxed mb-3">{}</p>', self.told(self.amount)) if self.amount else ""

    def told(self, amount: Money) -> str:
        asked = self.row.write_offs.select_related("asked_by").last()
        if asked and asked.waits and asked.amount == amount:
            if asked.asked_by_id == self.request.user.pk:
                return f"You asked to write off {amount}. Somebody else of the staff has to confirm it."
            return f"{told_of(asked)} You are the second: it is written off when you confirm it."
        dollars = marketplace_rules().dispute_two_staff_over
        told = f"{amount} is written off at once."
        if needs_two(amount, dollars):
            limit = about(dollars, amount.currency)
            told = f"{amount} is over {limit}: it is written off when a second member of staff confirms it."
        if asked:
            told = f"{told_of(asked)} The amount has changed since, so this counts as a new request. {told}"
        return told


class WriteOffInline(PartInline):
    model = WriteOff
    fields = ["asked_at", "asked_by", "amount", "reason", "confirmed_by", "confirmed_at", "overtaken_at"]
    readonly_fields = fields


def told_of(asked: WriteOff) -> str:
    return f"{asked.asked_by} asked on {asked.asked_at:%Y-%m-%d} to write off {asked.amount}: “{asked.reason}”"


def what_waits(row: ReconciliationException | Chargeback) -> str:
    """For the page of what is to be written off."""
    asked = row.write_offs.waiting().select_related("asked_by").first()
    return f"{WAITS}. {told_of(asked)}" if asked else "–"
