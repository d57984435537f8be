"""Pages of paying out."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.selectors import marketplace_rules
from core.errors import DomainError, NotFound
from core.money import Money
from core.pages import apply
from core.queries import get_or_refuse
from payments import policies, selectors, services
from payments.forms import SumForm
from payments.models import ConnectAccount, Journal, Payout, PayoutEvent
from payments.rules import PAYOUT_LIFECYCLE, JournalKind, about, payout_part
from payments.views.wallet import crumbs

PER_PAGE = 20
SAID = {
    "request": "You asked for it",
    "ask_approval": "Our staff look at large payouts",
    "approve": "Two of our staff approved it",
    "reject": "Our staff did not approve it",
    "cancel": "You cancelled it",
    "send": "We began to send it",
    "sent": "It is on its way to your bank",
    "arrive": "It arrived",
    "fail": "It came back",
}


@require_GET
def payout_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(Payout.objects.visible_to(request.user), PER_PAGE).get_page(request.GET.get("page"))
    entries = _entries(request, *(f"payout:{payout.pk}" for payout in page)).filter(kind=JournalKind.PAYOUT)
    asked = {entry.cause: reverse("movement", args=[entry.pk]) for entry in entries}
    rows = [{"payout": payout, "entry": asked[f"payout:{payout.pk}"]} for payout in page]
    return render(request, "payments/payouts.html", {"page": page, "rows": rows, "crumbs": crumbs()})


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """How much, with what arrives beside it; nothing leaves before it is sent."""
    balances = selectors.wallet(request.user)
    balance = next((one for one in balances if one.currency == request.GET.get("currency")), balances[0])
    currency, available = balance.currency, balance.available
    most = payout_part(available)
    initial = {"amount": most.as_string()} if available else None
    form = SumForm(request.POST or None, currency=currency, initial=initial)
    if form.is_valid():
        try:
            payout = services.request_payout(request.user, amount=form.cleaned_data["amount"])
        except DomainError as error:
            apply(form, error)
        else:
            messages.success(request, f"{payout.amount} is set aside and will be sent to your bank.")
            return redirect("payout", payout.pk)
    account = ConnectAccount.objects.filter(user=request.user, payouts_enabled=True).first()
    refusal = policies.why_not_be_paid(request.user)
    rules = marketplace_rules()
    context = {
        "form": form,
        "available": available,
        "most": most,
        "account": account,
        "other_currency": _other_currency(account, currency),
        "payable": _payable(account, balances),
        "refusal": refusal.message if refusal else "",
        "minimum": about(rules.payout_minimum, currency),
        "approval_over": about(rules.payout_approval_over, currency),
        "nothing": Money(0, currency),
        "crumbs": crumbs(),
    }
    return render(request, "payments/payout_new.html", context)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    payout = get_or_refuse(Payout.objects.visible_to(request.user), pk=pk)
    entries = list(_entries(request, f"payout:{payout.pk}", f"payout-paid:{payout.pk}"))
    context = {
        "payout": payout,
        "nothing": Money(0, payout.currency),
        "events": [_event(event) for event in payout.events.order_by("-id")],
        "entries": entries,
        "came_back": any(entry.kind == JournalKind.PAYOUT_BACK for entry in entries),
        "can_cancel": "cancel" in PAYOUT_LIFECYCLE.available(payout.status, "payee"),
        "crumbs": crumbs(("Payouts", reverse("payouts"))),
    }
    return render(request, "payments/payout.html", context)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        payout = services.cancel_payout(request.user, payout_id=pk)
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"{payout.amount} is in your wallet again.")
    return redirect("payout", pk)


def _other_currency(account: ConnectAccount | None, currency: str) -> str:
    """What is said when none of the person's banks takes the currency."""
    if account is None or currency in account.currencies:
        return ""
    taken = ", ".join(account.currencies)
    return f"It takes {taken}. Add a bank account that takes {currency}, then your {currency} can be paid out."


def _payable(account: ConnectAccount | None, balances: list[selectors.Balance]) -> dict[str, str] | None:
    """What can be paid out to the person's banks as they are."""
    taken = account.currencies if account else []
    found = next((one.available for one in balances if one.available and one.currency in taken), None)
    return found and {"amount": str(payout_part(found)), "url": f"{reverse('payout-new')}?currency={found.currency}"}


def _entries(request: HttpRequest, *causes: str) -> QuerySet[Journal]:
    """What these moved on the person's own accounts."""
    return Journal.objects.visible_to(request.user).filter(cause__in=causes).order_by("id")


def _event(event: PayoutEvent) -> dict[str, Any]:
    tone, icon = PAYOUT_LIFECYCLE.looks[event.to_status]
    return {
        "tone": "" if tone == "quiet" else tone,
        "icon": icon,
        "title": SAID.get(event.move, event.move),
        "text": event.reason if event.move in {"reject", "fail"} else "",
        "moment": event.created_at,
    }
