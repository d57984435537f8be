"""A person's own security history."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import AuditEvent

PER_PAGE = 30
LARGEST_ID = 2**63 - 1


@require_safe
def security_history(request: HttpRequest) -> HttpResponse:
    """Newest first; `before` is the last event of the page before, so that a long history pages as fast as a short one."""
    user: Any = request.user
    before = request.GET.get("before", "")
    events = AuditEvent.objects.security_of(user)
    if before.isascii() and before.isdecimal():
        events = events.filter(pk__lt=min(int(before[:20]), LARGEST_ID))
    found = list(events[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    older = shown[-1].pk if len(found) > PER_PAGE else None
    return render(request, "accounts/security_history.html", {"events": shown, "older": older, "is_first": not before})
