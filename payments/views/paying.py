"""Paying in: what a hold asks for, by a card or at PayPal, and the way back from there."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import DomainError, Unavailable, error_body, require
from core.queries import get_or_refuse
from payments import policies, providers, services
from payments.models import Hold, Payment
from payments.rules import HoldStatus, PaymentStatus, ProviderName

NOT_REACHED = "The payment provider does not answer at the moment. Nothing was taken. Try again in a few minutes."


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
