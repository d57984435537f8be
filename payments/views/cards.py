"""Settings: the cards that a person kept at the payment provider."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from core.errors import NotFound, Unavailable
from payments import services


@never_cache
@require_GET
def cards(request: HttpRequest) -> HttpResponse:
    try:
        context = {"cards": services.list_cards(request.user), "answered": True}
    except Unavailable:
        context = {"cards": [], "answered": False}
    return render(request, "payments/cards.html", context)


@require_POST
def forget(request: HttpRequest, card_id: str) -> HttpResponse:
    try:
        services.forget_card(request.user, card_id=card_id)
    except NotFound:
        raise
    except Unavailable:
        messages.error(request, _("The payment provider does not answer. The card is still saved; try again."))
    else:
        messages.success(request, _("The card is forgotten."))
    return redirect("cards")
