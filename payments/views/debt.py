"""Settling what a chargeback left open."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import DomainError, NotFound, Unavailable, error_body
from core.money import EXPONENTS
from payments import selectors, services
from payments.models import Chargeback
from payments.rules import PaymentStatus, card_charge
from payments.views.wallet import crumbs

SHOWN = 5
LATER = "We have not heard from your bank yet. Your wallet shows it as soon as we do; you are not charged twice."


@never_cache
@require_http_methods(["GET", "POST"])
def debt(request: HttpRequest, currency: str) -> HttpResponse:
    """What is owed, and by which card. A POST pays by a saved card, or comes after a card was confirmed."""
    _require_known(currency)
    if request.method == "POST":
        return _pay(request, currency.upper())
    owed = next((one.debt for one in selectors.wallet(request.user) if one.currency == currency.upper()), None)
    if not owed:
        return redirect("wallet")
    mine = Chargeback.objects.visible_to(request.user).owed_for().filter(currency=owed.currency)
    chargebacks = mine.select_related("payment")[:SHOWN]
    entries = selectors.taken_by(chargebacks)
    context = {
        "owed": owed,
        "charge": card_charge(owed),
        "chargebacks": [(one, reverse("movement", args=[entries[one.pk]])) for one in chargebacks],
        "cards": services.saved_cards(request.user),
        "start_url": reverse("debt-start", args=[currency]),
        "publishable_key": settings.STRIPE_PUBLISHABLE_KEY,
        "stripe_js": settings.STRIPE_JS_URL,
        "crumbs": crumbs(),
    }
    return render(request, "payments/debt.html", context)


@require_POST
def debt_start(request: HttpRequest, currency: str) -> JsonResponse:
    """For pay.js: the secret by which the browser confirms the card with the provider."""
    _require_known(currency)
    try:
        payment = services.pay_debt(request.user, currency=currency.upper())
    except DomainError as error:
        return JsonResponse(error_body(error.code, error.message, error.fields), status=error.status)
    return JsonResponse({"client_secret": payment.client_secret, "is_open": payment.is_open})


def _require_known(currency: str) -> None:
    if currency.upper() not in EXPONENTS:
        raise NotFound


def _pay(request: HttpRequest, currency: str) -> HttpResponse:
    try:
        payment = services.pay_debt(
            request.user,
            currency=currency,
            payment_method=request.POST.get("payment_method", "")[:80],
        )
        if payment.is_open:
            payment = services.refresh_payment(payment.pk)
    except Unavailable:
        messages.info(request, LATER)
        return redirect("wallet")
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("wallet" if error.code == "no_debt" else request.path)
    if payment.status == PaymentStatus.FAILED:
        messages.error(request, payment.failure_message or "The card was declined. Try another one.")
        return redirect(request.path)
    if payment.status == PaymentStatus.SUCCEEDED:
        messages.success(request, "It is settled. You can hire and pay in again.")
    else:
        messages.info(request, LATER)
    return redirect("wallet")
