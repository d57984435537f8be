"""A person's webhooks."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from accounts.tests.factories import UserFactory
from core.errors import Conflict, Forbidden, Invalid, NotFound
from notifications import services
from notifications.models import WebhookEndpoint
from notifications.tests.factories import WebhookDeliveryFactory, WebhookEndpointFactory

pytestmark = pytest.mark.django_db
URL = "https://hooks.example/guildhall"


def test_a_webhook_is_added_with_a_secret_of_its_own() -> None:
    user = UserFactory.create()
    one = services.add_webhook(user, url=f" {URL} ", description="Ledger", events=["payment_sent", "gig_accepted"])
    other = services.add_webhook(user, url=URL)
    assert (one.url, one.description, one.events, one.is_on) == (URL, "Ledger", ["gig_accepted", "payment_sent"], True)
    assert other.events == []
    assert one.secret != other.secret
    assert AuditEvent.objects.filter(action="webhook.added").count() == 2


def test_only_people_with_a_confirmed_address_add_one() -> None:
    with pytest.raises(Forbidden) as refusal:
        services.add_webhook(UserFactory.create(unverified=True), url=URL)
    assert refusal.value.code == "email_not_verified"


def test_suspended_people_send_nothing_to_a_new_address() -> None:
    endpoint = WebhookEndpointFactory.create()
    endpoint.user.suspended_at = timezone.now()
    for act in (
        lambda: services.change_webhook(endpoint.user, webhook_id=endpoint.pk, url="https://elsewhere.example/"),
        lambda: services.send_test_event(endpoint.user, webhook_id=endpoint.pk),
    ):
        with pytest.raises(Forbidden) as refusal:
            act()
        assert refusal.value.code == "account_suspended"
    endpoint.refresh_from_db()
    assert endpoint.url != "https://elsewhere.example/"


def test_what_cannot_be_is_said_at_its_field() -> None:
    user = UserFactory.create()
    with pytest.raises(Invalid) as refusal:
        services.add_webhook(user, url="https://10.0.0.1/")
    assert refusal.value.fields == {"url": ["The address leads into a private network."]}
    with pytest.raises(Invalid) as refusal:
        services.add_webhook(user, url=URL, events=["gig_accepted", "weather"])
    assert refusal.value.fields == {"events": ["There is no event weather."]}


def test_ten_are_enough() -> None:
    user = UserFactory.create()
    WebhookEndpointFactory.create_batch(10, user=user)
    with pytest.raises(Conflict) as refusal:
        services.add_webhook(user, url=URL)
    assert refusal.value.code == "too_many_webhooks"
    services.remove_webhook(user, webhook_id=user.webhook_endpoints.first().pk)
    services.add_webhook(user, url=URL)


def test_changing_leaves_what_is_not_given() -> None:
    endpoint = WebhookEndpointFactory.create(description="Before", events=["gig_accepted"])
    changed = services.change_webhook(endpoint.user, webhook_id=endpoint.pk, description=" After ")
    assert (changed.url, changed.description, changed.events) == (endpoint.url, "After", ["gig_accepted"])
    changed = services.change_webhook(endpoint.user, webhook_id=endpoint.pk, url="https://other.example/", events=[])
    assert (changed.url, changed.description, changed.events) == ("https://other.example/", "After", [])
    with pytest.raises(Invalid):
        services.change_webhook(endpoint.user, webhook_id=endpoint.pk, url="ftp://other.example/")


def test_switching_on_again_forgets_the_failures() -> None:
    endpoint = WebhookEndpointFactory.create(failures=30, failing_since=timezone.now(), disabled_at=timezone.now())
    on = services.switch_webhook(endpoint.user, webhook_id=endpoint.pk, on=True)
    assert (on.is_on, on.failures, on.failing_since, on.disabled_reason) == (True, 0, None, "")
    off = services.switch_webhook(endpoint.user, webhook_id=endpoint.pk, on=False)
    assert (off.is_on, off.disabled_reason) == (False, "You switched it off.")


def test_a_new_secret_leaves_the_old_one_a_day() -> None:
    endpoint = WebhookEndpointFactory.create()
    changed = services.rotate_secret(endpoint.user, webhook_id=endpoint.pk)
    assert changed.secret != endpoint.secret
    assert changed.previous_secret == endpoint.secret
    assert timedelta(hours=23) < changed.previous_secret_until - timezone.now() <= timedelta(days=1)


def test_removing_takes_what_was_sent_along() -> None:
    endpoint = WebhookDeliveryFactory.create().endpoint
    services.remove_webhook(endpoint.user, webhook_id=endpoint.pk)
    assert not WebhookEndpoint.objects.exists()


def test_other_peoples_webhooks_are_not_there() -> None:
    endpoint, stranger = WebhookEndpointFactory.create(), UserFactory.create()
    delivery = WebhookDeliveryFactory.create(endpoint=endpoint)
    acts = [
        lambda: services.change_webhook(stranger, webhook_id=endpoint.pk, url=URL),
        lambda: services.switch_webhook(stranger, webhook_id=endpoint.pk, on=False),
        lambda: services.rotate_secret(stranger, webhook_id=endpoint.pk),
        lambda: services.remove_webhook(stranger, webhook_id=endpoint.pk),
        lambda: services.send_test_event(stranger, webhook_id=endpoint.pk),
        lambda: services.replay(stranger, webhook_id=endpoint.pk, delivery_id=delivery.pk),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            act()
    other = WebhookEndpointFactory.create(user=endpoint.user)
    with pytest.raises(NotFound):
        services.replay(endpoint.user, webhook_id=other.pk, delivery_id=delivery.pk)
