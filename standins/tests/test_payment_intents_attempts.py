"""Attempts to pay: declines, authentication, saved cards, the browser's part."""

from __future__ import annotations

import pytest
import stripe

from .payments import create_intent, declined, paid, refused
from .process import PUBLISHABLE_KEY, Standin


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
    ],
)
def test_declined_cards(standin: Standin, card: str, code: str, decline_code: str) -> None:
    error = declined(standin, card)
    assert (error.http_status, error.code) == (402, code)
    assert error.error is not None
    assert error.error.decline_code == decline_code
    assert error.error.payment_intent is not None
    intent = standin.v1.payment_intents.retrieve(error.error.payment_intent.id)
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.decline_code == decline_code
    assert isinstance(intent.latest_charge, str)
    charge = standin.v1.charges.retrieve(intent.latest_charge)
    assert (charge.status, charge.paid, charge.failure_code) == ("failed", False, code)
    assert charge.balance_transaction is None
    assert standin.event_types() == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]


def test_a_declined_intent_can_be_paid_with_another_card(standin: Standin) -> None:
    error = declined(standin, "pm_card_chargeDeclined")
    assert error.error is not None
    assert error.error.payment_intent is not None
    intent = standin.v1.payment_intents.confirm(error.error.payment_intent.id, {"payment_method": "pm_card_visa"})
    assert (intent.status, intent.last_payment_error) == ("succeeded", None)
    assert len(standin.v1.charges.list({"payment_intent": intent.id}).data) == 2


THREE_D_SECURE = [
    "pm_card_threeDSecureRequired",
    "pm_card_threeDSecure2Required",
    "pm_card_authenticationRequired",
    "pm_card_authenticationRequiredOnSetup",
]


@pytest.mark.parametrize("card", THREE_D_SECURE)
@pytest.mark.parametrize(("capture_method", "status"), [("automatic", "succeeded"), ("manual", "requires_capture")])
def test_authentication_completed(standin: Standin, card: str, capture_method: str, status: str) -> None:
    intent = paid(standin, payment_method=card, capture_method=capture_method)
    assert (intent.status, intent.latest_charge) == ("requires_action", None)
    assert intent.next_action is not None
    assert intent.next_action.type == "use_stripe_sdk"
    standin.control("POST", f"/authentications/{intent.id}", {"outcome": "complete"})
    after = standin.v1.payment_intents.retrieve(intent.id)
    assert (after.status, after.next_action) == (status, None)
    assert "payment_intent.requires_action" in standin.event_types()


def test_authentication_failed(standin: Standin) -> None:
    intent = paid(standin, payment_method="pm_card_authenticationRequired")
    standin.control("POST", f"/authentications/{intent.id}", {"outcome": "fail"})
    after = standin.v1.payment_intents.retrieve(intent.id)
    assert (after.status, after.latest_charge) == ("requires_payment_method", None)
    assert after.last_payment_error is not None
    assert after.last_payment_error.code == "payment_intent_authentication_failure"
    assert standin.event_types()[-1] == "payment_intent.payment_failed"


def test_a_card_can_decline_after_authentication(standin: Standin) -> None:
    card = "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds"
    intent = paid(standin, payment_method=card)
    standin.control("POST", f"/authentications/{intent.id}", {"outcome": "complete"})
    after = standin.v1.payment_intents.retrieve(intent.id)
    assert after.status == "requires_payment_method"
    assert after.last_payment_error is not None
    assert after.last_payment_error.decline_code == "insufficient_funds"


def test_authentication_without_the_person_declines(standin: Standin) -> None:
    error = declined(standin, "pm_card_authenticationRequired", off_session=True)
    assert error.code == "authentication_required"


def test_authentication_can_be_made_an_error(standin: Standin) -> None:
    error = declined(standin, "pm_card_authenticationRequired", error_on_requires_action=True)
    assert error.code == "authentication_required"


def test_a_return_url_makes_it_a_redirect(standin: Standin) -> None:
    intent = paid(standin, payment_method="pm_card_authenticationRequired", return_url="https://site.example/done?x=1")
    assert intent.next_action is not None
    assert intent.next_action.redirect_to_url is not None
    page = intent.next_action.redirect_to_url.url
    assert page is not None
    assert "Complete authentication" in standin.http.get(page).text
    answer = standin.http.post(page, data={"outcome": "complete"})
    assert answer.status_code == 303
    assert answer.headers["location"] == (
        f"https://site.example/done?x=1&payment_intent={intent.id}"
        f"&payment_intent_client_secret={intent.client_secret}&redirect_status=succeeded"
    )
    assert standin.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    assert standin.http.get(page).status_code == 409


def test_manual_confirmation_needs_the_server_again(standin: Standin) -> None:
    intent = paid(standin, payment_method="pm_card_authenticationRequired", confirmation_method="manual")
    standin.control("POST", f"/authentications/{intent.id}", {"outcome": "complete"})
    assert standin.v1.payment_intents.retrieve(intent.id).status == "requires_confirmation"
    assert standin.v1.payment_intents.confirm(intent.id).status == "succeeded"


def test_confirming_without_payment_method_is_refused(standin: Standin) -> None:
    intent = create_intent(standin)
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method") as refusal:
        standin.v1.payment_intents.confirm(intent.id)
    assert refusal.value.code == "payment_intent_unexpected_state"


def test_a_payment_method_that_nobody_saved_works_once(standin: Standin) -> None:
    method = standin.v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    paid(standin, payment_method=method.id)
    assert "may not be used again" in str(refused(standin, payment_method=method.id))


def test_a_saved_payment_method_needs_its_customer(standin: Standin) -> None:
    owner, other = standin.v1.customers.create({}), standin.v1.customers.create({})
    method = standin.v1.payment_methods.attach("pm_card_visa", {"customer": owner.id})
    assert "include the Customer" in str(refused(standin, payment_method=method.id))
    assert "does not belong" in str(refused(standin, payment_method=method.id, customer=other.id))
    for _ in range(2):
        assert paid(standin, payment_method=method.id, customer=owner.id).status == "succeeded"


def test_setup_future_usage_saves_the_card(standin: Standin) -> None:
    customer = standin.v1.customers.create({})
    intent = paid(standin, customer=customer.id, setup_future_usage="off_session")
    saved = standin.v1.customers.payment_methods.list(customer.id).data
    assert [method.id for method in saved] == [intent.payment_method]
    assert "payment_method.attached" in standin.event_types()


def test_a_card_set_up_once_is_charged_without_the_person(standin: Standin) -> None:
    customer = standin.v1.customers.create({})
    card = "pm_card_authenticationRequiredOnSetup"
    first = paid(standin, customer=customer.id, payment_method=card, setup_future_usage="off_session")
    standin.control("POST", f"/authentications/{first.id}", {"outcome": "complete"})
    method = standin.v1.payment_intents.retrieve(first.id).payment_method
    again = paid(standin, customer=customer.id, payment_method=method, off_session=True)
    assert again.status == "succeeded"


@pytest.mark.parametrize(("outcome", "status"), [("succeeded", "succeeded"), ("failed", "requires_payment_method")])
def test_a_processing_payment_settles_later(standin: Standin, outcome: str, status: str) -> None:
    intent = paid(standin, payment_method="pm_usBankAccount_success")
    assert (intent.status, intent.amount_received) == ("processing", 0)
    standin.control("POST", f"/payment_intents/{intent.id}/settle", {"outcome": outcome})
    after = standin.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    assert after.status == status
    assert isinstance(after.latest_charge, stripe.Charge)
    assert after.latest_charge.status == ("succeeded" if outcome == "succeeded" else "failed")
    assert (after.latest_charge.balance_transaction is not None) == (outcome == "succeeded")


def test_the_browser_confirms_with_the_client_secret(standin: Standin) -> None:
    intent = create_intent(standin, metadata={"internal": "yes"})
    path = f"/v1/payment_intents/{intent.id}"
    form = {"payment_method": "pm_card_visa", "client_secret": intent.client_secret}
    answer = standin.raw("POST", f"{path}/confirm", key=PUBLISHABLE_KEY, data=form)
    assert answer.json()["status"] == "succeeded"
    assert {"metadata", "customer", "latest_charge"}.isdisjoint(answer.json())
    seen = standin.raw("GET", path, key=PUBLISHABLE_KEY, params={"client_secret": intent.client_secret})
    assert seen.json()["amount"] == 10_000


@pytest.mark.parametrize("secret", [None, "pi_guess_secret_guess"])
def test_the_browser_needs_the_right_client_secret(standin: Standin, secret: str | None) -> None:
    intent = create_intent(standin)
    form = {"payment_method": "pm_card_visa"} | ({"client_secret": secret} if secret else {})
    answer = standin.raw("POST", f"/v1/payment_intents/{intent.id}/confirm", key=PUBLISHABLE_KEY, data=form)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "client_secret"
    assert standin.v1.payment_intents.retrieve(intent.id).status == "requires_payment_method"
