"""Plans: beginning one, paying for it, leaving it."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.selectors import marketplace_rules
from core.errors import DomainError, NotFound, error_body
from core.queries import get_or_refuse
from payments import selectors, services
from payments.models import Document, Subscription
from payments.selectors import Offer

INVOICES_SHOWN = 12


@require_GET
def plan(request: HttpRequest) -> HttpResponse:
    """What the person is on, and what there is."""
    found = selectors.offers(request.user)
    return render(
        request,
        "payments/plan.html",
        {
            "mine": [offer for offer in found if offer.mine],
            "others": [offer for offer in found if not offer.mine],
            "usual_fee": marketplace_rules().fee_bps,
            "invoices": Document.objects.visible_to(request.user).filter(subscription__isnull=False)[:INVOICES_SHOWN],
        },
    )


@never_cache
@require_http_methods(["GET", "POST"])
def pay_plan(request: HttpRequest, code: str) -> HttpResponse:
    """What the plan costs, and by which card. A POST pays by a saved card, or comes after a card was confirmed."""
    offer = _offer(request, code)
    if request.method == "POST":
        return _pay(request, offer)
    if offer.mine and offer.mine.gives_benefits and not offer.mine.intent_id:
        return redirect("plan")
    return render(
        request,
        "payments/plan_pay.html",
        {
            "offer": offer,
            "crumbs": [("Your plan", reverse("plan"))],
            "problem": offer.mine.failure_message if offer.mine else "",
            "cards": services.saved_cards(request.user),
            "publishable_key": settings.STRIPE_PUBLISHABLE_KEY,
            "stripe_js": settings.STRIPE_JS_URL,
        },
    )


@require_POST
def pay_plan_start(request: HttpRequest, code: str) -> JsonResponse:
    """For pay.js: the secret by which the browser confirms the card with the provider."""
    offer = _offer(request, code)
    try:
        subscription = _waiting(request, offer)
    except DomainError as error:
        return JsonResponse(error_body(error.code, error.message, error.fields), status=error.status)
    return JsonResponse({"client_secret": subscription.client_secret, "is_open": bool(subscription.client_secret)})


@require_POST
def cancel_plan(request: HttpRequest, pk: int) -> HttpResponse:
    subscription = _own(request, pk)
    try:
        left = services.cancel_subscription(request.user, subscription=subscription)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        over = f"Your {left.plan} plan goes on until the end of what you paid for, and is not charged again."
        messages.success(request, over if left.gives_benefits else "Nothing is charged.")
    return redirect("plan")


@require_POST
def resume_plan(request: HttpRequest, pk: int) -> HttpResponse:
    subscription = _own(request, pk)
    try:
        kept = services.resume_subscription(request.user, subscription=subscription)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"Your {kept.plan} plan goes on.")
    return redirect("plan")


def _pay(request: HttpRequest, offer: Offer) -> HttpResponse:
    method = request.POST.get("payment_method", "")[:80]
    again = redirect("plan-pay", offer.plan.code)
    try:
        if method and offer.mine and offer.mine.gives_benefits:
            after = services.pay_subscription(request.user, subscription=offer.mine, payment_method=method)
        elif method:
            after = services.subscribe(request.user, plan=offer.plan.code, payment_method=method)
        elif offer.mine:
            after = services.refresh_subscription(offer.mine.pk)
        else:
            return again
    except DomainError as error:
        messages.error(request, error.message)
        return again
    if after.intent_id:
        if not after.failure_message:
            messages.info(request, "Your bank wants you to confirm this payment. Choose another card, or try again.")
        return again
    messages.success(request, f"You are on the {after.plan} plan.")
    return redirect("plan")


def _waiting(request: HttpRequest, offer: Offer) -> Subscription:
    """The subscription with what is to be paid: begun now, or overdue."""
    if offer.mine and offer.mine.gives_benefits:
        return services.refresh_subscription(offer.mine.pk)
    return services.subscribe(request.user, plan=offer.plan.code)


def _offer(request: HttpRequest, code: str) -> Offer:
    for offer in selectors.offers(request.user):
        if offer.plan.code == code:
            return offer
    raise NotFound


def _own(request: HttpRequest, pk: int) -> Subscription:
    own = Subscription.objects.visible_to(request.user).select_related("plan", "user")
    subscription: Subscription = get_or_refuse(own, pk=pk)
    return subscription
