"""The ledger's entries behind what a page of the console shows."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join

from core.admin import MINUTES, in_line
from payments.models import Journal
from payments.rules import JournalKind


class WithEntries:
    """The page of a row leads to the entries that it caused. For those who may read them."""

    def causes(self, row: Any) -> list[str]:
        raise NotImplementedError

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = list(super().get_fields(request, obj))  # type: ignore[misc]
        return [*fields, "entries"] if request.user.has_perm("payments.view_journal") else fields  # type: ignore[union-attr]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), "entries"]  # type: ignore[misc]

    @admin.display(description="Ledger entries")
    def entries(self, row: Any) -> str:
        caused = Journal.objects.filter(kind__in=JournalKind.values, cause__in=self.causes(row)).order_by("id")
        links = (
            (
                reverse("admin:payments_journal_change", args=[one.pk]),
                one.get_kind_display(),
                in_line(one.created_at, MINUTES),
            )
            for one in caused
        )
        return format_html_join("", '<p><a class="text-link" href="{}">{}</a>, {}</p>', links) or "–"


def entries_url(**only: Any) -> str:
    """The list of entries with a line such as this, like `account__kind="fees", currency="EUR"`."""
    return reverse("admin:payments_journal_changelist", query={f"lines__{name}": value for name, value in only.items()})
