"""Settings: where a person's news is sent on to."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError, NotFound, TooMany
from core.pages import apply
from core.queries import get_or_refuse
from core.throttling import allow
from notifications import services
from notifications.forms import WebhookForm
from notifications.models import WebhookEndpoint
from notifications.rules import MAX_WEBHOOKS

PER_PAGE = 20
SENDS, SENDS_SECONDS = 20, 60  # as many as the API allows


@require_safe
def webhooks(request: HttpRequest) -> HttpResponse:
    rows = list(WebhookEndpoint.objects.visible_to(_me(request)))
    return render(request, "notifications/webhooks.html", {"rows": rows, "may_add": len(rows) < MAX_WEBHOOKS})


def add(request: HttpRequest) -> HttpResponse:
    form = WebhookForm(request.POST or None)
    if form.is_valid():
        try:
            endpoint = services.add_webhook(_me(request), **form.cleaned_data)
        except DomainError as error:
            apply(form, error)
        else:
            _remember_secret(request, endpoint)
            return redirect("webhooks:detail", endpoint.pk)
    return render(request, "notifications/webhook_form.html", {"form": form, "crumbs": _crumbs()})


def change(request: HttpRequest, webhook_id: int) -> HttpResponse:
    endpoint = _mine(request, webhook_id)
    before = {"url": endpoint.url, "description": endpoint.description, "events": endpoint.events}
    form = WebhookForm(request.POST or None, initial=before)
    if form.is_valid():
        try:
            services.change_webhook(_me(request), webhook_id=webhook_id, **form.cleaned_data)
        except NotFound:
            raise
        except DomainError as error:
            apply(form, error)
        else:
            messages.success(request, _("The webhook is changed."))
            return redirect("webhooks:detail", webhook_id)
    return render(request, "notifications/webhook_form.html", {"form": form, "endpoint": endpoint, "crumbs": _crumbs()})


@never_cache
@require_safe
def detail(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """What was sent and what was answered; the secret only right after it was made."""
    endpoint = _mine(request, webhook_id)
    made_for, secret = request.session.pop("webhook_secret", (None, ""))
    context = {
        "endpoint": endpoint,
        "secret": secret if made_for == endpoint.pk else "",
        "page": Paginator(endpoint.deliveries.all(), PER_PAGE).get_page(request.GET.get("page")),
        "secret_wish": [("do", "secret")],
        "remove_wish": [("do", "remove")],
        "crumbs": _crumbs(),
    }
    return render(request, "notifications/webhook.html", context)


@require_POST
def act(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """One of the buttons of the page."""
    me, wish = _me(request), request.POST.get("do", "")
    if wish == "remove":
        services.remove_webhook(me, webhook_id=webhook_id)
        messages.success(request, _("The webhook is removed. Nothing is sent there any more."))
        return redirect("webhooks:list")
    try:
        if wish == "test":
            _limit_sends(request)
            services.send_test_event(me, webhook_id=webhook_id)
            messages.success(request, _("A test event is on its way. Reload the page in a moment to see the answer."))
        elif wish == "secret":
            _remember_secret(request, services.rotate_secret(me, webhook_id=webhook_id))
        elif wish in {"on", "off"}:
            services.switch_webhook(me, webhook_id=webhook_id, on=wish == "on")
            messages.success(request, _("The webhook is on.") if wish == "on" else _("The webhook is off."))
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("webhooks:detail", webhook_id)


@require_POST
def replay(request: HttpRequest, webhook_id: int, delivery_id: str) -> HttpResponse:
    try:
        _limit_sends(request)
        services.replay(_me(request), webhook_id=webhook_id, delivery_id=delivery_id)
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("It is sent once more. Reload the page in a moment to see the answer."))
    return redirect("webhooks:detail", webhook_id)


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Webhooks"), reverse("webhooks:list"))]


def _limit_sends(request: HttpRequest) -> None:
    if wait := allow("webhook-send", f"user-{request.user.pk}", limit=SENDS, seconds=SENDS_SECONDS):
        raise TooMany(wait)


def _remember_secret(request: HttpRequest, endpoint: WebhookEndpoint) -> None:
    """For the next look at the webhook's page, and no other."""
    request.session["webhook_secret"] = (endpoint.pk, endpoint.secret)


def _mine(request: HttpRequest, webhook_id: int) -> WebhookEndpoint:
    endpoint: WebhookEndpoint = get_or_refuse(WebhookEndpoint.objects.visible_to(_me(request)), pk=webhook_id)
    return endpoint


def _me(request: HttpRequest) -> Any:
    return request.user
