"""The last proof of the books, on one page."""

import re
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
from payments.admin.entries import entries_url
from payments.models import LedgerCheck
from payments.rules import CLEARING, COMPANIES, AccountKind, ProviderName


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
            sums=_sums_by_kind(findings.get("sums", [])),
            at_providers=[_at_provider(row) for row in health.at_providers],
            holds=[_held_by_age(row) for row in health.holds],
            ages=[*selectors.AGES],
            waiting=[_linked(row) for row in health.waiting],
            exceptions=[_linked(row, resolved_at__isempty=1) for row in health.exceptions],
            compared=[(COMPANIES[ProviderName(run.provider)], run.started_at) for run in health.reconciled],
            wrong=[_with_links(check) for check in (health.last.checks if health.last else []) if check["offenders"]],
            may_run=self.request.user.has_perm("payments.change_ledgercheck"),
        )


def _sums_by_kind(sums: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kinds: dict[str, list[dict[str, Any]]] = {}
    for row in sums:
        kinds.setdefault(row["kind"], []).append(row)
    return [
        {
            "kind": AccountKind(kind).label,
            "accounts": sum(row["accounts"] for row in rows),
            "amounts": [
                (row["amount"], entries_url(account__kind=kind, currency=row["currency"]))
                for row in rows
                if row["minor"]
            ],
        }
        for kind, rows in kinds.items()
    ]


def _at_provider(row: selectors.AtProvider) -> dict[str, Any]:
    """With pages that list what each figure is the sum of."""
    only = {"provider__exact": row.provider.value, "currency": row.ours.currency}
    exceptions = {"provider__exact": row.provider.value, "resolved_at__isempty": 1}
    return row._asdict() | {
        "name": COMPANIES[row.provider],
        "difference": row.difference,
        "theirs_url": reverse("admin:payments_providertransaction_changelist", query=only),
        "ours_url": entries_url(account__kind=CLEARING[row.provider].value, currency=row.ours.currency),
        "explained_url": reverse("admin:payments_reconciliationexception_changelist", query=exceptions),
    }


def _held_by_age(row: selectors.HeldByAge) -> dict[str, Any]:
    between = {"funded_at__gt": row.after, "funded_at__lte": row.until}
    only = {"held_minor__gt": 0} | {name: moment.isoformat() for name, moment in between.items() if moment}
    holds = "admin:payments_hold_changelist"
    amounts = [(amount, reverse(holds, query=only | {"currency__exact": amount.currency})) for amount in row.amounts]
    return {"age": row.age, "count": row.count, "amounts": amounts}


def _linked(row: selectors.Waiting, **only: Any) -> dict[str, Any]:
    url = reverse(f"admin:{row.url_name}_changelist", query=only)
    return {"label": row.label, "url": url, "counts": row.counts}


def _with_links(check: dict[str, Any]) -> dict[str, Any]:
    """A finding whose examples lead to what they name, such as "hold 12: ..."."""
    return {**check, "examples": [_with_link(example) for example in check["examples"]]}


def _with_link(example: str) -> str:
    named = re.match(r"(?P<noun>[a-z]+) (?P<key>\d+)", example)
    pages = {model._meta.model_name for model in admin.site._registry if model._meta.app_label == "payments"}
    if named is None or named["noun"] not in pages:
        return example
    url = reverse(f"admin:payments_{named['noun']}_change", args=[named["key"]])
    return format_html('<a href="{}">{}</a>{}', url, named[0], example[named.end() :])


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
