"""What keys for programs may be allowed to do, and which addresses of the API that opens. Pure.

Closed by default: an address that no list names is refused to every key. Of several entries the longest decides.
"""

import re
from functools import cache
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

READ, WRITE = "read", "write"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Resource(NamedTuple):
    """`paths` below /api/; empty words where there is nothing to read or to change."""

    label: object
    reading: object
    writing: object
    paths: tuple[str, ...]


RESOURCES = {
    "profile": Resource(
        _("People and your profile"),
        _("See profiles, the directory, skills and categories"),
        _("Change where you are and whether you are open to work"),
        (
            "users/<int:user_id>",
            "users/nearby",
            "users/location",
            "users/availability",
            "freelancers",
            "skills",
            "categories",
        ),
    ),
    "projects": Resource(_("Projects"), _("See projects"), _("Post, change and close your projects"), ("projects",)),
    "proposals": Resource(
        _("Proposals"), _("See proposals"), _("Propose, answer and accept proposals"), ("proposals",)
    ),
    "contracts": Resource(
        _("Contracts"),
        _("See contracts, milestones, hours and disputes"),
        _("Run contracts: deliver, log time, and approve work, which pays it"),
        ("contracts", "milestones", "time-entries", "timesheets", "disputes"),
    ),
    "gigs": Resource(_("Gigs"), _("See gigs"), _("Post, accept and finish gigs"), ("gigs",)),
    "reviews": Resource(_("Reviews"), _("See reviews"), _("Write and answer reviews"), ("reviews",)),
    "chat": Resource(
        _("Messages"),
        _("Read your messages"),
        _("Send, change and mark messages"),
        ("chats", "chat/rooms", "messages", "ws/status", "ws/online-users", "ws/user"),
    ),
    "notifications": Resource(
        _("Notifications"), _("See your notifications"), _("Mark notifications as read"), ("notifications",)
    ),
    "payments": Resource(
        _("Payments"),
        _("See payments and your wallet"),
        _("Pay, hold funds for a gig, release and return them"),
        ("payments", "transactions", "wallet", "stripe/customers", "stripe/payment-intents"),
    ),
    "uploads": Resource(
        _("Files"), "", _("Send pictures and attachments"), ("uploads", "upload/gig", "upload/profile")
    ),
}
# Open to every standing key: what the service itself says.
NO_SCOPE = ("", "health", "openapi.json", "docs", "redoc")
# What a stolen key must not reach: the account and its doors, money out, whatever ends with the person's own word,
# and the work of staff.
NEVER = (
    "auth", "api-keys", "account", "webhooks", "users", "users/me", "users/<int:user_id>/reputation",
    "users/<int:user_id>/block", "users/<int:user_id>/mute", "wallet/payouts", "wallet/payout-account",
    "wallet/debt", "stripe/refunds", "disputes/<int:pk>/resolve", "disputes/decisions",
    "stripe/payment-methods", "stripe/subscriptions", "stripe/webhooks", "paypal/webhooks", "notifications/preferences",
    "ws/ticket", "ws/send-notification",
)  # fmt: skip

SCOPES: dict[str, object] = {
    f"{name}:{access}": words
    for name, resource in RESOURCES.items()
    for access, words in ((READ, resource.reading), (WRITE, resource.writing))
    if words
}

_VARIABLE = re.compile(r"<[^>]*>|{[^}]*}")  # as Django writes it, or as OpenAPI does
_OPENED_BY: dict[str, str | None] = {
    **{_VARIABLE.sub("{}", path): name for name, resource in RESOURCES.items() for path in resource.paths},
    **dict.fromkeys(NO_SCOPE, ""),
    **{_VARIABLE.sub("{}", path): None for path in NEVER},
}


class Unlisted(LookupError):
    """No list names this address."""


@cache
def resource_of(route: str) -> str | None:
    """What an address belongs to, as a route ("api/gigs/<int:pk>") or a path ("/api/gigs/{id}"): a resource, "" for no
    scope, None for never.
    """
    parts = _VARIABLE.sub("{}", route.strip("/").removeprefix("api")).strip("/").split("/")
    while True:
        path = "/".join(parts)
        if path in _OPENED_BY:
            return _OPENED_BY[path]
        parts.pop()
        if not parts:
            raise Unlisted(route)


def scope_for(route: str, method: str) -> str | None:
    """The scope that a key needs there; "" for none, None when no key may."""
    try:
        resource = resource_of(route)
    except Unlisted:
        return None
    if not resource:
        return resource
    return f"{resource}:{READ if method in SAFE_METHODS else WRITE}"
