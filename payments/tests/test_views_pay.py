import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import ClientFactory, UserFactory
from core.money import Money
from payments.models import Hold, Payment
from payments.providers import Card
from payments.services import create_payment, pay_hold, refresh_payment, refund_hold
from payments.tests.factories import make_hold, pay
from payments.tests.fake_paypal import FakePayPal
from payments.tests.fakes import DECLINED, THREE_D_SECURE, VISA, FakeProvider

pytestmark = pytest.mark.django_db


@pytest.fixture
def hold() -> Hold:
    return make_hold(Money(600_01, "USD"), url="/contracts/7/")


@pytest.fixture
def payer(client: Client, hold: Hold) -> Client:
    client.force_login(hold.payer)
    return client


def url(hold: Hold, name: str = "pay") -> str:
    return reverse(name, args=[hold.pk])


def test_the_page_shows_gross_fee_and_net_and_names_the_amount(
    payer: Client, hold: Hold, provider: FakeProvider
) -> None:
    response = payer.get(url(hold))
    html = response.content.decode()
    for text in ("$600.01", "−$60.00", "$540.01", "10\xa0%", "Hold", "pk_test_"):
        assert text in html
    assert "no-store" in response["Cache-Control"]
    assert provider.calls == []  # looking at the page starts nothing
    assert not Payment.objects.exists()


def test_saved_cards_are_offered(payer: Client, hold: Hold, provider: FakeProvider) -> None:
    provider.saved = [Card("pm_1", "Visa ending 4242", "04/30")]
    pay_hold(hold.payer, hold_id=hold.pk)  # makes the customer
    assert "Visa ending 4242" in payer.get(url(hold)).content.decode()
    provider.fail_before.add("cards")
    assert payer.get(url(hold)).status_code == 200


def test_paying_by_a_saved_card_without_javascript(payer: Client, hold: Hold, provider: FakeProvider) -> None:
    for _ in range(2):  # a double click
        response = payer.post(url(hold), {"payment_method": VISA})
        assert response["Location"] == url(hold)
    assert payer.get(url(hold))["Location"] == "/contracts/7/"
    assert provider.charges() == 1


def test_a_declined_card_is_told_beside_the_card_field(payer: Client, hold: Hold, provider: FakeProvider) -> None:
    response = payer.post(url(hold), {"payment_method": DECLINED}, follow=True)
    assert "Your card was declined." in response.content.decode()
    assert "data-pay" in response.content.decode()


def test_a_bank_that_wants_to_be_asked(payer: Client, hold: Hold, provider: FakeProvider) -> None:
    response = payer.post(url(hold), {"payment_method": THREE_D_SECURE}, follow=True)
    assert "Your bank wants you to confirm" in response.content.decode()


def test_a_provider_that_does_not_answer_makes_us_wait(payer: Client, hold: Hold, provider: FakeProvider) -> None:
    provider.fail_after.add("confirm_intent")
    response = payer.post(url(hold), {"payment_method": VISA}, follow=True)
    assert "waiting for your bank" in response.content.decode()
    assert "data-pay" not in response.content.decode()


def test_the_browser_confirms_with_a_secret_that_stays_the_same(
    payer: Client, hold: Hold, provider: FakeProvider
) -> None:
    first, second = (payer.post(url(hold, "pay-start")).json() for _ in range(2))
    assert first == second
    assert first["is_open"]
    provider.pay(Payment.objects.get().intent_id or "")
    assert payer.post(url(hold), {"payment_method": ""})["Location"] == url(hold)
    assert payer.get(url(hold))["Location"] == "/contracts/7/"


def test_starting_says_in_json_why_not(payer: Client, hold: Hold, provider: FakeProvider) -> None:
    refund_hold(None, hold=hold, reason="", cause="test")
    response = payer.post(url(hold, "pay-start"))
    assert (response.status_code, response.json()["error_type"]) == (409, "hold_closed")


def test_waiting_ends_when_the_money_is_held(payer: Client, hold: Hold, provider: FakeProvider) -> None:
    payer.post(url(hold, "pay-start"))
    assert payer.get(url(hold, "payment-status")).status_code == 204
    pay(hold, provider)
    assert payer.get(url(hold, "payment-status"))["HX-Redirect"] == url(hold)


def test_asking_again_while_one_waits_says_what_became_of_it(payer: Client, hold: Hold, provider: FakeProvider) -> None:
    payer.post(url(hold, "pay-start"))
    provider.fail_before.add("retrieve_intent")
    assert "waiting for your bank" in payer.post(url(hold), follow=True).content.decode()
    assert "waiting for your bank" in payer.get(url(hold)).content.decode()
    assert "Waiting for the provider" in payer.get(reverse("wallet")).content.decode()
    assert "Nothing was taken so far" in payer.post(url(hold), follow=True).content.decode()
    provider.pay(Payment.objects.get().intent_id or "")
    payer.post(url(hold))
    assert payer.get(url(hold))["Location"] == "/contracts/7/"


def test_waiting_ends_when_the_card_is_declined(payer: Client, hold: Hold, provider: FakeProvider) -> None:
    pay_hold(hold.payer, hold_id=hold.pk, payment_method=DECLINED)
    assert payer.get(url(hold, "payment-status"))["HX-Redirect"] == url(hold)


def test_what_was_called_off_is_not_payable(payer: Client, hold: Hold, provider: FakeProvider) -> None:
    refund_hold(None, hold=hold, reason="", cause="test")
    assert "There is nothing to pay" in payer.get(url(hold)).content.decode()
    payer.post(url(hold), {"payment_method": VISA})
    assert provider.charges() == 0


@pytest.mark.parametrize("name", ["pay", "pay-start", "payment-status"])
def test_nobody_else_pays(client: Client, hold: Hold, provider: FakeProvider, name: str) -> None:
    act = client.post if name == "pay-start" else client.get
    assert act(url(hold, name)).status_code == 302
    for person, status in ((UserFactory.create(), 404), (hold.payee, 403)):
        client.force_login(person)
        assert act(url(hold, name)).status_code == status
    assert provider.calls == []


def test_an_unverified_person_is_told_why_not(client: Client, provider: FakeProvider) -> None:
    hold = make_hold(payer=ClientFactory.create(unverified=True))
    client.force_login(hold.payer)
    page = client.get(url(hold)).content.decode()
    assert "Confirm your e-mail address" in page
    assert "payment_method" not in page


def test_a_provider_that_was_never_reached_took_nothing(payer: Client, hold: Hold, provider: FakeProvider) -> None:
    provider.fail_before.add("create_intent")
    answer = payer.post(url(hold), {"payment_method": VISA}, follow=True)
    page = answer.content.decode()
    assert "does not answer at the moment. Nothing was taken." in page
    assert "We are waiting for your bank" not in page
    payer.post(url(hold), {"payment_method": VISA})
    assert provider.charges() == 1


def test_an_unheard_payment_waits_wherever_the_person_looks(payer: Client, hold: Hold, provider: FakeProvider) -> None:
    provider.fail_after.add("confirm_intent")
    payer.post(url(hold), {"payment_method": VISA})
    assert "We are waiting for your bank" in payer.get(url(hold)).content.decode()
    assert "Waiting for the provider" in payer.get(reverse("wallet")).content.decode()
    refresh_payment(hold.payments.get().pk)
    hold.refresh_from_db()
    assert hold.status == "held"
    assert "Waiting for the provider" not in payer.get(reverse("wallet")).content.decode()


# --- PayPal ---------------------------------------------------------------------------------------


def go_to_paypal(payer: Client, hold: Hold) -> Payment:
    response = payer.post(url(hold), {"payment_method": "paypal"})
    payment = Payment.objects.exclude(status="cancelled").get()
    assert response["Location"] == payment.approval_url
    return payment


def come_back(payer: Client, payment: Payment, name: str = "payment-approved") -> str:
    """Where the page that PayPal sends to leads, whatever its address claims."""
    response = payer.get(reverse(name, args=[payment.token]), {"token": "somebody-elses", "PayerID": "X"})
    assert "no-store" in response["Cache-Control"]
    return str(response["Location"])


def test_paypal_is_a_choice_that_leads_to_its_page(payer: Client, hold: Hold, paypal: FakePayPal) -> None:
    html = payer.get(url(hold)).content.decode()
    assert "by-paypal" in html
    payment = go_to_paypal(payer, hold)
    assert paypal.intents[payment.intent_id or ""].status == "requires_action"
    assert "https://www.paypal.com" not in payer.get(url(hold))["Content-Security-Policy"]  # the stand-in's, here


def test_agreeing_at_paypal_holds_the_funds(payer: Client, hold: Hold, paypal: FakePayPal) -> None:
    payment = go_to_paypal(payer, hold)
    paypal.approve(payment.intent_id or "")
    for _ in range(2):  # pressing back and forth
        assert come_back(payer, payment) == url(hold)
    assert payer.get(url(hold))["Location"] == "/contracts/7/"
    assert paypal.charges() == 1


def test_an_address_that_claims_agreement_proves_nothing(payer: Client, hold: Hold, paypal: FakePayPal) -> None:
    payment = go_to_paypal(payer, hold)
    assert come_back(payer, payment) == url(hold)
    assert "not agreed to this payment" in payer.get(url(hold)).content.decode()
    assert paypal.charges() == 0


def test_leaving_paypal_ends_the_payment(payer: Client, hold: Hold, paypal: FakePayPal) -> None:
    payment = go_to_paypal(payer, hold)
    assert come_back(payer, payment, "payment-left") == url(hold)
    html = payer.get(url(hold)).content.decode()
    assert "You left PayPal, so nothing was taken." in html
    assert "data-pay" in html
    paypal.approve(payment.intent_id or "")  # in another tab, too late
    assert come_back(payer, payment) == url(hold)
    assert "had ended before you agreed" in payer.get(url(hold)).content.decode()
    assert paypal.charges() == 0
    assert go_to_paypal(payer, hold).pk != payment.pk


def test_a_declined_payment_at_paypal_is_told(payer: Client, hold: Hold, paypal: FakePayPal) -> None:
    payment = go_to_paypal(payer, hold)
    paypal.approve(payment.intent_id or "")
    paypal.declines = "Choose another way there."
    come_back(payer, payment)
    assert "Choose another way there." in payer.get(url(hold)).content.decode()
    payer.post(url(hold), {"payment_method": VISA})
    hold.refresh_from_db()
    assert hold.status == "held"


def test_paypal_that_does_not_answer_makes_us_wait(payer: Client, hold: Hold, paypal: FakePayPal) -> None:
    payment = go_to_paypal(payer, hold)
    paypal.approve(payment.intent_id or "")
    paypal.fail_after.add("confirm_intent")
    assert come_back(payer, payment) == f"{url(hold)}?waiting"
    html = payer.get(f"{url(hold)}?waiting").content.decode()
    assert "waiting for PayPal" in html
    assert payer.get(url(hold, "payment-status")).status_code == 204
    assert come_back(payer, payment) == url(hold)
    assert payer.get(url(hold, "payment-status"))["HX-Redirect"] == url(hold)


def test_paypal_that_cannot_be_asked_whether_the_person_agreed_is_asked_again(
    payer: Client, hold: Hold, paypal: FakePayPal
) -> None:
    payment = go_to_paypal(payer, hold)
    paypal.approve(payment.intent_id or "")
    paypal.fail_before.add("retrieve_intent")
    assert come_back(payer, payment) == url(hold)
    html = payer.get(url(hold)).content.decode()
    assert "PayPal has not answered yet. Nothing is lost" in html
    assert "had ended before you agreed" not in html
    refresh_payment(payment.pk)
    hold.refresh_from_db()
    assert hold.status == "held"


def test_leaving_paypal_that_does_not_answer_ends_nothing_yet(client: Client, paypal: FakePayPal) -> None:
    person = ClientFactory.create()
    payment = create_payment(person, amount=Money(10_00, "USD"), provider="paypal", capture_method="manual")
    paypal.approve(payment.intent_id or "")
    assert refresh_payment(payment.pk).status == "authorised"
    client.force_login(person)
    paypal.fail_before.add("cancel_intent")
    assert come_back(client, payment, "payment-left") == reverse("wallet")
    html = client.get(reverse("wallet")).content.decode()
    assert "PayPal has not answered yet. Nothing is lost" in html
    assert "You left PayPal" not in html
    assert come_back(client, payment, "payment-left") == reverse("wallet")
    assert "You left PayPal, so nothing was taken." in client.get(reverse("wallet")).content.decode()


def test_credit_paid_at_paypal_leads_to_the_wallet(client: Client, paypal: FakePayPal) -> None:
    person = ClientFactory.create()
    payment = create_payment(person, amount=Money(10_00, "USD"), provider="paypal")
    paypal.approve(payment.intent_id or "")
    client.force_login(person)
    assert come_back(client, payment) == reverse("wallet")
    payment.refresh_from_db()
    assert payment.status == "succeeded"


@pytest.mark.parametrize("name", ["payment-approved", "payment-left"])
def test_nobody_else_comes_back_from_paypal(client: Client, hold: Hold, paypal: FakePayPal, name: str) -> None:
    payment = pay_hold(hold.payer, hold_id=hold.pk, provider="paypal")
    address = reverse(name, args=[payment.token])
    assert client.get(address)["Location"].startswith("/sign-in/")
    for person in (UserFactory.create(), hold.payee):
        client.force_login(person)
        assert client.get(address).status_code == 404
    payment.refresh_from_db()
    assert payment.status == "requires_action"


def test_without_paypal_there_is_no_choice(payer: Client, hold: Hold, paypal: FakePayPal, settings) -> None:
    settings.PAYPAL_CLIENT_ID = ""
    assert "PayPal" not in payer.get(url(hold)).content.decode()
    response = payer.post(url(hold), {"payment_method": "paypal"}, follow=True)
    assert "PayPal is not offered here" in response.content.decode()
