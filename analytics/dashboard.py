"""The first page of the staff console."""

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from analytics import selectors
from core.money import Money

# What is looked at every day: its name, page, and the permission that opens it.
DAILY = (
    ("Disputes to decide", "contracts_dispute_queue", "contracts.change_dispute"),
    ("Payouts", "payments_payout_changelist", "payments.view_payout"),
    ("Chargebacks", "payments_chargeback_changelist", "payments.view_chargeback"),
    ("Exceptions", "payments_reconciliationexception_changelist", "payments.view_reconciliationexception"),
    ("Money health", "payments_ledgercheck_health", "payments.view_ledgercheck"),
)
COLOURS = ["#1f6f4a", "#b7791f", "#2b5a80", "#8b8a83"]
WORDS = {"color": "#767f87"}  # readable on both themes
CHART_OPTIONS = {
    "maintainAspectRatio": False,
    "animation": False,
    "plugins": {"legend": {"labels": {"boxWidth": 12, **WORDS}}},
    "scales": {
        "x": {"stacked": True, "ticks": WORDS, "grid": {"display": False}},
        "y": {"stacked": True, "ticks": WORDS, "beginAtZero": True},
    },
}


def context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Called by unfold (UNFOLD["DASHBOARD_CALLBACK"]) with the page's context."""
    chart = {
        "labels": [f"{day:%-d %b}" for day in selectors.days()],
        "datasets": [
            {"label": series.label, "data": series.values, "backgroundColor": colour}
            for series, colour in zip(selectors.activity(), COLOURS, strict=True)
        ],
    }
    context.update(
        figures=[_linked(figure) for figure in selectors.figures() if _may_see(request, figure)],
        waiting=[_linked(figure) for figure in selectors.waiting() if _may_see(request, figure)],
        money=[_led(row) for row in selectors.money()] if request.user.has_perm("payments.view_journal") else None,  # type: ignore[union-attr]
        chart=json.dumps(chart),
        chart_options=json.dumps(CHART_OPTIONS),
        period_days=selectors.PERIOD_DAYS,
    )
    return context


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Called by unfold (UNFOLD["SIDEBAR"]) for its sidebar: what staff come for most, then every model by its app."""
    daily = [
        {"title": title, "link": reverse(f"admin:{url_name}")}
        for title, url_name, permission in DAILY
        if request.user.has_perm(permission)  # type: ignore[union-attr]
    ]
    models = [
        {
            "title": app["name"],
            "collapsible": True,
            "items": [{"title": model["name"], "link": model["admin_url"]} for model in app["models"]],
        }
        for app in admin.site.get_app_list(request)
    ]
    return [{"items": [{"title": "Overview", "link": reverse("admin:index")}, *daily]}, *models]


def _may_see(request: HttpRequest, figure: selectors.Figure) -> bool:
    """Numbers of pages that the reader's group does not include are not for them either."""
    app, _, model = figure.url_name.partition("_")
    return bool(request.user.has_perm(f"{app}.view_{model}"))  # type: ignore[union-attr]


def _led(row: selectors.MoneyRow) -> list[tuple[str, Money, str]]:
    """Each figure with its name, and the page that lists what it is the sum of."""
    currency = {"currency__exact": row.held.currency}
    fees = {"lines__account__kind": "fees", "lines__currency": row.held.currency}
    return [
        (label, amount, reverse(f"admin:payments_{model}_changelist", query=only))
        for label, amount, model, only in (
            ("Held now", row.held, "hold", {"held_minor__gt": 0} | currency),
            ("Released", row.released, "hold", {"released_minor__gt": 0} | currency),
            ("Fees", row.fees, "journal", fees),
            ("Refunded", row.refunded, "hold", {"refunded_minor__gt": 0} | currency),
        )
    ]


def _linked(figure: selectors.Figure) -> dict[str, str]:
    return figure._asdict() | {"url": reverse(f"admin:{figure.url_name}_changelist", query=figure.only)}
