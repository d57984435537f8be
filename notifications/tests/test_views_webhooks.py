"""Webhooks among the settings."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import UserFactory
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.tests.factories import WebhookDeliveryFactory, WebhookEndpointFactory

pytestmark = pytest.mark.django_db
PagesAs = Callable[[User], Client]
URL = "https://hooks.example/guildhall"


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_an_empty_page_offers_the_first_step(pages_as: PagesAs) -> None:
    page = text(pages_as(UserFactory.create()), "/settings/webhooks/")
    assert "No webhooks yet" in page
    assert 'href="/settings/webhooks/add/"' in page


def test_adding_shows_the_secret_once(pages_as: PagesAs) -> None:
    user = UserFactory.create()
    client = pages_as(user)
    answer = client.post("/settings/webhooks/add/", {"url": URL, "events": ["gig_accepted"]})
    endpoint = user.webhook_endpoints.get()
    assert (endpoint.events, answer["Location"]) == (["gig_accepted"], f"/settings/webhooks/{endpoint.pk}/")
    assert endpoint.secret in text(client, answer["Location"])
    assert endpoint.secret not in text(client, answer["Location"])


def test_a_refusal_stands_beside_its_field(pages_as: PagesAs) -> None:
    client = pages_as(UserFactory.create())
    page = client.post("/settings/webhooks/add/", {"url": "https://10.0.0.1/", "description": "Kept"})
    assert "leads into a private network" in page.content.decode()
    assert 'value="Kept"' in page.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_what_was_sent_and_answered(pages_as: PagesAs) -> None:
    endpoint = WebhookEndpointFactory.create()
    WebhookDeliveryFactory.create(endpoint=endpoint)
    WebhookDeliveryFactory.create(
        endpoint=endpoint,
        event="gig_accepted",
        delivered_at=None,
        given_up_at=timezone.now(),
        problem="Answered <b>500",
    )
    page = text(pages_as(endpoint.user), f"/settings/webhooks/{endpoint.pk}/")
    assert "Arrived" in page and "Given up" in page
    assert "Answered &lt;b&gt;500" in page
    assert endpoint.secret not in page


def test_the_buttons(pages_as: PagesAs) -> None:
    endpoint = WebhookEndpointFactory.create()
    client, path = pages_as(endpoint.user), f"/settings/webhooks/{endpoint.pk}/"

    def press(wish: str) -> str:
        page = client.post(f"{path}do/", {"do": wish}, follow=True).content.decode()
        if wish != "remove":
            endpoint.refresh_from_db()
        return page

    assert "A test event is on its way" in press("test")
    assert WebhookDelivery.objects.get().event == "test"
    before = endpoint.secret
    page = press("secret")
    assert endpoint.secret != before and endpoint.secret in page
    assert "Nothing is sent." in press("off")
    assert "Switch it on first" in press("test")
    press("on")
    assert endpoint.is_on
    assert "The webhook is removed" in press("remove")
    assert not WebhookEndpoint.objects.exists()


def test_changing(pages_as: PagesAs) -> None:
    endpoint = WebhookEndpointFactory.create(events=["gig_accepted"])
    client, path = pages_as(endpoint.user), f"/settings/webhooks/{endpoint.pk}/change/"
    assert endpoint.url in text(client, path)
    assert client.post(path, {"url": "ftp://x.example/"}).status_code == 200
    client.post(path, {"url": URL + "/2", "description": "Two"})
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.description, endpoint.events) == (URL + "/2", "Two", [])


def test_sending_again(pages_as: PagesAs) -> None:
    delivery = WebhookDeliveryFactory.create()
    path = f"/settings/webhooks/{delivery.endpoint_id}/replay/{delivery.pk}/"
    assert pages_as(UserFactory.create()).post(path).status_code == 404
    assert "It is sent once more" in pages_as(delivery.endpoint.user).post(path, follow=True).content.decode()
    delivery.refresh_from_db()
    assert delivery.status == "pending"


def test_other_peoples_are_not_there(pages_as: PagesAs) -> None:
    endpoint, stranger = WebhookEndpointFactory.create(), pages_as(UserFactory.create())
    path = f"/settings/webhooks/{endpoint.pk}/"
    assert [stranger.get(path).status_code, stranger.get(f"{path}change/").status_code] == [404, 404]
    assert {
        stranger.post(f"{path}do/", {"do": wish}).status_code for wish in ("on", "off", "test", "secret", "remove")
    } == {404}
    assert WebhookEndpoint.objects.filter(disabled_at=None).exists()


@pytest.mark.filterwarnings("ignore:The default scheme will be changed")
def test_staff_see_neither_secrets_nor_what_was_said(console_as: PagesAs) -> None:
    delivery = WebhookDeliveryFactory.create(payload={"data": {"title": "Between us"}})
    staff = console_as(UserFactory.create(staff=True))
    endpoint = text(staff, f"/admin/notifications/webhookendpoint/{delivery.endpoint_id}/change/")
    assert delivery.endpoint.url in endpoint
    assert delivery.endpoint.secret not in endpoint
    assert "Between us" not in text(staff, f"/admin/notifications/webhookdelivery/{delivery.pk}/change/")
