"""The last proof of the books, on one page."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView
from unfold.decorators import action
from unfold.views import UnfoldModelAdminViewMixin

from core.admin import ReadOnlyAdmin
from payments import selectors, services
from payments.models import LedgerCheck
from payments.rules import AccountKind


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
