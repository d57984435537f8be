"""The calendar under a secret address, and the setting for it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from accounts.policies import why_not_act
from contracts import selectors, services
from contracts.models import CalendarFeed
from core.errors import NotFound
from core.queries import get_or_refuse


@login_not_required  # the address is the permission: it was shown to the person alone
@require_safe
def feed(request: HttpRequest, key: str) -> HttpResponse:
    request.path_for_log = reverse("calendar-feed", args=["secret"])  # type: ignore[attr-defined]
    found = get_or_refuse(CalendarFeed.objects.select_related("user"), key=key)
    if not found.user.is_active or why_not_act(found.user):
        raise NotFound
    response = HttpResponse(selectors.calendar_of(found.user), content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, max-age=900"
    return response


@never_cache
@require_GET
def settings(request: HttpRequest) -> HttpResponse:
    found = CalendarFeed.objects.filter(user=request.user.pk).first()
    url = request.build_absolute_uri(reverse("calendar-feed", args=[found.key])) if found else ""
    return render(request, "contracts/settings_calendar.html", {"feed": found, "url": url})


@require_http_methods(["POST"])
def switch(request: HttpRequest) -> HttpResponse:
    """`do`: on (also for another address), or off."""
    if request.POST.get("do") == "off":
        services.close_calendar(request.user)
        messages.success(request, "The calendar is off. The old address shows nothing any more.")
    else:
        services.open_calendar(request.user)
        messages.success(request, "Your calendar has a new address.")
    return redirect("calendar:settings")
