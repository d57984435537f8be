"""The first page of the staff console."""

import json
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from analytics import selectors

COLOURS = ["#1f6f4a", "#b7791f", "#2b5a80", "#8b8a83"]


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
        money_table=request.user.has_perm("payments.view_journal")  # type: ignore[union-attr]
        and {
            "headers": ["Held now", "Released", "Fees", "Refunded"],
            "rows": [[str(amount) for amount in row] for row in selectors.money()],
        },
        chart=json.dumps(chart),
        chart_options=json.dumps({"scales": {"x": {"stacked": True}, "y": {"stacked": True, "beginAtZero": True}}}),
        period_days=selectors.PERIOD_DAYS,
    )
    return context


def _may_see(request: HttpRequest, figure: selectors.Figure) -> bool:
    """Numbers of pages that the reader's group does not include are not for them either."""
    app, _, model = figure.url_name.partition("_")
    return bool(request.user.has_perm(f"{app}.view_{model}"))  # type: ignore[union-attr]


def _linked(figure: selectors.Figure) -> dict[str, str]:
    return figure._asdict() | {"url": reverse(f"admin:{figure.url_name}_changelist")}
