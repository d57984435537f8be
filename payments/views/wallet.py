"""The wallet: what is there, what came and went this month, and what is held."""

from datetime import datetime
from typing import Any

from babel.numbers import get_currency_name
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from accounts.models import User
from core.money import Money
from payments import selectors
from payments.models import Chargeback, Document, Hold, Line, Payment
from payments.rules import AccountKind, DocumentKind
from payments.selectors import Balance, Statement

RECENT = 10
HELD_SHOWN = 10
STATEMENTS = {
    AccountKind.AVAILABLE: "",
    AccountKind.PAYOUTS: "Payouts, ",
    AccountKind.CREDIT: "Credit, ",
    AccountKind.DEBT: "Owed, ",
}


@require_GET
def wallet(request: HttpRequest) -> HttpResponse:
    balances = selectors.wallet(request.user)
    chosen = next((one for one in balances if one.currency == request.GET.get("currency")), balances[0])
    earnings = selectors.earnings(request.user, chosen.currency)
    month = month_of(request.GET.get("month", ""))
    held = Paginator(_open_holds(request.user, chosen.currency), HELD_SHOWN).get_page(request.GET.get("page"))
    found = [selectors.statement(request.user, kind, chosen.currency, month) for kind in STATEMENTS]
    return render(
        request,
        "payments/wallet.html",
        {
            "tabs": [_tab(balance, chosen) for balance in balances] if len(balances) > 1 else [],
            "figures": _figures(request.user, chosen),
            "chosen": chosen,
            "earns": request.user.is_freelancer or any((chosen.available, chosen.pending, chosen.paid_out)),
            "debts": [_debt(balance.debt) for balance in balances if balance.debt],
            "chart": _chart(earnings) if earnings else None,
            "statements": [_statement(each, chosen.currency) for each in found if each],
            "held": held,
            "holds": [_held(hold, request.user) for hold in held],
            "payments": _payments(request.user, chosen),
        },
    )


def _tab(balance: Balance, chosen: Balance) -> dict[str, Any]:
    """With what is available, or for who only orders work with what is held for it."""
    return {
        "name": get_currency_name(balance.currency, locale=(get_language() or "en").replace("-", "_")),
        "amount": balance.available or balance.committed,
        "url": f"{reverse('wallet')}?currency={balance.currency}",
        "current": balance is chosen,
    }


def _debt(owed: Money) -> dict[str, str]:
    return {"strong": f"You owe {owed}.", "url": reverse("debt", args=[owed.currency.lower()])}


def _figures(user: User, balance: Balance) -> list[dict[str, Any]]:
    """What concerns the person: the sides that they work on, and wherever there is money."""
    earning = {
        "available": ("Available", "Earned and released to you", "", "available"),
        "pending": ("Pending", "On its way to your bank", "clock", "payouts"),
        "paid_out": ("Paid out", "Arrived at your bank", "bank", "payouts"),
        "held": ("Held for you", "Paid in by clients, before the fee", "lock", "held"),
    }
    ordering = {
        "committed": ("Held for work you ordered", "Goes on when you approve, or back to you", "lock", "held"),
        "credit": ("Credit", "Paid in for no work yet", "", "credit"),
        "debt": ("You owe", "After a bank took a payment back", "exclamation-triangle", "debt"),
    }
    usual = {*(["available", "held"] if user.is_freelancer else []), *(["committed"] if user.is_client else [])}
    return [
        {
            "label": label,
            "hint": hint,
            "icon": icon,
            "amount": getattr(balance, name),
            "url": _lines_url(name, section, balance.currency) if getattr(balance, name) else "",
        }
        for name, (label, hint, icon, section) in (earning | ordering).items()
        if name in usual or getattr(balance, name)
    ]


def _lines_url(figure: str, section: str, currency: str) -> str:
    """Where the lines stand that the figure is the sum of."""
    account = {"available": "available", "pending": "payouts", "credit": "credit"}.get(figure)
    return f"{reverse('statement')}?account={account}&currency={currency}" if account else f"#{section}"


def _statement(statement: Statement, currency: str) -> dict[str, Any]:
    page = f"{reverse('statement')}?account={statement.kind}&currency={currency}&month="
    lines = [line_of(line, line.balance_after) for line in statement.lines]
    if statement.opening:
        # The rest of a very long month is carried over from itself.
        before = next((month for month in statement.months if month < statement.month), statement.month)
        carried = {"moment": statement.month, "balance": statement.opening, "entry": f"{page}{before:%Y-%m}"}
        lines.append({"title": "Carried over", **carried})
    name = STATEMENTS[statement.kind]
    return {
        "id": statement.kind,
        "title": f"{name}{date_format(statement.month, 'F Y')}",
        "lines": lines,
        "released": statement.released
        and {"label": "Released this month", **statement.released._asdict(), "url": f"{page}{statement.month:%Y-%m}"},
        "months": [
            {
                "label": date_format(month, "F Y"),
                "url": f"{reverse('wallet')}?currency={currency}&month={month:%Y-%m}#{statement.kind}",
                "on": month == statement.month,
            }
            for month in statement.months
        ],
    }


def line_of(line: Line, balance: Money | None) -> dict[str, Any]:
    """A line as statements show it, with the account's balance after it."""
    journal, figures = line.journal, line.figures
    what = journal.get_kind_display()
    return {
        "id": line.pk,
        "moment": journal.created_at,
        "title": line.title,
        "detail": what if what != line.title else "",
        "url": journal.hold.url if journal.hold else "",
        "gross": figures and figures.gross,
        "fee": figures and figures.fee,
        "net": line.amount,
        "balance": balance,
        "entry": reverse("movement", args=[journal.pk]),
    }


def _open_holds(user: User, currency: str) -> QuerySet[Hold]:
    """Those that the figures above are the sums of."""
    holds = Hold.objects.visible_to(user).filter(currency=currency, held_minor__gt=0)
    return holds.select_related("payer", "payee")


def _held(hold: Hold, user: User) -> dict[str, Any]:
    pays = hold.payer_id == user.pk
    return {"hold": hold, "person": hold.payee if pays else hold.payer, "pays": pays}


def _payments(user: User, balance: Balance) -> list[dict[str, Any]]:
    papers = Prefetch("documents", Document.objects.order_by("id"), "papers")
    mine = Payment.objects.visible_to(user).filter(currency=balance.currency).started()
    credited = Exists(Payment.objects.credited().filter(pk=OuterRef("pk")))
    recent = mine.annotate(is_credited=credited).select_related("hold").prefetch_related(papers)[:RECENT]
    taken_urls = _taken_urls([one.pk for one in recent if one.charged_back_minor])
    return [
        _payment(one)
        | {
            "can_go_back": bool(one.is_credited and balance.credit and one.left),
            "taken_url": taken_urls.get(one.pk, ""),
        }
        for one in recent
    ]


def _taken_urls(payment_ids: list[int]) -> dict[int, str]:
    """The latest entry by which a bank took each of these payments back."""
    taken = Chargeback.objects.with_the_bank().filter(payment__in=payment_ids).order_by("id")
    entries = selectors.taken_by(taken)
    return {one.payment_id: reverse("movement", args=[entries[one.pk]]) for one in taken}


def _payment(payment: Payment) -> dict[str, Any]:
    papers: list[Document] = payment.papers  # prefetched
    entries: dict[str, list[str]] = {DocumentKind.RECEIPT: [], DocumentKind.CREDIT_NOTE: []}
    for paper in papers:
        entries[paper.kind].append(reverse("movement", args=[paper.journal_id]))
    paid, back = entries[DocumentKind.RECEIPT], entries[DocumentKind.CREDIT_NOTE]
    return {
        "payment": payment,
        "papers": papers,
        "paid_url": paid[0] if paid else "",
        "back_url": back[0] if len(back) == 1 else reverse("documents"),
    }


def _chart(earnings: list[selectors.Earned]) -> dict[str, Any]:
    best = max(earnings, key=lambda earned: earned.net)
    currency = best.net.currency
    page = f"{reverse('statement')}?account={AccountKind.AVAILABLE}&currency={currency}"
    return {
        "title": f"Earned each month, after the fee. Most in {date_format(best.month, 'F')}: {best.net}.",
        "data": {
            "type": "bar",
            "labels": [date_format(earned.month, "M") for earned in earnings],
            "series": [{"label": "Earned", "values": [earned.net.as_string() for earned in earnings]}],
            "currency": currency,
        },
        "rows": [
            (date_format(earned.month, "F Y"), [{"text": str(earned.net), "url": f"{page}&month={earned.month:%Y-%m}"}])
            for earned in earnings
        ],
    }


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way to a page below the wallet."""
    return [("Wallet", reverse("wallet")), *more]


def month_of(text: str) -> datetime | None:
    """ "2026-11" as the first moment of that month, in the reader's time zone."""
    try:
        return timezone.make_aware(datetime.strptime(text, "%Y-%m"))  # noqa: DTZ007 - made aware at once
    except ValueError:
        return None
