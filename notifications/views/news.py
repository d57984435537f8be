"""The page behind the bell."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from notifications import services
from notifications.models import Notification

PER_PAGE = 30


@require_safe
def news(request: HttpRequest) -> HttpResponse:
    rows = Notification.objects.visible_to(_me(request))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "notifications/list.html", {"page": page})


@require_POST
def open_news(request: HttpRequest, notification_id: int) -> HttpResponse:
    """Mark as read and go where it can be acted on."""
    notification = services.mark_read(_me(request), notification_id=notification_id)
    inside = url_has_allowed_host_and_scheme(notification.url, allowed_hosts=None)
    return redirect(notification.url if inside and notification.url else "notifications:list")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    services.mark_all_read(_me(request))
    return redirect("notifications:list")


def _me(request: HttpRequest) -> Any:
    return request.user
