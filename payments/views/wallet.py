"""Pages of money: the wallet, and paying in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from babel.numbers import get_currency_name
from django.conf import settings
from django.contrib import messages
from django.db.models import Exists, OuterRef, Prefetch
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from core.errors import DomainError, Unavailable, error_body, require
from core.money import Money
from core.queries import get_or_refuse
from payments import policies, providers, selectors, services
from payments.models import Document, Hold, Journal, Line, Payment
from payments.rules import AccountKind, DocumentKind, HoldStatus, JournalKind, PaymentStatus, ProviderName
from payments.selectors import Balance, Statement

RECENT = 10
NOT_REACHED = "The payment provider does not answer at the moment. Nothing was taken. Try again in a few minutes."
STATEMENTS = {
    AccountKind.AVAILABLE: "",
    AccountKind.PAYOUTS: "Payouts, ",
    AccountKind.CREDIT: "Credit, ",
    AccountKind.DEBT: "Owed, ",
}


# --- Wallet -------------------------------------------------------------------------------------


@require_GET
def wallet(request: HttpRequest) -> HttpResponse:
    balances = selectors.wallet(request.user)
    chosen = next((one for one in balances if one.currency == request.GET.get("currency")), balances[0])
    earnings = selectors.earnings(request.user, chosen.currency)
    month = month_of(request.GET.get("month", ""))
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
            "holds": _open_holds(request.user, chosen.currency),
            "payments": _payments(request.user, chosen),
        },
    )


def _tab(balance: Balance, chosen: Balance) -> dict[str, Any]:
    return {
        "name": get_currency_name(balance.currency, locale=(get_language() or "en").replace("-", "_")),
        "amount": balance.available,
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
    lines = [_line(line) for line in statement.lines]
    if statement.opening:
        before = next(month for month in statement.months if month < statement.month)
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


def _line(line: Line) -> dict[str, Any]:
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
        "balance": line.balance_after,
        "entry": reverse("movement", args=[journal.pk]),
    }


def _open_holds(user: User, currency: str) -> list[dict[str, Any]]:
    holds = Hold.objects.visible_to(user).filter(currency=currency, held_minor__gt=0)
    funded = Prefetch("journals", Journal.objects.filter(kind=JournalKind.FUND), "funded_by")
    return [
        {
            "hold": hold,
            "entry": reverse("movement", args=[hold.funded_by[0].pk]),
            "person": hold.payee if hold.payer_id == user.pk else hold.payer,
            "pays": hold.payer_id == user.pk,
        }
        for hold in holds.select_related("payer", "payee").prefetch_related(funded)[:RECENT]
    ]


def _payments(user: User, balance: Balance) -> list[dict[str, Any]]:
    papers = Prefetch("documents", Document.objects.order_by("id"), "papers")
    mine = Payment.objects.visible_to(user).filter(currency=balance.currency).started()
    credited = Exists(Payment.objects.credited().filter(pk=OuterRef("pk")))
    recent = mine.annotate(is_credited=credited).select_related("hold").prefetch_related(papers)[:RECENT]
    return [_payment(one) | {"can_go_back": bool(one.is_credited and balance.credit and one.left)} for one in recent]


def _payment(payment: Payment) -> dict[str, Any]:
    papers: list[Document] = payment.papers  # type: ignore[attr-defined]  # prefetched
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
    return {
        "title": f"Earned each month, after the fee. Most in {date_format(best.month, 'F')}: {best.net}.",
        "data": {
            "type": "bar",
            "labels": [date_format(earned.month, "M") for earned in earnings],
            "series": [{"label": "Earned", "values": [earned.net.as_string() for earned in earnings]}],
            "currency": currency,
        },
        "rows": [(date_format(earned.month, "F Y"), [str(earned.net)]) for earned in earnings],
    }


def month_of(text: str) -> datetime | None:
    """ "2026-11" as the first moment of that month, in the reader's time zone."""
    try:
        return timezone.make_aware(datetime.strptime(text, "%Y-%m"))  # noqa: DTZ007 - made aware at once
    except ValueError:
        return None


# --- Paying in ----------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "POST"])
def pay(request: HttpRequest, hold_id: int) -> HttpResponse:
    """What is to be paid, and by which card. A POST pays by a saved card, or comes after a card was confirmed."""
    hold = _bill(request, hold_id)
    refusal = policies.why_not_pay(request.user, hold)
    if request.method == "POST":
        require(refusal)
        return _pay(request, hold)
    if hold.status in {HoldStatus.HELD, HoldStatus.RELEASED}:
        return redirect(_work_url(hold))
    payment = _live_payment(hold)
    why_not_paypal = providers.why_not(ProviderName.PAYPAL, hold.amount)
    context = {
        "hold": hold,
        "figures": hold.quote(),
        "work_url": _work_url(hold),
        "closed": hold.status != HoldStatus.PENDING,
        "waiting": _is_waiting(payment, asked="waiting" in request.GET),
        "problem": payment.failure_message if payment and payment.status == PaymentStatus.FAILED else "",
        "refusal": refusal,
        "paypal": not why_not_paypal,
        "by_paypal": payment is not None and payment.provider == ProviderName.PAYPAL,
        "why_not_paypal": why_not_paypal if ProviderName.PAYPAL in providers.offered() else "",
        "cards": services.saved_cards(request.user) if hold.status == HoldStatus.PENDING and not refusal else [],
        "publishable_key": settings.STRIPE_PUBLISHABLE_KEY,
        "stripe_js": settings.STRIPE_JS_URL,
    }
    return render(request, "payments/pay.html", context)


@require_POST
def pay_start(request: HttpRequest, hold_id: int) -> JsonResponse:
    """For pay.js: the secret by which the browser confirms the card with the provider."""
    try:
        payment = services.pay_hold(request.user, hold_id=hold_id)
    except DomainError as error:
        return JsonResponse(error_body(error.code, error.message, error.fields), status=error.status)
    return JsonResponse({"client_secret": payment.client_secret, "is_open": payment.is_open})


@never_cache
@require_GET
def payment_status(request: HttpRequest, hold_id: int) -> HttpResponse:
    """Asked every few seconds while a payment is being processed; sends the browser on when it is decided."""
    hold = _bill(request, hold_id)
    payment = _live_payment(hold)
    if hold.status == HoldStatus.PENDING and _is_waiting(payment, asked=True):
        return HttpResponse(status=204)  # nothing is swapped, so the focus stays and nothing is read out again
    response = HttpResponse()
    response["HX-Redirect"] = reverse("pay", args=[hold.pk])
    return response


@never_cache
@require_GET
def payment_approved(request: HttpRequest, token: UUID) -> HttpResponse:
    """Where PayPal sends the person who agreed. Whether that is so, PayPal is asked; the address proves nothing."""
    payment = get_or_refuse(Payment.objects.visible_to(request.user), token=token)
    try:
        payment = services.refresh_payment(payment.pk)
    except Unavailable:
        messages.info(request, "PayPal has not answered yet. Nothing is lost: we ask again until it does.")
    except DomainError as error:
        messages.error(request, error.message)
    payment.refresh_from_db()
    if payment.status == PaymentStatus.CANCELLED:
        messages.error(request, "This payment had ended before you agreed to it. Nothing was taken; please pay again.")
    elif payment.status == PaymentStatus.REQUIRES_ACTION:
        messages.info(request, "You have not agreed to this payment at PayPal yet. Nothing was taken.")
    return _back_from_provider(payment)


@never_cache
@require_GET
def payment_left(request: HttpRequest, token: UUID) -> HttpResponse:
    """Where PayPal sends the person who does not want to pay there."""
    payment = get_or_refuse(Payment.objects.visible_to(request.user), token=token)
    try:
        payment = services.withdraw_payment(payment.pk)
    except Unavailable:
        messages.info(request, "PayPal has not answered yet. Nothing is lost: we ask again until it does.")
    if payment.status == PaymentStatus.CANCELLED:
        messages.info(request, "You left PayPal, so nothing was taken.")
    return _back_from_provider(payment)


def _back_from_provider(payment: Payment) -> HttpResponse:
    if payment.hold_id is None:
        return redirect("wallet")
    waiting = "?waiting" if payment.status == PaymentStatus.PROCESSING else ""
    return redirect(reverse("pay", args=[payment.hold_id]) + waiting)


def _pay(request: HttpRequest, hold: Hold) -> HttpResponse:
    method = request.POST.get("payment_method", "")[:80]
    waiting = redirect(f"{reverse('pay', args=[hold.pk])}?waiting")
    try:
        if method == ProviderName.PAYPAL:
            payment = services.pay_hold(request.user, hold_id=hold.pk, provider=ProviderName.PAYPAL)
            if payment.is_open and payment.approval_url:
                return redirect(payment.approval_url)
        elif method:
            services.pay_hold(request.user, hold_id=hold.pk, payment_method=method)
        elif payment := _live_payment(hold):
            services.refresh_payment(payment.pk)
    except Unavailable:
        payment = _live_payment(hold)
        if payment and not method:
            services.expect_news(payment.pk)
        if not method or (payment and payment.is_unheard):
            return waiting
        messages.error(request, NOT_REACHED)
        return redirect("pay", hold.pk)
    except DomainError as error:
        messages.error(request, error.message)
    payment = _live_payment(hold)
    if not method and (payment is None or payment.status == PaymentStatus.CREATED):
        messages.info(request, "Nothing was taken so far. Choose how to pay, and try again.")
    elif payment and payment.status == PaymentStatus.REQUIRES_ACTION:
        messages.info(request, "Your bank wants you to confirm this payment. Press the button again to do so.")
    return waiting if _is_waiting(payment, asked=False) else redirect("pay", hold.pk)


def _bill(request: HttpRequest, hold_id: int) -> Hold:
    hold = get_or_refuse(Hold.objects.visible_to(request.user).select_related("payee", "payer"), pk=hold_id)
    require(policies.why_not_read_bill(request.user, hold))
    return hold


def _live_payment(hold: Hold) -> Payment | None:
    payment: Payment | None = hold.payments.exclude(status=PaymentStatus.CANCELLED).first()
    return payment


def _is_waiting(payment: Payment | None, *, asked: bool) -> bool:
    """Is the outcome still open? `asked`: the person has just confirmed and we have not heard yet."""
    if payment is None:
        return False
    unheard = {PaymentStatus.CREATED, PaymentStatus.REQUIRES_ACTION} if asked else set()
    return payment.is_unheard or payment.status in {PaymentStatus.PROCESSING, PaymentStatus.AUTHORISED} | unheard


def _work_url(hold: Hold) -> str:
    return hold.url or reverse("wallet")
