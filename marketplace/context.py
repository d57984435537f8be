"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject


def site(request: HttpRequest) -> dict[str, Any]:
    return {
        "SITE_NAME": settings.SITE_NAME,
        "TILE_URL": settings.TILE_URL,
        "TILE_ATTRIBUTION": settings.TILE_ATTRIBUTION,
        "is_private": is_private(request),
        "nav": SimpleLazyObject(lambda: _nav(request)),
    }


def is_private(request: HttpRequest) -> bool:
    """Closed to search engines: whatever asks who is there, and every error."""
    match = getattr(request, "resolver_match", None)
    return match is None or getattr(match.func, "login_required", True)


def _nav(request: HttpRequest) -> dict[str, Any]:
    """Counts in the top bar and the side ("client" or "freelancer") the person looks from; read only if shown."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"unread_messages": 0, "unread_notifications": 0, "view": ""}
    from chat.models import Room

    rooms = Room.objects.visible_to(user).with_unread(user)
    return {
        "unread_messages": rooms.filter(unread__gt=0).count(),
        "unread_notifications": user.notifications.unread().count(),
        "view": current_view(request),
    }


def current_view(request: HttpRequest) -> str:
    """The side chosen in this session, or the only one the person has."""
    user = request.user
    if not (user.is_client and user.is_freelancer):
        return "client" if user.is_client else "freelancer"
    chosen = request.session.get("view", "client")
    return chosen if chosen in {"client", "freelancer"} else "client"
