"""The PayPal adapter against the stand-in: orders, refunds, what moved, tokens, lost answers."""

from datetime import timedelta

import pytest

from core.errors import Unavailable
from core.money import Money
from payments import providers
from payments.errors import IntentGone, ProviderRefused
from payments.providers import PAYMENT_KEY, REFUND_KEY, Intent, PayPalProvider
from payments.providers.paypal_reading import read_movement
from payments.tests.paypal_process import TEN, TOKEN, Standin, adapter, make_adapter, make_order, standin

__all__ = ["adapter", "standin"]  # fixtures


def taken(adapter: PayPalProvider, standin: Standin, amount: Money = TEN, *, funding: str = "balance") -> Intent:
    order = make_order(adapter, amount)
    standin.approve(order.id, funding)
    return adapter.confirm_intent(order.id, key="take-1", payment_method="")


def test_an_order_from_start_to_taken(adapter: PayPalProvider, standin: Standin) -> None:
    order = make_order(adapter)
    assert (order.status, order.amount_minor, order.currency) == ("requires_action", 10_00, "USD")
    assert order.approval_url == f"{standin.url}/checkoutnow?token={order.id}"
    assert order.metadata == {PAYMENT_KEY: TOKEN}
    standin.approve(order.id)
    assert adapter.retrieve_intent(order.id).status == "requires_confirmation"
    paid = adapter.confirm_intent(order.id, key="take-1", payment_method="")
    assert (paid.status, paid.received_minor, paid.method_label) == ("succeeded", 10_00, "PayPal buyer@example.com")
    assert adapter.retrieve_intent(order.id) == paid
    assert adapter.confirm_intent(order.id, key="take-2", payment_method="") == paid  # once is enough


def test_the_buyer_comes_back_to_our_pages(adapter: PayPalProvider, standin: Standin) -> None:
    order = make_order(adapter)
    left = standin.http.post(f"/checkoutnow?token={order.id}", data={"decision": "cancel"})
    assert left.headers["Location"] == f"https://site.test/pay/left/{TOKEN}/?token={order.id}"
    assert adapter.retrieve_intent(order.id).status == "requires_action"
    agreed = standin.http.post(f"/checkoutnow?token={order.id}", data={"decision": "approve", "funding": "balance"})
    assert agreed.headers["Location"].startswith(f"https://site.test/pay/approved/{TOKEN}/?token={order.id}&PayerID=")


def test_the_same_key_is_the_same_order(adapter: PayPalProvider) -> None:
    assert make_order(adapter).id == make_order(adapter).id


def test_what_was_not_agreed_to_is_refused_as_an_answer(adapter: PayPalProvider) -> None:
    refused = adapter.confirm_intent(make_order(adapter).id, key="take-1", payment_method="")
    assert (refused.status, refused.failure_code) == ("requires_payment_method", "order_not_approved")
    assert "not approved" in refused.failure_message


def test_a_declined_instrument_can_be_changed(adapter: PayPalProvider, standin: Standin) -> None:
    declined = taken(adapter, standin, funding="declined_card")
    assert (declined.status, declined.failure_code) == ("requires_payment_method", "instrument_declined")
    assert "Choose another way there" in declined.failure_message
    standin.approve(declined.id)
    assert adapter.confirm_intent(declined.id, key="take-2", payment_method="").status == "succeeded"


@pytest.mark.parametrize(("outcome", "status"), [("completed", "succeeded"), ("failed", "canceled")])
def test_a_bank_account_takes_its_time(adapter: PayPalProvider, standin: Standin, outcome: str, status: str) -> None:
    waiting = taken(adapter, standin, funding="echeck")
    assert (waiting.status, waiting.received_minor) == ("processing", 0)
    events = standin.http.get("/standin/events").json()["data"]
    standin.control(f"/captures/{events[-1]['resource']['id']}/settle", {"outcome": outcome})
    assert adapter.retrieve_intent(waiting.id).status == status


@pytest.mark.parametrize("amount", [Money(500, "JPY"), Money(1_000_00, "HUF"), Money(19_99, "EUR")])
def test_currencies_with_and_without_decimals(adapter: PayPalProvider, standin: Standin, amount: Money) -> None:
    paid = taken(adapter, standin, amount)
    assert (paid.received_minor, paid.currency) == (amount.minor, amount.currency)


def test_a_currency_that_paypal_does_not_take(adapter: PayPalProvider) -> None:
    with pytest.raises(ProviderRefused, match="Currency code"):
        make_order(adapter, Money(1_250, "KWD"))


@pytest.mark.parametrize("part", [None, Money(4_00, "USD")])
def test_authorising_and_taking(adapter: PayPalProvider, standin: Standin, part: Money | None) -> None:
    order = make_order(adapter, manual=True)
    standin.approve(order.id)
    assert adapter.confirm_intent(order.id, key="take-1", payment_method="").status == "requires_capture"
    for _ in range(2):  # the second time it is found done
        paid = adapter.capture_intent(order.id, key=f"capture-{_}", amount=part)
        assert (paid.status, paid.received_minor) == ("succeeded", part.minor if part else 10_00)
    assert adapter.cancel_intent(order.id, key="void").status == "succeeded"  # too late


def test_freeing_what_is_authorised(adapter: PayPalProvider, standin: Standin) -> None:
    order = make_order(adapter, manual=True)
    standin.approve(order.id)
    adapter.confirm_intent(order.id, key="take-1", payment_method="")
    for number in range(2):
        assert adapter.cancel_intent(order.id, key=f"void-{number}").status == "canceled"
    assert adapter.capture_intent(order.id, key="capture", amount=None).status == "canceled"


def test_refunds_in_parts_up_to_what_was_taken(adapter: PayPalProvider, standin: Standin) -> None:
    paid = taken(adapter, standin)

    def refund(reference: str, minor: int) -> providers.ProviderRefund:
        key = f"refund-{TOKEN}-{reference}"
        return adapter.create_refund(key=key, intent_id=paid.id, amount=Money(minor, "USD"), reference=reference)

    first = refund("1-1", 4_00)
    assert (first.status, first.amount_minor, first.metadata[REFUND_KEY]) == ("succeeded", 4_00, "1-1")
    assert refund("1-1", 4_00).id == first.id  # the same key
    assert adapter.retrieve_refund(first.id).status == "succeeded"
    assert adapter.find_refund(paid.id, reference="1-1") == first
    assert adapter.find_refund(paid.id, reference="1-2") is None
    too_much = refund("2-1", 6_01)
    assert (too_much.id, too_much.status) == ("", "failed")
    assert "less than or equal" in too_much.failure_message
    assert refund("3-1", 6_00).status == "succeeded"
    assert adapter.retrieve_intent(paid.id).received_minor == 10_00


def test_a_refund_of_what_was_not_taken_fails(adapter: PayPalProvider) -> None:
    refund = adapter.create_refund(key="r", intent_id=make_order(adapter).id, amount=TEN, reference="1-1")
    assert (refund.id, refund.status) == ("", "failed")


@pytest.mark.parametrize(("outcome", "status"), [("completed", "succeeded"), ("failed", "failed")])
def test_a_refund_may_take_time(adapter: PayPalProvider, standin: Standin, outcome: str, status: str) -> None:
    waiting = taken(adapter, standin, funding="echeck")
    capture = standin.http.get("/standin/events").json()["data"][-1]["resource"]["id"]
    standin.control(f"/captures/{capture}/settle", {"outcome": "completed"})
    refund = adapter.create_refund(key="r", intent_id=waiting.id, amount=TEN, reference="1-1")
    assert refund.status == "pending"
    standin.control(f"/refunds/{refund.id}/settle", {"outcome": outcome})
    assert adapter.retrieve_refund(refund.id).status == status


def test_what_moved_is_listed_with_its_fee_and_our_mark(
    adapter: PayPalProvider, standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    intent = taken(adapter, standin)
    refund = adapter.create_refund(key="refund-1", intent_id=intent.id, amount=Money(4_00, "USD"), reference="1-1")
    monkeypatch.setattr("payments.providers.paypal.PAGE_SIZE", 1)
    charged, refunded = adapter.balance_transactions(None)
    assert (charged.type, charged.amount_minor, charged.fee_minor, charged.net_minor) == ("charge", 10_00, 35, 9_65)
    assert (charged.parent_id, charged.currency) == (TOKEN, "USD")
    assert (refunded.type, refunded.amount_minor, refunded.source_id) == ("refund", -4_00, refund.id)
    assert adapter.balance_transactions(charged.created_at + timedelta(days=1)) == []


def test_what_is_not_settled_has_not_moved(adapter: PayPalProvider, standin: Standin) -> None:
    taken(adapter, standin, funding="echeck")
    assert adapter.balance_transactions(None) == []


@pytest.mark.parametrize(
    ("code", "status", "type"),
    [
        ("T0006", "S", "charge"),
        ("T1107", "S", "refund"),
        ("T1106", "S", "adjustment"),
        ("T1201", "S", "adjustment"),
        ("T0106", "S", "paypal_fee"),
        ("T0400", "S", "payout"),
        ("T0300", "S", "topup"),
        ("T9900", "S", "T9900"),
        ("T0006", "P", None),
        ("T1503", "S", None),
    ],
)
def test_the_words_for_movements(code: str, status: str, type: str | None) -> None:
    moved = read_movement(
        {
            "transaction_id": "1",
            "transaction_event_code": code,
            "transaction_status": status,
            "transaction_amount": {"currency_code": "USD", "value": "-1.00"},
            "transaction_initiation_date": "2026-11-01T10:00:00+0000",
        }
    )
    assert (moved and moved.type) == type


def test_an_order_that_is_not_there(adapter: PayPalProvider) -> None:
    with pytest.raises(IntentGone):
        adapter.retrieve_intent("5O190127TN364715T")


def test_one_token_serves_many_calls_and_is_renewed_when_it_ends(adapter: PayPalProvider, standin: Standin) -> None:
    order = make_order(adapter)
    adapter.retrieve_intent(order.id)
    assert standin.asked("/v1/oauth2/token") == 1
    standin.control("/tokens/forget")
    assert adapter.retrieve_intent(order.id).id == order.id
    assert standin.asked("/v1/oauth2/token") == 2


def test_wrong_credentials_are_no_answer_about_a_payment(standin: Standin) -> None:
    with pytest.raises(Unavailable):
        make_order(make_adapter(standin.url, secret=""))


@pytest.mark.parametrize("action", ["drop_before", "drop_after", "error_before", "error_after"])
def test_an_unknown_outcome_is_unavailable_and_can_be_repeated(
    adapter: PayPalProvider, standin: Standin, action: str
) -> None:
    order = make_order(adapter)
    standin.approve(order.id)
    standin.fault(action, f"/v2/checkout/orders/{order.id}/capture")
    with pytest.raises(Unavailable):
        adapter.confirm_intent(order.id, key="take-1", payment_method="")
    paid = adapter.confirm_intent(order.id, key="take-1", payment_method="")
    assert (paid.status, paid.received_minor) == ("succeeded", 10_00)


@pytest.mark.parametrize("action", ["drop_after", "error_before"])
def test_a_short_failure_is_not_seen(standin: Standin, action: str) -> None:
    adapter = make_adapter(standin.url)  # which tries again
    order = make_order(adapter)
    standin.approve(order.id)
    standin.fault(action, f"/v2/checkout/orders/{order.id}/capture")
    assert adapter.confirm_intent(order.id, key="take-1", payment_method="").status == "succeeded"


def test_a_twin_that_is_being_answered_is_an_unknown_outcome(adapter: PayPalProvider, standin: Standin) -> None:
    order, other = make_order(adapter), make_order(adapter, token=TOKEN.replace("6", "7"))
    for one in (order, other):
        standin.approve(one.id)
    adapter.confirm_intent(order.id, key="take-1", payment_method="")
    with pytest.raises(Unavailable):
        adapter.confirm_intent(other.id, key="take-1", payment_method="")


def test_nobody_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        make_adapter("http://127.0.0.1:9").retrieve_intent("X")


def test_a_movement_in_a_currency_that_we_do_not_deal_in_is_none_of_ours() -> None:
    """Anybody can send money to our address; the books of all other currencies are still compared."""
    sent = {"currency_code": "TWD", "value": "100.00"}
    assert (
        read_movement({"transaction_event_code": "T0000", "transaction_status": "S", "transaction_amount": sent})
        is None
    )
