from __future__ import annotations

from typing import Any

import pytest
import stripe

from .payments import authorised, create_intent, paid
from .process import PUBLISHABLE_KEY, Standin


def refused(standin: Standin, **params: Any) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        create_intent(standin, **params)
    return refusal.value


def declined(standin: Standin, card: str, **params: Any) -> stripe.CardError:
    with pytest.raises(stripe.CardError) as refusal:
        paid(standin, payment_method=card, **params)
    return refusal.value


def test_automatic_capture_pays_at_once(standin: Standin) -> None:
    intent = paid(standin, expand=["latest_charge.balance_transaction"])
    charge = intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert (intent.status, intent.amount_received, intent.amount_capturable) == (
        "succeeded",
        10_000,
        0,
    )
    assert (charge.status, charge.captured, charge.amount_captured) == (
        "succeeded",
        True,
        10_000,
    )
    assert charge.payment_intent == intent.id
    assert isinstance(charge.balance_transaction, stripe.BalanceTransaction)
    assert (charge.balance_transaction.fee, charge.balance_transaction.net) == (
        320,
        9_680,
    )
    assert charge.balance_transaction.source == charge.id
    assert standin.event_types() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


def test_asynchronous_capture_is_the_default_and_books_after_the_answer(
    standin: Standin,
) -> None:
    intent = create_intent(standin, payment_method="pm_card_visa", confirm=True)
    assert intent.capture_method == "automatic_async"
    assert standin.event_types()[-2:] == ["payment_intent.succeeded", "charge.updated"]
    succeeded = standin.v1.events.list({"type": "charge.succeeded"}).data[0]
    assert succeeded.data.object["balance_transaction"] is None
    assert isinstance(intent.latest_charge, str)
    assert (
        standin.v1.charges.retrieve(intent.latest_charge).balance_transaction
        is not None
    )


def test_whole_capture(standin: Standin) -> None:
    intent = authorised(standin)
    assert (intent.amount_capturable, intent.amount_received) == (10_000, 0)
    captured = standin.v1.payment_intents.capture(
        intent.id, {"expand": ["latest_charge.refunds"]}
    )
    assert (captured.status, captured.amount_received, captured.amount_capturable) == (
        "succeeded",
        10_000,
        0,
    )
    assert isinstance(captured.latest_charge, stripe.Charge)
    assert captured.latest_charge.refunds is not None
    assert captured.latest_charge.refunds.data == []
    assert standin.event_types() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "charge.captured",
        "payment_intent.succeeded",
    ]


def test_an_authorised_charge_says_until_when_it_can_be_captured(
    standin: Standin,
) -> None:
    charge = authorised(standin, expand=["latest_charge"]).latest_charge
    assert isinstance(charge, stripe.Charge)
    assert (charge.captured, charge.balance_transaction) == (False, None)
    assert charge.payment_method_details is not None
    assert charge.payment_method_details.card is not None
    assert (
        charge.payment_method_details.card.capture_before == charge.created + 7 * 86_400
    )


def test_partial_capture_releases_the_rest(standin: Standin) -> None:
    intent = authorised(standin)
    captured = standin.v1.payment_intents.capture(
        intent.id,
        {"amount_to_capture": 7_000, "expand": ["latest_charge.balance_transaction"]},
    )
    charge = captured.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert (captured.amount, captured.amount_received, captured.amount_capturable) == (
        10_000,
        7_000,
        0,
    )
    assert (charge.amount, charge.amount_captured, charge.amount_refunded) == (
        10_000,
        7_000,
        3_000,
    )
    assert charge.refunded is False
    assert isinstance(charge.balance_transaction, stripe.BalanceTransaction)
    assert (charge.balance_transaction.amount, charge.balance_transaction.fee) == (
        7_000,
        233,
    )
    release = standin.v1.refunds.list({"charge": charge.id}).data[0]
    assert (release.amount, release.balance_transaction) == (3_000, None)


@pytest.mark.parametrize("amount", [0, -1, 10_001, "1.5", "all"])
def test_capture_refuses_other_amounts(standin: Standin, amount: Any) -> None:
    intent = authorised(standin)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        standin.v1.payment_intents.capture(intent.id, {"amount_to_capture": amount})
    assert refusal.value.param == "amount_to_capture"
    assert standin.v1.payment_intents.retrieve(intent.id).status == "requires_capture"


def test_cancelling_an_authorisation_releases_it(standin: Standin) -> None:
    intent = authorised(standin)
    cancelled = standin.v1.payment_intents.cancel(
        intent.id,
        {"cancellation_reason": "requested_by_customer", "expand": ["latest_charge"]},
    )
    charge = cancelled.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert (cancelled.status, cancelled.amount_capturable) == ("canceled", 0)
    assert cancelled.cancellation_reason == "requested_by_customer"
    assert cancelled.canceled_at is not None
    assert (charge.captured, charge.refunded, charge.amount_refunded) == (
        False,
        True,
        10_000,
    )
    assert standin.v1.balance_transactions.list().data == []
    assert standin.event_types()[-2:] == ["charge.refunded", "payment_intent.canceled"]


def test_cancellation_reason_is_checked(standin: Standin) -> None:
    intent = create_intent(standin)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        standin.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "whim"})
    assert refusal.value.param == "cancellation_reason"


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        (
            "pm_card_chargeDeclinedInsufficientFunds",
            "card_declined",
            "insufficient_funds",
        ),
        (
            "pm_card_visa_chargeDeclinedInsufficientFunds",
            "card_declined",
            "insufficient_funds",
        ),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        (
            "pm_card_chargeDeclinedProcessingError",
            "processing_error",
            "processing_error",
        ),
    ],
)
def test_declined_cards(
    standin: Standin, card: str, code: str, decline_code: str
) -> None:
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
    assert standin.event_types() == [
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
    ]


def test_a_declined_intent_can_be_paid_with_another_card(standin: Standin) -> None:
    error = declined(standin, "pm_card_chargeDeclined")
    assert error.error is not None
    assert error.error.payment_intent is not None
    intent = standin.v1.payment_intents.confirm(
        error.error.payment_intent.id, {"payment_method": "pm_card_visa"}
    )
    assert (intent.status, intent.last_payment_error) == ("succeeded", None)
    assert len(standin.v1.charges.list({"payment_intent": intent.id}).data) == 2


THREE_D_SECURE = [
    "pm_card_threeDSecureRequired",
    "pm_card_threeDSecure2Required",
    "pm_card_authenticationRequired",
    "pm_card_authenticationRequiredOnSetup",
]


@pytest.mark.parametrize("card", THREE_D_SECURE)
@pytest.mark.parametrize(
    ("capture_method", "status"),
    [("automatic", "succeeded"), ("manual", "requires_capture")],
)
def test_authentication_completed(
    standin: Standin, card: str, capture_method: str, status: str
) -> None:
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
    error = declined(
        standin, "pm_card_authenticationRequired", error_on_requires_action=True
    )
    assert error.code == "authentication_required"


def test_a_return_url_makes_it_a_redirect(standin: Standin) -> None:
    intent = paid(
        standin,
        payment_method="pm_card_authenticationRequired",
        return_url="https://site.example/done?x=1",
    )
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
    intent = paid(
        standin,
        payment_method="pm_card_authenticationRequired",
        confirmation_method="manual",
    )
    standin.control("POST", f"/authentications/{intent.id}", {"outcome": "complete"})
    assert (
        standin.v1.payment_intents.retrieve(intent.id).status == "requires_confirmation"
    )
    assert standin.v1.payment_intents.confirm(intent.id).status == "succeeded"


def test_confirming_without_payment_method_is_refused(standin: Standin) -> None:
    intent = create_intent(standin)
    with pytest.raises(
        stripe.InvalidRequestError, match="missing a payment method"
    ) as refusal:
        standin.v1.payment_intents.confirm(intent.id)
    assert refusal.value.code == "payment_intent_unexpected_state"


@pytest.mark.parametrize(
    "methods", [{}, {"automatic_payment_methods": {"enabled": True}}]
)
def test_redirecting_methods_need_a_return_url(
    standin: Standin, methods: dict[str, Any]
) -> None:
    card = {
        "amount": 10_000,
        "currency": "usd",
        "payment_method": "pm_card_visa",
        "confirm": True,
    }
    with pytest.raises(stripe.InvalidRequestError, match="return_url"):
        standin.v1.payment_intents.create({**card, **methods})  # type: ignore[typeddict-item]
    assert standin.v1.payment_intents.list().data == []
    with_url = {**card, **methods, "return_url": "https://site.example/"}
    assert standin.v1.payment_intents.create(with_url).status == "succeeded"  # type: ignore[arg-type]


def test_listed_types_need_no_return_url(standin: Standin) -> None:
    card = {
        "amount": 10_000,
        "currency": "usd",
        "payment_method": "pm_card_visa",
        "confirm": True,
    }
    intent = standin.v1.payment_intents.create(
        {**card, "payment_method_types": ["card"]}
    )  # type: ignore[typeddict-item]
    assert (intent.status, intent.automatic_payment_methods) == ("succeeded", None)


def test_types_and_automatic_methods_exclude_each_other(standin: Standin) -> None:
    assert "only specify one" in str(refused(standin, payment_method_types=["card"]))


@pytest.mark.parametrize("amount", [0, -100, "12.50", "ten", 10**20])
def test_senseless_amounts_are_refused(standin: Standin, amount: Any) -> None:
    error = refused(standin, amount=amount)
    assert (error.http_status, error.param, error.code) == (
        400,
        "amount",
        "parameter_invalid_integer",
    )


@pytest.mark.parametrize(
    ("currency", "smallest"), [("usd", 50), ("gbp", 30), ("jpy", 50)]
)
def test_limits_of_amounts(standin: Standin, currency: str, smallest: int) -> None:
    for amount in (smallest, 99_999_999):
        assert create_intent(standin, amount=amount, currency=currency).amount == amount
    assert (
        refused(standin, amount=smallest - 1, currency=currency).code
        == "amount_too_small"
    )
    assert (
        refused(standin, amount=100_000_000, currency=currency).code
        == "amount_too_large"
    )


def test_three_decimal_amounts_go_in_tens(standin: Standin) -> None:
    assert create_intent(standin, amount=1_230, currency="kwd").amount == 1_230
    assert refused(standin, amount=1_235, currency="kwd").param == "amount"


def test_zero_decimal_amounts_are_whole_units(standin: Standin) -> None:
    intent = paid(
        standin,
        amount=5_000,
        currency="jpy",
        expand=["latest_charge.balance_transaction"],
    )
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert isinstance(
        intent.latest_charge.balance_transaction, stripe.BalanceTransaction
    )
    assert intent.latest_charge.balance_transaction.net == 5_000 - 145 - 30
    with pytest.raises(stripe.InvalidRequestError, match=r"¥6,000.*¥5,000"):
        standin.v1.refunds.create({"payment_intent": intent.id, "amount": 6_000})


@pytest.mark.parametrize("currency", ["xyz", "us", "dollar"])
def test_unknown_currencies_are_refused(standin: Standin, currency: str) -> None:
    assert refused(standin, currency=currency).param == "currency"


def test_currencies_are_kept_in_lower_case(standin: Standin) -> None:
    assert create_intent(standin, currency="EUR").currency == "eur"


def test_what_describes_a_payment_is_kept_and_reaches_the_charge(
    standin: Standin,
) -> None:
    intent = paid(
        standin,
        description="Milestone 1",
        metadata={"order": "7"},
        receipt_email="client@example.com",
        statement_descriptor_suffix="ORDER 7",
        transfer_group="order_7",
        expand=["latest_charge"],
    )
    charge = intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    for kept in (intent, charge):
        assert kept.description == "Milestone 1"
        assert kept.metadata.to_dict() == {"order": "7"}
        assert kept.receipt_email == "client@example.com"
        assert kept.statement_descriptor_suffix == "ORDER 7"
        assert kept.transfer_group == "order_7"


def test_card_payments_take_no_whole_statement_descriptor(standin: Standin) -> None:
    error = refused(
        standin,
        statement_descriptor="MARKET",
        payment_method="pm_card_visa",
        confirm=True,
    )
    assert error.param == "statement_descriptor"


@pytest.mark.parametrize(
    "name", ["off_session", "return_url", "error_on_requires_action"]
)
def test_parameters_of_a_confirmation_need_one(standin: Standin, name: str) -> None:
    value = "https://site.example/" if name == "return_url" else True
    assert "`confirm` is set to `true`" in str(refused(standin, **{name: value}))


def test_unknown_parameters_are_refused(standin: Standin) -> None:
    error = refused(standin, colour="red")
    assert (error.code, error.param, error.http_status) == (
        "parameter_unknown",
        "colour",
        400,
    )
    error = refused(
        standin, automatic_payment_methods={"enabled": True, "colour": "red"}
    )
    assert error.param == "automatic_payment_methods[colour]"


def test_missing_parameters_are_refused(standin: Standin) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        standin.v1.payment_intents.create({"amount": 1_000})  # type: ignore[typeddict-item]
    assert (refusal.value.code, refusal.value.param) == (
        "parameter_missing",
        "currency",
    )


def test_unknown_customer_and_payment_method_are_refused(standin: Standin) -> None:
    error = refused(standin, customer="cus_nobody")
    assert (error.http_status, error.code, error.param) == (
        400,
        "resource_missing",
        "customer",
    )
    error = refused(standin, payment_method="pm_nothing")
    assert (error.http_status, error.code, error.param) == (
        400,
        "resource_missing",
        "payment_method",
    )


def test_update_changes_only_what_is_given(standin: Standin) -> None:
    intent = create_intent(standin, metadata={"a": "1", "b": "2"}, description="first")
    updated = standin.v1.payment_intents.update(
        intent.id, {"metadata": {"b": "", "c": "3"}, "amount": 4_200}
    )
    assert updated.metadata.to_dict() == {"a": "1", "c": "3"}
    assert (updated.amount, updated.description) == (4_200, "first")


def test_update_with_a_payment_method_makes_it_confirmable(standin: Standin) -> None:
    intent = create_intent(standin)
    updated = standin.v1.payment_intents.update(
        intent.id, {"payment_method": "pm_card_visa"}
    )
    assert updated.status == "requires_confirmation"


def test_texts_of_a_paid_intent_can_still_change(standin: Standin) -> None:
    intent = paid(standin)
    assert (
        standin.v1.payment_intents.update(
            intent.id, {"description": "later"}
        ).description
        == "later"
    )


def test_a_payment_method_that_nobody_saved_works_once(standin: Standin) -> None:
    method = standin.v1.payment_methods.create(
        {"type": "card", "card": {"token": "tok_visa"}}
    )
    paid(standin, payment_method=method.id)
    assert "may not be used again" in str(refused(standin, payment_method=method.id))


def test_a_saved_payment_method_needs_its_customer(standin: Standin) -> None:
    owner, other = standin.v1.customers.create({}), standin.v1.customers.create({})
    method = standin.v1.payment_methods.attach("pm_card_visa", {"customer": owner.id})
    assert "include the Customer" in str(refused(standin, payment_method=method.id))
    assert "does not belong" in str(
        refused(standin, payment_method=method.id, customer=other.id)
    )
    for _ in range(2):
        assert (
            paid(standin, payment_method=method.id, customer=owner.id).status
            == "succeeded"
        )


def test_setup_future_usage_saves_the_card(standin: Standin) -> None:
    customer = standin.v1.customers.create({})
    intent = paid(standin, customer=customer.id, setup_future_usage="off_session")
    saved = standin.v1.customers.payment_methods.list(customer.id).data
    assert [method.id for method in saved] == [intent.payment_method]
    assert "payment_method.attached" in standin.event_types()


def test_a_card_set_up_once_is_charged_without_the_person(standin: Standin) -> None:
    customer = standin.v1.customers.create({})
    card = "pm_card_authenticationRequiredOnSetup"
    first = paid(
        standin,
        customer=customer.id,
        payment_method=card,
        setup_future_usage="off_session",
    )
    standin.control("POST", f"/authentications/{first.id}", {"outcome": "complete"})
    method = standin.v1.payment_intents.retrieve(first.id).payment_method
    again = paid(standin, customer=customer.id, payment_method=method, off_session=True)
    assert again.status == "succeeded"


@pytest.mark.parametrize(
    ("outcome", "status"),
    [("succeeded", "succeeded"), ("failed", "requires_payment_method")],
)
def test_a_processing_payment_settles_later(
    standin: Standin, outcome: str, status: str
) -> None:
    intent = paid(standin, payment_method="pm_usBankAccount_success")
    assert (intent.status, intent.amount_received) == ("processing", 0)
    standin.control(
        "POST", f"/payment_intents/{intent.id}/settle", {"outcome": outcome}
    )
    after = standin.v1.payment_intents.retrieve(
        intent.id, {"expand": ["latest_charge"]}
    )
    assert after.status == status
    assert isinstance(after.latest_charge, stripe.Charge)
    assert after.latest_charge.status == (
        "succeeded" if outcome == "succeeded" else "failed"
    )
    assert (after.latest_charge.balance_transaction is not None) == (
        outcome == "succeeded"
    )


def test_the_browser_confirms_with_the_client_secret(standin: Standin) -> None:
    intent = create_intent(standin, metadata={"internal": "yes"})
    path = f"/v1/payment_intents/{intent.id}"
    form = {"payment_method": "pm_card_visa", "client_secret": intent.client_secret}
    answer = standin.raw("POST", f"{path}/confirm", key=PUBLISHABLE_KEY, data=form)
    assert answer.json()["status"] == "succeeded"
    assert {"metadata", "customer", "latest_charge"}.isdisjoint(answer.json())
    seen = standin.raw(
        "GET", path, key=PUBLISHABLE_KEY, params={"client_secret": intent.client_secret}
    )
    assert seen.json()["amount"] == 10_000


@pytest.mark.parametrize("secret", [None, "pi_guess_secret_guess"])
def test_the_browser_needs_the_right_client_secret(
    standin: Standin, secret: str | None
) -> None:
    intent = create_intent(standin)
    form = {"payment_method": "pm_card_visa"} | (
        {"client_secret": secret} if secret else {}
    )
    answer = standin.raw(
        "POST",
        f"/v1/payment_intents/{intent.id}/confirm",
        key=PUBLISHABLE_KEY,
        data=form,
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "client_secret"
    assert (
        standin.v1.payment_intents.retrieve(intent.id).status
        == "requires_payment_method"
    )
