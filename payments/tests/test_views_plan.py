import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tests.factories import ClientFactory, FreelancerFactory, UserFactory
from payments.models import Document, Plan, Subscription
from payments.rules import Audience
from payments.services import refresh_subscription, subscribe
from payments.tests.factories import make_plan, on_plan
from payments.tests.fakes import DECLINED, THREE_D_SECURE, VISA, FakeProvider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provider")]


@pytest.fixture(autouse=True)
def plans() -> tuple[Plan, Plan]:
    client = make_plan(Audience.CLIENT, price_minor=50_00, project_files=25, summary="For those who hire.")
    return client, make_plan(summary="For those who work.")


@pytest.fixture
def person(client: Client) -> User:
    somebody = FreelancerFactory.create()
    client.force_login(somebody)
    return somebody


def page(client: Client, path: str = "/settings/plan/") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def pay(client: Client, method: str = "") -> Any:
    return client.post("/settings/plan/pro/pay/", {"payment_method": method}, follow=True)


def test_the_page_says_what_there_is(client: Client, person: User) -> None:
    text = page(client)
    for words in ("Plus", "Pro", "$50.00", "$15.00", "instead of", "Up to 25 files", "For those who work."):
        assert words in text
    assert re.search(r"8\W*% instead of 10\W*%", text)
    assert "tax (" not in text


def test_what_is_for_ones_own_side_comes_first(client: Client, person: User) -> None:
    text = page(client)
    assert text.index("Begin Pro") < text.index("Begin Plus")
    client.force_login(ClientFactory.create())
    text = page(client)
    assert text.index("Begin Plus") < text.index("Begin Pro")


def test_the_tax_is_told(client: Client, person: User, settings: Any) -> None:
    settings.TAX_RATE_BPS = {"DE": 1900}
    person.country = "DE"
    person.save()
    assert "$2.39" in page(client)
    assert "$2.39" in page(client, "/settings/plan/pro/pay/")


def test_paying_with_a_saved_card(client: Client, person: User) -> None:
    response = pay(client, VISA)
    assert response.redirect_chain[-1][0] == reverse("plan")
    text = response.content.decode()
    assert "You are on the Pro plan." in text
    assert "Next charge" in text
    assert Document.objects.get().reference in text


def test_a_declined_card_is_told_beside_the_field(client: Client, person: User) -> None:
    response = pay(client, DECLINED)
    assert response.redirect_chain[-1][0] == reverse("plan-pay", args=["pro"])
    text = response.content.decode()
    assert "Your card was declined." in text
    assert re.findall(r'name="payment_method" value="([^"]*)"[^>]* checked', text) == [""]  # another card, not the same
    assert "still to be made" in page(client)


def test_a_bank_that_asks_is_told(client: Client, person: User) -> None:
    assert "Your bank wants you to confirm" in pay(client, THREE_D_SECURE).content.decode()


def test_a_provider_that_does_not_answer_is_told(client: Client, person: User, provider: FakeProvider) -> None:
    provider.fail_before.add("create_subscription")
    assert "did not answer" in pay(client, VISA).content.decode() or Subscription.objects.get().status == "created"


def test_the_browser_gets_a_secret_and_comes_back(client: Client, person: User, provider: FakeProvider) -> None:
    started = client.post("/settings/plan/pro/start/").json()
    assert started["is_open"]
    subscription = Subscription.objects.get()
    assert started["client_secret"] == subscription.client_secret
    provider.pay(subscription.intent_id)
    assert "You are on the Pro plan." in pay(client).content.decode()
    assert client.get("/settings/plan/pro/pay/").status_code == 302


def test_starting_is_refused_in_words(client: Client) -> None:
    client.force_login(UserFactory.create(email_verified_at=None))
    response = client.post("/settings/plan/pro/start/")
    assert (response.status_code, response.json()["error_type"]) == (403, "email_not_verified")


def test_coming_back_without_having_begun(client: Client, person: User) -> None:
    assert pay(client).redirect_chain[-1][0] == reverse("plan-pay", args=["pro"])
    assert not Subscription.objects.exists()


def test_what_is_overdue_is_paid_on_the_page(client: Client, person: User, provider: FakeProvider) -> None:
    subscription = on_plan(person, provider=provider)
    provider.renew(subscription.subscription_id or "", paid=False)
    refresh_subscription(subscription.pk)
    assert "The last payment did not go through." in page(client)
    assert client.post("/settings/plan/pro/start/").json()["client_secret"].startswith("pi_")
    assert "You are on the Pro plan." in pay(client, VISA).content.decode()


def test_cancelling_and_going_on(client: Client, person: User, provider: FakeProvider) -> None:
    subscription = on_plan(person, provider=provider)
    left = client.post(f"/settings/plan/{subscription.pk}/cancel/", follow=True).content.decode()
    assert "is not charged again" in left
    assert "Go on with it" in left
    kept = client.post(f"/settings/plan/{subscription.pk}/resume/", follow=True).content.decode()
    assert "Your Pro plan goes on." in kept


def test_cancelling_what_was_never_paid(client: Client, person: User) -> None:
    subscription = subscribe(person, plan="pro")
    assert (
        "Nothing is charged." in client.post(f"/settings/plan/{subscription.pk}/cancel/", follow=True).content.decode()
    )


def test_an_ended_plan_does_not_go_on(client: Client, person: User, provider: FakeProvider) -> None:
    subscription = on_plan(person, provider=provider)
    provider.end_subscription(subscription.subscription_id or "", key="x")
    refresh_subscription(subscription.pk)
    text = client.post(f"/settings/plan/{subscription.pk}/resume/", follow=True).content.decode()
    assert "This plan has ended." in text


@pytest.mark.parametrize("move", ["cancel", "resume"])
def test_somebody_elses_plan_is_not_there(client: Client, person: User, provider: FakeProvider, move: str) -> None:
    other = on_plan(ClientFactory.create(), provider=provider)
    assert client.post(f"/settings/plan/{other.pk}/{move}/").status_code == 404


def test_a_plan_that_is_not_offered_is_not_there(client: Client, person: User) -> None:
    make_plan(is_offered=False)
    for path in ("/settings/plan/pro/pay/", "/settings/plan/none/pay/"):
        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404
    assert client.post("/settings/plan/pro/start/").status_code == 404


def test_one_who_is_on_it_still_sees_a_plan_no_longer_offered(
    client: Client, person: User, provider: FakeProvider
) -> None:
    on_plan(person, provider=provider)
    Plan.objects.update(is_offered=False)
    text = page(client)
    assert "Pro" in text
    assert "For those who hire." not in text
