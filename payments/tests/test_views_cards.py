from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from accounts.tests.factories import ClientFactory
from payments.providers import Card
from payments.services import ensure_customer
from payments.tests.fakes import FakeProvider

pytestmark = pytest.mark.django_db
As = Callable[[User], Client]
VISA, MASTERCARD = Card("pm_1", "Visa ending 4242", "04/31"), Card("pm_2", "Mastercard ending 4444", "05/32")


@pytest.fixture
def payer(provider: FakeProvider) -> User:
    """Somebody who kept two cards."""
    user = ClientFactory.create()
    ensure_customer(user)
    provider.saved = [VISA, MASTERCARD]
    return user


def test_a_kept_card_is_forgotten(pages_as: As, payer: User, provider: FakeProvider) -> None:
    browser = pages_as(payer)
    page = browser.get(reverse("cards")).content.decode()
    assert all(words in page for words in ("Visa ending 4242", "04/31", "Mastercard ending 4444"))
    after = browser.post(reverse("card-forget", args=["pm_1"]), follow=True).content.decode()
    assert "The card is forgotten." in after and "Visa ending 4242" not in after
    assert provider.saved == [MASTERCARD]
    assert AuditEvent.objects.get(action="card.forgotten").data["card"] == "Visa ending 4242"


def test_suspended_people_may(pages_as: As, payer: User, provider: FakeProvider) -> None:
    User.objects.filter(pk=payer.pk).update(suspended_at=timezone.now())
    pages_as(payer).post(reverse("card-forget", args=["pm_1"]))
    assert provider.saved == [MASTERCARD]


def test_the_card_of_somebody_else_is_not_there(pages_as: As, payer: User, provider: FakeProvider) -> None:
    assert pages_as(ClientFactory.create()).post(reverse("card-forget", args=["pm_1"])).status_code == 404
    assert pages_as(payer).post(reverse("card-forget", args=["pm_3"])).status_code == 404
    assert provider.saved == [VISA, MASTERCARD]


def test_without_cards_it_says_how_one_comes_here(pages_as: As, provider: FakeProvider) -> None:
    page = pages_as(ClientFactory.create()).get(reverse("cards")).content.decode()
    assert "No saved cards" in page
    assert provider.calls == []


def test_a_provider_that_does_not_answer_is_told(pages_as: As, payer: User, provider: FakeProvider) -> None:
    browser = pages_as(payer)
    provider.fail_before = {"cards"}
    page = browser.get(reverse("cards")).content.decode()
    assert "does not answer" in page and "No saved cards" not in page
    provider.fail_before = {"forget_card"}
    said = browser.post(reverse("card-forget", args=["pm_1"]), follow=True).content.decode()
    assert "The card is still saved" in said
    assert provider.saved == [VISA, MASTERCARD]
