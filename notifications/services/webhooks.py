"""A person's webhooks: where their news is sent on to."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import audit
from core import outgoing
from core.errors import Invalid, require
from core.queries import get_or_refuse
from notifications import policies
from notifications.errors import TooManyWebhooks
from notifications.models import WebhookEndpoint
from notifications.rules import EVENTS, MAX_WEBHOOKS, OLD_SECRET_LIFE, new_secret


@transaction.atomic
def add_webhook(actor: User, *, url: str, description: str = "", events: Iterable[str] = ()) -> WebhookEndpoint:
    """On from now. Its `secret` is for showing once. Invalid at `url` or `events`; Conflict `too_many_webhooks`."""
    require(policies.why_not_send_on(actor))
    checked = {"url": _checked_url(url), "description": description.strip(), "events": _known(events)}
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)  # two at once could both be the tenth
    if actor.webhook_endpoints.count() >= MAX_WEBHOOKS:
        raise TooManyWebhooks
    endpoint = WebhookEndpoint.objects.create(user=actor, secret=new_secret(), **checked)
    audit.record(actor, "webhook.added", endpoint, url=endpoint.url)
    return endpoint


@transaction.atomic
def change_webhook(
    actor: User,
    *,
    webhook_id: int,
    url: str | None = None,
    description: str | None = None,
    events: Iterable[str] | None = None,
) -> WebhookEndpoint:
    """What is None stays as it is."""
    endpoint = _lock(actor, webhook_id)
    require(policies.why_not_send_on(actor))
    if url is not None:
        endpoint.url = _checked_url(url)
    if description is not None:
        endpoint.description = description.strip()
    if events is not None:
        endpoint.events = _known(events)
    endpoint.save(update_fields=["url", "description", "events"])
    audit.record(actor, "webhook.changed", endpoint, url=endpoint.url)
    return endpoint


@transaction.atomic
def switch_webhook(actor: User, *, webhook_id: int, on: bool) -> WebhookEndpoint:
    """Off: nothing is sent, and what waits is given up. On again: with a clean record."""
    endpoint = _lock(actor, webhook_id)
    if endpoint.is_on == on:
        return endpoint
    if on:
        require(policies.why_not_send_on(actor))
    endpoint.disabled_at = None if on else timezone.now()
    endpoint.disabled_reason = "" if on else "You switched it off."
    endpoint.failures, endpoint.failing_since = 0, None
    endpoint.save(update_fields=["disabled_at", "disabled_reason", "failures", "failing_since"])
    audit.record(actor, "webhook.switched_on" if on else "webhook.switched_off", endpoint)
    return endpoint


@transaction.atomic
def rotate_secret(actor: User, *, webhook_id: int) -> WebhookEndpoint:
    """A new `secret`, for showing once. The old one signs as well for a day, so that nothing is refused meanwhile."""
    endpoint = _lock(actor, webhook_id)
    endpoint.previous_secret, endpoint.secret = endpoint.secret, new_secret()
    endpoint.previous_secret_until = timezone.now() + OLD_SECRET_LIFE
    endpoint.save(update_fields=["secret", "previous_secret", "previous_secret_until"])
    audit.record(actor, "webhook.changed_secret", endpoint)
    return endpoint


@transaction.atomic
def remove_webhook(actor: User, *, webhook_id: int) -> None:
    """With everything that was sent or waits."""
    # Waited for by deliveries in the making, unlike a change.
    endpoint = get_or_refuse(WebhookEndpoint.objects.visible_to(actor).select_for_update(), pk=webhook_id)
    audit.record(actor, "webhook.removed", endpoint, url=endpoint.url)
    endpoint.delete()


def _lock(actor: User, webhook_id: int) -> WebhookEndpoint:
    rows = WebhookEndpoint.objects.visible_to(actor).select_for_update(no_key=True)
    endpoint: WebhookEndpoint = get_or_refuse(rows, pk=webhook_id)
    return endpoint


def _checked_url(url: str) -> str:
    try:
        outgoing.check_address(url.strip())
    except outgoing.Refused as error:
        raise Invalid(fields={"url": [str(error)]}) from error
    return url.strip()


def _known(events: Iterable[str]) -> list[str]:
    chosen = sorted(set(events))
    if unknown := [event for event in chosen if event not in EVENTS]:
        raise Invalid(fields={"events": [f"There is no event {event}." for event in unknown]})
    return chosen
